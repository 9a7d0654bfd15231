"""References into a reader's own shelf: papers of the library into a collection, all others as private entries.

Which paper of the library a reference means is decided as for imports (:mod:`coolpapers.papers.identity.verdicts`), and
nothing is written into the library: other readers cannot find what a reader uploaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.models import User

from coolpapers.feeding.models import PrivateEntry
from coolpapers.papers.importing.candidates import IncomingRecord
from coolpapers.papers.importing.pairs import load_decisions
from coolpapers.papers.importing.works import WorkFinder
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records.record import Item, Record, Refusal
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.renamed_keys import import_writes
from coolpapers.people.state.writes import Write

_BATCH = 500


@dataclass(slots=True)
class Shelved:
    """What became of references. ``entries`` are the new private ones."""

    n_read: int = 0
    n_matched: int = 0
    entries: list[PrivateEntry] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def shelve(items: Iterable[Item], *, owner: User, name: str, now_ms: int) -> Shelved:
    """Put references into the collection ``name`` and among the private entries of an account. Idempotent."""
    shelved = Shelved()
    keys: dict[str, None] = {}
    records = []
    for item in items:
        shelved.n_read += 1
        if isinstance(item, Refusal):
            shelved.refusals.append(item)
        elif isinstance(item, Record):
            records.append(item)
    for start in range(0, len(records), _BATCH):
        batch = list({record.key: record for record in records[start : start + _BATCH]}.values())
        matched = match_records(batch)
        keys |= dict.fromkeys(matched.values())
        for record in batch:
            if record.key not in matched:
                entry, is_new = _store_entry(record, owner)
                shelved.entries += [entry] if is_new else []
    shelved.n_matched = len(keys)
    if keys:
        import_writes(owner, list(_collection(name, list(keys), now_ms)))
    return shelved


def match_records(records: Sequence[Record]) -> Mapping[str, str]:
    """Keys of the library's papers by the keys of records that describe them."""
    stored = PaperSource.objects.filter(key__in=[record.key for record in records])
    papers = dict(stored.values_list("key", "paper_id"))
    fresh = [IncomingRecord.of(record) for record in records if record.key not in papers]
    for plan in WorkFinder(decisions=load_decisions()).plan(fresh):
        if plan.paper_id is not None:
            papers |= {incoming.record.key: plan.paper_id for incoming in plan.incoming}
    paper_keys = dict(Paper.objects.filter(pk__in=set(papers.values())).values_list("pk", "key"))
    return {key: paper_keys[pk] for key, pk in papers.items() if pk in paper_keys}


def _store_entry(record: Record, owner: User) -> tuple[PrivateEntry, bool]:
    values = {
        "title": record.title,
        "authors": list(record.authors),
        "year": record.year,
        "container": record.venue_text or record.journal_ref[:400],
        "doi": record.doi,
        "url": record.page_url,
    }
    return PrivateEntry.objects.get_or_create(owner=owner, key=record.key, defaults=values)


def _collection(name: str, keys: Sequence[str], now_ms: int) -> Iterable[Write]:
    """A collection of the file's name; uploading the file again changes the same one."""
    title = " ".join(Path(name).stem.split())[:120] or "upload"
    ident = f"upload-{hashlib.sha256(title.encode()).hexdigest()[:12]}"
    yield Write(Kind.COLLECTION, ident, now_ms, {"name": title, "note": ""})
    for position, key in enumerate(keys):
        yield Write(Kind.MEMBER, f"{ident}/{key}", now_ms, {"position": position, "note": ""})
