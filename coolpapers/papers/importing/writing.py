"""Batches of records written into the catalogue; :mod:`.services` decides what a batch is and opens the transaction.

One batch: look the records' keys up and leave out what is unchanged; find each other record's work (:mod:`.works`);
make the content of each touched work from all its records (:mod:`coolpapers.papers.records.merging`); write rows in
bulk (:mod:`.rows`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from coolpapers.papers.importing.candidates import IncomingRecord
from coolpapers.papers.importing.pairs import close_joined, load_decisions, save_doubtful
from coolpapers.papers.importing.regrouping import apply_plans
from coolpapers.papers.importing.rows import PaperContent, PaperTables, SourceState, with_versions
from coolpapers.papers.importing.tables import select_in
from coolpapers.papers.importing.works import PlannedWork, WorkFinder
from coolpapers.papers.models import PaperSource, Tombstone, draw_revisions
from coolpapers.papers.records.merging import Described, merge_contents, merge_versions
from coolpapers.papers.records.record import Deletion, Record


@dataclass(slots=True)
class BatchCounts:
    """What became of a batch's records.

    ``skipped`` changed nothing; ``repeated`` had a key that came before in the run, with other content;
    ``reused`` holds records with the key of another paper of the library, and that paper's title.
    """

    added: int = 0
    changed: int = 0
    skipped: int = 0
    repeated: list[Record] = field(default_factory=list)
    reused: list[tuple[Record, str]] = field(default_factory=list)


class BatchWriter:
    """Writes one batch after another; ``now`` becomes the time of created and modified rows."""

    def __init__(self, *, now: datetime) -> None:
        self._tables = PaperTables(now=now)
        self._now = now
        self._decisions = load_decisions()

    def write(self, items: Sequence[Record | Deletion], *, seen: Container[str] | None = None) -> BatchCounts:
        """Write one batch.

        ``seen`` holds keys of this run's earlier batches: a record of such a key, or of one earlier in the batch, must
        have the same content. With None the later record replaces the earlier.
        """
        counts = BatchCounts()
        stored = _stored_records({item.key for item in items})
        fresh, changed, deleted = _sort_out(items, stored, seen, counts)
        if not (fresh or changed or deleted):
            return counts
        finder = WorkFinder(decisions=self._decisions)
        changed_by_key = {incoming.record.key: (incoming, stored[incoming.record.key].paper_id) for incoming in changed}
        plans = finder.plan(fresh, changed=changed_by_key)
        counts.reused = [(changed_by_key[key][0].record, title) for key, title in finder.reused.items()]
        self._add([plan for plan in plans if plan.is_new], counts)
        taken_back = {key: stored[key].paper_id for key in deleted}
        self._change([plan for plan in plans if not plan.is_new], taken_back, counts)
        save_doubtful(finder.doubtful)
        close_joined([[node.key for node in plan.nodes] for plan in plans])
        return counts

    def _add(self, plans: Sequence[PlannedWork], counts: BatchCounts) -> None:
        if not plans:
            return
        works = {plan.key: plan.incoming for plan in plans}
        Tombstone.objects.filter(key__in=works).delete()  # a paper that was deleted and comes back is not gone
        contents = {key: _new_content(records) for key, records in works.items()}
        ids = self._tables.insert_papers(contents, first_revision=draw_revisions(len(works)))
        self._tables.insert_sources(
            (_source_state(ids[key], incoming, several=len(records) > 1), incoming.record)
            for key, records in works.items()
            for incoming in records
        )
        self._tables.insert_versions(
            (ids[key], version)
            for key, records in works.items()
            for version in merge_versions(incoming.record.versions for incoming in records)
        )
        counts.added += len(works)
        counts.skipped += sum(len(records) - 1 for records in works.values())

    def _change(self, plans: Sequence[PlannedWork], deleted: Mapping[str, int], counts: BatchCounts) -> None:
        planned = {plan.paper_id for plan in plans} | {pk for plan in plans for pk in plan.absorbed}
        plans = [*plans, *(PlannedWork([], paper_id) for paper_id in set(deleted.values()) - planned)]
        regrouped = apply_plans(plans, tables=self._tables, now=self._now, deleted=deleted)
        counts.changed += regrouped.written
        counts.skipped += regrouped.unchanged


def _sort_out(
    items: Iterable[Record | Deletion],
    stored: Mapping[str, _StoredRecord],
    seen: Container[str] | None,
    counts: BatchCounts,
) -> tuple[list[IncomingRecord], list[IncomingRecord], list[str]]:
    """Records of unknown keys, records that changed, keys of deleted records; the rest is counted."""
    waiting: dict[str, IncomingRecord] = {}
    deleted: set[str] = set()
    batch_keys: set[str] = set()
    for item in items:
        row = stored.get(item.key)
        if isinstance(item, Deletion):
            counts.skipped += waiting.pop(item.key, None) is not None
            if row is None or not row.content_hash:
                counts.skipped += 1
            else:
                deleted.add(item.key)
            continue
        incoming = IncomingRecord.of(item)
        earlier = waiting.get(item.key)
        known_hash = earlier.content_hash if earlier else row.content_hash if row else None
        is_repeated = seen is not None and (item.key in batch_keys or item.key in seen)
        batch_keys.add(item.key)
        if known_hash == incoming.content_hash:
            counts.skipped += 1
        elif known_hash is not None and is_repeated:
            counts.repeated.append(item)
        else:
            counts.skipped += earlier is not None
            deleted.discard(item.key)
            waiting[item.key] = incoming
    fresh = [incoming for key, incoming in waiting.items() if key not in stored]
    return fresh, [incoming for key, incoming in waiting.items() if key in stored], sorted(deleted)


@dataclass(slots=True)
class _StoredRecord:
    paper_id: int
    content_hash: str


def _stored_records(keys: Iterable[str]) -> dict[str, _StoredRecord]:
    rows = select_in(PaperSource, ("key", "paper", "content_hash"), "key", keys)
    return {key: _StoredRecord(paper_id, content_hash) for key, paper_id, content_hash in rows}


def _new_content(records: Sequence[IncomingRecord]) -> PaperContent:
    if len(records) == 1 and not records[0].record.versions:
        only = records[0]
        return PaperContent(only.content, only.keys.match, only.content_hash)
    return PaperContent.of(
        merge_contents(Described(incoming.record.key, incoming.record.source, incoming.content) for incoming in records)
    )


def _source_state(paper_id: int, incoming: IncomingRecord, *, several: bool) -> SourceState:
    record = with_versions(incoming.content, incoming.record.versions) if several else None
    keys = incoming.keys
    return SourceState(paper_id, incoming.content_hash, record, keys.title, keys.authors, incoming.doi)
