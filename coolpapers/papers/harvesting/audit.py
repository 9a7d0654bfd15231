"""What a source lists and the library lacks, per day and category. Start at :func:`audit`.

A listing is a file of ids, any file that a source reads, saved OAI-PMH answers, or a repository asked now
(:func:`list_repository`). The day is the one the listing tells: of the announcement in files, of the last change in
OAI-PMH.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from coolpapers.papers.errors import UnknownFormat
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.harvesting.harvest import HarvestRequest
from coolpapers.papers.harvesting.oai_pages import Listed, iter_listed, malformed, next_token
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records.record import Deletion, Record
from coolpapers.papers.sources.arxiv.oai import category_of_set, local_key
from coolpapers.papers.sources.base import HEAD_BYTES, decompressed
from coolpapers.papers.sources.registry import paper_sources, recognise
from search.vocabulary.categories import fold_category
from search.vocabulary.identifiers import alternatives, parse_identifier

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper that a listing has; day and categories where it tells them."""

    key: str
    day: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry of a listing that names no paper: where it stands and what is wrong with it."""

    reason: str


@dataclass(slots=True)
class Row:
    """One day and category of a listing."""

    n_listed: int = 0
    missing: list[str] = field(default_factory=list)

    @property
    def n_held(self) -> int:
        return self.n_listed - len(self.missing)


@dataclass(slots=True)
class AuditReport:
    """``rows`` by (day, category), both empty where the listing tells nothing; ``missing`` names each paper once."""

    rows: dict[tuple[str, str], Row] = field(default_factory=lambda: defaultdict(Row))
    n_listed: int = 0
    missing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)  # entries that name no paper, each with its place


def audit(entries: Iterable[Entry | Unreadable], *, categories: Sequence[str] = ()) -> AuditReport:
    """Compare a listing with the library; with ``categories``, only the papers listed in one of them."""
    wanted = {fold_category(code) for code in categories}
    report = AuditReport()
    iterator = iter(entries)
    while batch := list(islice(iterator, _BATCH)):
        report.unreadable += [entry.reason for entry in batch if isinstance(entry, Unreadable)]
        readable = [entry for entry in batch if isinstance(entry, Entry)]
        chosen = [entry for entry in readable if not wanted or wanted.intersection(entry.categories)]
        held = _held({entry.key for entry in chosen})
        for entry in chosen:
            _count(report, entry, is_held=entry.key in held, wanted=wanted)
    return report


def read_listing(path: Path, raw: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Entries of a listing in a file; what names no paper is told with its place, and the rest is read on.

    Raises
    ------
    SourceFormatError
        If the file is damaged.
    """
    head = getattr(raw, "peek", raw.read)(HEAD_BYTES)[:HEAD_BYTES]
    with decompressed(raw) as stream:
        if b"<OAI-PMH" in head:
            yield from _entries_of_headers(iter_listed(stream))
            return
        try:
            alias = recognise(path, head)
        except UnknownFormat:
            yield from _read_ids(stream, path.name)
            return
        for item in paper_sources[alias].read(stream, name=path.name):
            if isinstance(item, Record):
                day = item.announced or item.submitted
                yield Entry(item.key, day.isoformat() if day else "", item.categories)
            elif not isinstance(item, Deletion):
                yield Unreadable(str(item))


def list_repository(request: HarvestRequest, *, client: PoliteClient) -> Iterator[Entry]:
    """Entries of an OAI-PMH repository, asked with ListIdentifiers; raises as :func:`.harvest.harvest` does."""
    params = {**request.params, "verb": "ListIdentifiers"}
    while True:
        data = client.get(request.base_url, params, accept=malformed)
        yield from _entries_of_headers(iter_listed(io.BytesIO(data)))
        token = next_token(data)
        if not token:
            return
        params = {"verb": "ListIdentifiers", "resumptionToken": token}


def _entries_of_headers(headers: Iterable[Listed]) -> Iterator[Entry]:
    """Deleted records are nothing to have."""
    for header in headers:
        if not header.is_deleted:
            codes = (category_of_set(spec) for spec in header.sets)
            yield Entry(
                header.key, header.datestamp, tuple(dict.fromkeys(fold_category(code) for code in codes if code))
            )


def _read_ids(stream: BinaryIO, name: str) -> Iterator[Entry | Unreadable]:
    """One id a line; blank lines and comments after # are passed over."""
    for number, line in enumerate(stream, start=1):
        text = line.decode("utf-8", errors="replace").partition("#")[0].strip()
        if not text:
            continue
        found = parse_identifier(text)
        if found is None:
            yield Unreadable(f"{name}, line {number}: {text[:60]!r} is not the id of a paper.")
        else:
            yield Entry(found.key)


def _held(keys: set[str]) -> set[str]:
    """Those of the keys that the library has, under this key or as the same arXiv id, DOI or registry entry.

    Records of another library of this software have the key that they have there, the local id of the identifier.
    """
    stored = set(PaperSource.objects.filter(key__in=keys | set(map(local_key, keys))).values_list("key", flat=True))
    held = {key for key in keys if key in stored or local_key(key) in stored}
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key in keys - held:
        found = parse_identifier(key)
        for identifier in (found, *alternatives(found)) if found else ():
            names[identifier.source, identifier.value].add(key)
    idents = {ident for _, ident in names}
    known = set(PaperSource.objects.filter(ident__in=idents).values_list("source", "ident"))
    known |= {
        ("arxiv", value) for value in Paper.objects.filter(arxiv_id__in=idents).values_list("arxiv_id", flat=True)
    }
    known |= {("doi", value) for value in Paper.objects.filter(doi__in=idents).values_list("doi", flat=True)}
    for name in known & names.keys():
        held |= names[name]
    return held


def _count(report: AuditReport, entry: Entry, *, is_held: bool, wanted: set[str]) -> None:
    report.n_listed += 1
    if not is_held:
        report.missing.append(entry.key)
    codes = [code for code in entry.categories if not wanted or code in wanted] or [""]
    for code in codes:
        row = report.rows[entry.day, code]
        row.n_listed += 1
        if not is_held:
            row.missing.append(entry.key)
