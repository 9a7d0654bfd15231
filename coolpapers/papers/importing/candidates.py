"""Records that may describe one work: what they are found by, and those of the library.

Start at :class:`Node` and :class:`LibraryRecords`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from coolpapers.papers.identity.evidence import Evidence, evidence_of, own_doi
from coolpapers.papers.identity.keys import WorkKeys, keys_of
from coolpapers.papers.importing.rows import content_from_json
from coolpapers.papers.importing.tables import select_in
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records.record import Record, content_of, digest

MAX_RECORDS = 60  # of one paper; a paper that has as many takes no further record and is not divided again
MAX_SHARING = 60  # records and papers that are compared for one shared key
_WORDS = re.compile(r"[^\W_]{3,}")
_MIN_SHARED_WORDS = 0.3

# The columns of Paper that evidence is read from, under the names of a record's content.
_EVIDENCE = {
    "title": "title", "authors": "authors", "abstract": "abstract", "arxiv_id": "arxiv_id", "doi": "doi",
    "year": "year", "submitted": "submitted", "updated": "updated", "venue__slug": "venue_slug",
    "venue__name": "venue_name", "venue_text": "venue_text", "venue_year": "venue_year", "track": "track",
    "journal_ref": "journal_ref", "kind": "kind", "volume": "volume", "issue": "issue",
    "pages": "pages",
}  # fmt: skip


class SharedKey(NamedTuple):
    """Something by which records find each other; ``name`` is a field of it below."""

    name: str
    value: Any


@dataclass(slots=True, eq=False)
class IncomingRecord:
    """A record on its way into the catalogue, with what is computed of it."""

    record: Record
    content: dict[str, Any]
    keys: WorkKeys
    content_hash: str

    @classmethod
    def of(cls, record: Record) -> IncomingRecord:
        content = content_of(record)
        return cls(record, content, keys_of(record.title, record.authors), digest(content, record.versions))

    @property
    def evidence(self) -> Evidence:
        return evidence_of(self.record.key, self.record.source, self.record.ident, self.content)

    @property
    def doi(self) -> str:
        return own_doi(self.record.source, self.record.ident, self.record.doi)


@dataclass(slots=True, eq=False)
class Node:
    """A record that is being grouped: an incoming one, one of the library, or a stored one that changed."""

    key: str
    title: str
    shared: tuple[SharedKey, ...]
    incoming: IncomingRecord | None = None
    paper_id: int | None = None
    order: int = 0  # in which records were met: the primary key of the source row, or a larger number
    holds_paper: bool = False  # its key is the paper's
    _evidence: Evidence | None = None

    @classmethod
    def of(cls, incoming: IncomingRecord, *, order: int) -> Node:
        record = incoming.record
        shared = _shared(incoming.keys, record.source, record.ident, record.arxiv_id, incoming.doi)
        return cls(record.key, record.title, shared, incoming, order=order)

    @property
    def evidence(self) -> Evidence:
        if self._evidence is None:
            assert self.incoming is not None
            self._evidence = self.incoming.evidence
        return self._evidence


class LibraryRecords:
    """Loads records of the library, whole papers at a time and each paper once."""

    def __init__(self) -> None:
        self._loaded: set[int] = set()

    def sharing(self, nodes: Iterable[Node]) -> list[Node]:
        """Records, not loaded before, of papers that share a key with one of the nodes."""
        asked: dict[str, dict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
        for node in nodes:
            for shared in node.shared:
                asked[shared.name][shared.value].append(node.title)
        return self.of_papers(_papers_sharing(asked))

    def of_records(self, keys: Iterable[str]) -> list[Node]:
        """Records of papers, not loaded before, that one of these records stands in."""
        rows = PaperSource.objects.order_by().filter(key__in=list(keys)).values_list("paper_id", flat=True)
        return self.of_papers(rows)

    def of_papers(self, paper_ids: Iterable[int]) -> list[Node]:
        """Records of these papers, those aside that were loaded before."""
        ids = set(paper_ids) - self._loaded
        self._loaded |= ids
        ids -= _full_papers(ids)
        return _load(sorted(ids)) if ids else []


def _full_papers(ids: Iterable[int]) -> set[int]:
    counts = Counter(pk for (pk,) in select_in(PaperSource, ("paper",), "paper", ids))
    return {pk for pk, count in counts.items() if count >= MAX_RECORDS}


def _papers_sharing(asked: Mapping[str, Mapping[Any, list[str]]]) -> set[int]:
    entries = asked.get("entry", {})
    named = select_in(PaperSource, ("paper", "source", "ident"), "ident", {ident for _, ident in entries})
    found = {paper_id for paper_id, source, ident in named if (source, ident) in entries}
    found.update(pk for (pk,) in select_in(Paper, ("pk",), "arxiv_id", asked.get("arxiv", ())))
    found.update(pk for (pk,) in select_in(PaperSource, ("paper",), "doi", asked.get("doi", ()), tail=" AND doi > ''"))
    found |= _first_of_each(select_in(PaperSource, ("title_key", "paper"), "title_key", asked.get("title", ())))
    return found | _retitled(asked.get("authors", {}))


def _retitled(asked: Mapping[int, Sequence[str]]) -> set[int]:
    """Papers of the same people whose titles are worth comparing."""
    rows = select_in(PaperSource, ("authors_key", "paper"), "authors_key", asked)
    titles = dict(select_in(Paper, ("pk", "title"), "pk", {paper_id for _, paper_id in rows}))
    return _first_of_each(
        (key, paper_id)
        for key, paper_id in rows
        if any(may_be_retitled(titles[paper_id], title) for title in asked[key])
    )


def _first_of_each(rows: Iterable[tuple[Any, ...]]) -> set[int]:
    papers: dict[int, set[int]] = defaultdict(set)
    for key, paper_id in rows:
        if len(papers[key]) < MAX_SHARING:
            papers[key].add(paper_id)
    return set().union(*papers.values()) if papers else set()


def may_be_retitled(one: str, other: str) -> bool:
    """Whether two titles have so many words in common that comparing them is worth its time."""
    here, there = set(_WORDS.findall(one.lower())), set(_WORDS.findall(other.lower()))
    return len(here & there) >= _MIN_SHARED_WORDS * min(len(here), len(there))


def _load(ids: Sequence[int]) -> list[Node]:
    rows = Paper.objects.filter(pk__in=ids).order_by().values_list("pk", "key", *_EVIDENCE)
    papers: dict[int, dict[str, Any]] = {}
    holders: dict[int, str] = {}
    for pk, holders[pk], *values in rows:
        papers[pk] = dict(zip(_EVIDENCE.values(), values, strict=True))
    for content in papers.values():
        content.update((name, content[name] or "") for name in ("venue_slug", "venue_name"))
    columns = ("pk", "paper_id", "key", "source", "ident", "record", "title_key", "authors_key")
    nodes: dict[int, list[Node]] = defaultdict(list)
    for pk, paper_id, key, source, ident, record, title_key, authors_key in (
        PaperSource.objects.filter(paper_id__in=ids).order_by("pk").values_list(*columns)
    ):
        content = content_from_json(record) if record else papers[paper_id]
        evidence = evidence_of(key, source, ident, content)
        shared = _shared(WorkKeys(title_key, authors_key, ""), source, ident, evidence.arxiv_id, evidence.doi)
        node = Node(key, evidence.title, shared, None, paper_id, pk, key == holders[paper_id], evidence)
        nodes[paper_id].append(node)
    for members in nodes.values():
        if not any(node.holds_paper for node in members):
            members[0].holds_paper = True
    return [node for members in nodes.values() for node in members]


def _shared(keys: WorkKeys, source: str, ident: str, arxiv_id: str, doi: str) -> tuple[SharedKey, ...]:
    found = []
    if keys.title is not None:
        found.append(SharedKey("title", keys.title))
    if keys.authors is not None:
        found.append(SharedKey("authors", keys.authors))
    if arxiv_id:
        found.append(SharedKey("arxiv", arxiv_id))
    if doi:
        found.append(SharedKey("doi", doi))
    if source != "file":
        found.append(SharedKey("entry", (source, ident)))
    return tuple(found)
