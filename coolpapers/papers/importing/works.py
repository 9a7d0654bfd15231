"""Finding the work that a record belongs to, among those of the library and those of the same batch.

A :class:`WorkFinder` looks all records of a batch up with a handful of queries; the rule of sameness is
:mod:`coolpapers.papers.records.merging`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records.merging import Place, match_key, may_merge
from coolpapers.papers.records.record import Record, content_of, digest


@dataclass(slots=True, eq=False)
class IncomingRecord:
    """A record on its way into the catalogue: what it is matched by and what changed in it is told by."""

    record: Record
    content: dict[str, Any]
    match_key: str
    content_hash: str
    place: Place

    @classmethod
    def of(cls, record: Record) -> IncomingRecord:
        content = content_of(record)
        place = Place(
            record.source, record.ident, record.arxiv_id, record.doi, record.venue_slug, record.venue_year
        )  # fmt: skip
        return cls(record, content, match_key(record.title, record.authors), digest(content, record.versions), place)


@dataclass(slots=True, eq=False)
class Work:
    """A work of the library (``paper_id``) or one that this batch will add (None), with the records met for it."""

    paper_id: int | None = None
    match_key: str = ""
    places: list[Place] = field(default_factory=list)
    met: list[IncomingRecord] = field(default_factory=list)

    def add(self, met: IncomingRecord) -> None:
        self.met.append(met)
        self.places.append(met.place)


class WorkFinder:
    """Works of the library and of this batch, by ident, arXiv id, DOI and match key."""

    def __init__(self, batch: Sequence[IncomingRecord]) -> None:
        self._by_ident: dict[tuple[str, str], Work] = {}
        self._by_arxiv: dict[str, Work] = {}
        self._by_doi: dict[str, list[Work]] = defaultdict(list)
        self._by_match: dict[str, list[Work]] = defaultdict(list)
        self._by_paper: dict[int, Work] = {}
        self._load(batch)

    def work_of(self, met: IncomingRecord) -> Work:
        """The work that the record belongs to, a new one where there is none; the record is added to it."""
        work = self._find(met) or Work(match_key=met.match_key)
        work.add(met)
        self._register(work, met.place, met.match_key)
        return work

    def _find(self, met: IncomingRecord) -> Work | None:
        place = met.place
        if place.source != "file" and (work := self._by_ident.get((place.source, place.ident))):
            return work
        if place.arxiv_id and (work := self._by_arxiv.get(place.arxiv_id)):
            return work
        by_doi = self._by_doi.get(place.doi, ()) if place.doi else ()
        for work in by_doi:
            if _same_doi_same_work(work, met):
                return work
        by_match = self._by_match.get(met.match_key, ()) if met.match_key else ()
        return next((work for work in by_match if all(may_merge(place, other) for other in work.places)), None)

    def _register(self, work: Work, place: Place, match_key: str) -> None:
        self._by_ident.setdefault((place.source, place.ident), work)
        if place.arxiv_id:
            self._by_arxiv.setdefault(place.arxiv_id, work)
        if place.doi and work not in self._by_doi[place.doi]:
            self._by_doi[place.doi].append(work)
        if match_key and work not in self._by_match[match_key]:
            self._by_match[match_key].append(work)

    def _load(self, batch: Sequence[IncomingRecord]) -> None:
        """Fetch every paper that a record of the batch could belong to."""
        wanted = PaperSource.objects.filter(ident__in=[met.record.ident for met in batch])
        idents = {(met.record.source, met.record.ident) for met in batch}
        found = {
            paper_id
            for paper_id, source, ident in wanted.values_list("paper_id", "source", "ident")
            if (source, ident) in idents
        }
        for name, values in (
            ("arxiv_id", {met.record.arxiv_id for met in batch}),
            ("doi", {met.record.doi for met in batch}),
            ("match_key", {met.match_key for met in batch}),
        ):
            values.discard("")
            if values:
                found.update(Paper.objects.filter(**{f"{name}__in": values}).values_list("pk", flat=True))
        if found:
            self._load_papers(found)

    def _load_papers(self, paper_ids: Iterable[int]) -> None:
        ids = sorted(paper_ids)
        columns = ("pk", "arxiv_id", "doi", "match_key", "venue__slug", "venue_year")
        papers = {row[0]: row[1:] for row in Paper.objects.filter(pk__in=ids).order_by().values_list(*columns)}
        sources = PaperSource.objects.filter(paper_id__in=ids).order_by("pk")
        for paper_id, source, ident in sources.values_list("paper_id", "source", "ident"):
            arxiv_id, doi, match_key, slug, year = papers[paper_id]
            work = self._by_paper.setdefault(paper_id, Work(paper_id, match_key))
            place = Place(source, ident, arxiv_id, doi, slug or "", year)
            work.places.append(place)
            self._register(work, place, match_key)


def _same_doi_same_work(work: Work, met: IncomingRecord) -> bool:
    """Equal DOIs are one work, unless the records contradict each other otherwise.

    Chapters in a BibTeX file often carry the DOI of their book, so two records of own files must agree in title too.
    """
    for place in work.places:
        if place.arxiv_id and met.record.arxiv_id and place.arxiv_id != met.record.arxiv_id:
            return False
        if place.source == met.record.source:
            same_title = bool(met.match_key) and work.match_key == met.match_key
            if not (place.source == "file" and same_title):
                return False
    return True
