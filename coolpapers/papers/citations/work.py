"""What every citation format needs to know of a paper, decided once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum

from coolpapers.papers.citations.journal_refs import JournalRef, parse_journal_ref
from coolpapers.papers.citations.names import PersonName, split_name
from coolpapers.papers.models import Paper
from coolpapers.papers.names.venues import is_journal, series_name

# Tracks that say a submission did not appear: citing it as a paper of the conference would be untrue.
_NOT_PUBLISHED = re.compile(r"reject|withdraw|desk|submi", re.IGNORECASE)
_LAST_YEAR = re.compile(r"[ ,]+(?:19|20)\d\d$")
_PREPRINT_REF = re.compile(r"\s*(?:arxiv|corr|biorxiv|medrxiv|preprint)\b", re.IGNORECASE)
_VOLUME = re.compile(r",?\s*volume\s+(\d+)(?:,\s*(?:number|issue)\s+(\d+))?.*$", re.IGNORECASE)


class Kind(Enum):
    """The kinds of publication the formats tell apart."""

    PREPRINT = "preprint"
    CONFERENCE = "conference"
    JOURNAL = "journal"
    OTHER = "other"  # an own file, a rejected submission


@dataclass(frozen=True)
class CitedWork:
    """A paper as a bibliography sees it. Text is as stored: formulas and text-mode TeX included."""

    key: str  # the paper's own key, for works without author and title
    kind: Kind
    title: str
    authors: tuple[PersonName, ...]
    year: int | None
    date: dt.date | None  # known to the day only for preprints
    container: str = ""  # proceedings or journal
    event: str = ""  # the conference in short: ICLR 2021
    volume: str = ""
    issue: str = ""
    pages: str = ""  # 436-444
    publisher: str = ""
    editors: tuple[PersonName, ...] = ()
    note: str = ""
    doi: str = ""
    url: str = ""
    pdf_url: str = ""
    arxiv_id: str = ""
    primary_class: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def first_page(self) -> str:
        return self.pages.partition("-")[0]

    @property
    def last_page(self) -> str:
        return self.pages.partition("-")[2]


_NO_REF = JournalRef(container="")


@dataclass(frozen=True)
class _Publication:
    """Where and when it appeared."""

    kind: Kind
    year: int | None
    date: dt.date | None = None
    container: str = ""
    event: str = ""
    note: str = ""
    ref: JournalRef = _NO_REF


def describe_work(paper: Paper) -> CitedWork:
    """Decide kind, names, container and dates of a paper; it may lack any of them."""
    published = _publication(paper)
    return CitedWork(
        key=paper.key,
        kind=published.kind,
        title=" ".join(paper.title.split()),
        authors=tuple(split_name(str(name)) for name in paper.authors if str(name).strip()),
        year=published.year,
        date=published.date,
        container=published.container,
        event=published.event,
        volume=paper.volume or published.ref.volume,
        issue=paper.issue or published.ref.issue,
        pages=paper.pages or published.ref.pages,
        publisher=paper.publisher,
        editors=tuple(split_name(str(name)) for name in paper.editors if str(name).strip()),
        note=published.note,
        doi=paper.doi,
        url=_address(paper),
        pdf_url=paper.pdf_url or (f"https://arxiv.org/pdf/{paper.arxiv_id}" if paper.arxiv_id else ""),
        arxiv_id=paper.arxiv_id,
        primary_class=str(paper.categories[0]) if paper.arxiv_id and paper.categories else "",
        abstract=" ".join(paper.abstract.split()),
        keywords=tuple(str(word) for word in paper.keywords),
    )


def _publication(paper: Paper) -> _Publication:
    if paper.venue is not None and not _NOT_PUBLISHED.search(f"{paper.track} {paper.venue_text}"):
        return _venue_publication(paper, slug=paper.venue.slug, name=paper.venue.name)
    if paper.journal_ref.strip() and not _PREPRINT_REF.match(paper.journal_ref):
        ref = parse_journal_ref(paper.journal_ref)
        kind = Kind.CONFERENCE if ref.is_conference else Kind.JOURNAL
        return _Publication(kind=kind, year=ref.year or paper.year, container=ref.container, ref=ref)
    note = f"Submitted to {paper.venue.slug} {paper.venue_year or ''}".strip() if paper.venue is not None else ""
    # arXiv dates its own BibTeX by the newest version; so do we.
    date = paper.updated or paper.submitted or paper.announced
    kind = Kind.PREPRINT if paper.arxiv_id else Kind.OTHER
    return _Publication(kind=kind, year=date.year if date else paper.year, date=date, note=note)


def _venue_publication(paper: Paper, *, slug: str, name: str) -> _Publication:
    year = paper.venue_year or paper.year
    text = " ".join(paper.venue_text.split())
    if paper.kind == "journal" or (paper.kind != "conference" and is_journal(slug, text or name)):
        volume = _VOLUME.search(text)
        ref = JournalRef("", volume=volume[1], issue=volume[2] or "") if volume else _NO_REF
        container = series_name(slug) or _LAST_YEAR.sub("", _VOLUME.sub("", text)) or name or slug
        return _Publication(kind=Kind.JOURNAL, year=year, container=container, ref=ref)
    event = f"{slug} {year}" if year else slug
    # A short text is the slug again ("NeurIPS 2023"): the series' full name says more.
    container = text if len(text.split()) > 3 else _full_name(slug, name=name, year=year)
    return _Publication(kind=Kind.CONFERENCE, year=year, container=container or event, event=event)


def _full_name(slug: str, *, name: str, year: int | None) -> str:
    if not name or name == slug:
        return ""
    return f"{name} ({slug} {year})" if year else f"{name} ({slug})"


def _address(paper: Paper) -> str:
    """The page a citation points to: arXiv's own for its papers, else the source's, else the DOI's."""
    if paper.arxiv_id and (not paper.page_url or "arxiv.org" in paper.page_url):
        return f"https://arxiv.org/abs/{paper.arxiv_id}"
    if paper.page_url:
        return paper.page_url
    return f"https://doi.org/{paper.doi}" if paper.doi else ""
