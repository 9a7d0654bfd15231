"""What every citation format needs to know of a paper, decided once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum

from coolpapers.papers.citations.journal_refs import JournalRef, parse_journal_ref
from coolpapers.papers.citations.tex_math import standard_math
from coolpapers.papers.models import Paper
from coolpapers.papers.names import kinds
from coolpapers.papers.names.people import PersonName, split_names
from coolpapers.papers.names.venues import is_journal, parse_venue, series_name, venue_label

# Tracks that say a submission did not appear: citing it as a paper of the conference would be untrue.
_NOT_PUBLISHED = re.compile(r"reject|withdraw|desk|submi", re.IGNORECASE)
# What we say of such a submission; other comments of arXiv ("12 pages") are no part of a citation.
_SUBMISSION_NOTE = re.compile(r"Submitted to \S.{0,300}")
_LAST_YEAR = re.compile(r"[ ,]+(?:19|20)\d\d$")
_PREPRINT_REF = re.compile(r"\s*(?:arxiv|corr|biorxiv|medrxiv|preprint)\b", re.IGNORECASE)
_VOLUME = re.compile(r",?\s*volume\s+(\d+)(?:,\s*(?:number|issue)\s+(\d+))?.*$", re.IGNORECASE)


class Kind(Enum):
    """The kinds of publication the formats tell apart; values are those of :mod:`coolpapers.papers.names.kinds`."""

    PREPRINT = kinds.PREPRINT
    CONFERENCE = kinds.CONFERENCE
    JOURNAL = kinds.JOURNAL
    CHAPTER = kinds.CHAPTER
    BOOK = kinds.BOOK
    PROCEEDINGS = kinds.PROCEEDINGS
    THESIS = kinds.THESIS
    REPORT = kinds.REPORT
    SOFTWARE = kinds.SOFTWARE
    DATASET = kinds.DATASET
    WEBPAGE = kinds.WEBPAGE
    OTHER = kinds.OTHER  # an own file, a rejected submission


# What stands alone: the source says the kind, and there is no container.
_ALONE = frozenset({Kind.BOOK, Kind.PROCEEDINGS, Kind.THESIS, Kind.REPORT, Kind.SOFTWARE, Kind.DATASET, Kind.WEBPAGE})


@dataclass(frozen=True)
class CitedWork:
    """A paper as a bibliography sees it. Text is as stored: formulas and text-mode TeX included."""

    key: str  # the paper's own key, for works without author and title
    kind: Kind
    title: str
    authors: tuple[PersonName, ...]
    year: int | None
    date: dt.date | None  # known to the day for what is not in a journal, a book or proceedings
    container: str = ""  # proceedings, book or journal
    event: str = ""  # the conference in short: ICLR 2021
    volume: str = ""
    issue: str = ""
    pages: str = ""  # 436-444
    publisher: str = ""  # also the school of a thesis, the institution of a report
    editors: tuple[PersonName, ...] = ()
    report_number: str = ""
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


def describe_work(paper: Paper, *, has_contents: bool = True) -> CitedWork:
    """Decide kind, names, container and dates of a paper; it may lack any of them.

    ``has_contents=False`` leaves out abstract and keywords, for formats that say nothing of them.
    """
    published = _publication(paper)
    is_numbered = published.kind in (Kind.REPORT, Kind.THESIS)
    return CitedWork(
        key=paper.key,
        kind=published.kind,
        title=standard_math(" ".join(paper.title.split())),
        authors=split_names(paper.authors, paper.sort_names),
        year=published.year,
        date=published.date,
        container=published.container,
        event=published.event,
        volume=paper.volume or published.ref.volume,
        issue="" if is_numbered else paper.issue or published.ref.issue,
        pages=_pages(paper.pages or published.ref.pages),
        publisher=paper.publisher,
        editors=split_names(paper.editors, paper.sort_names),
        report_number=(", ".join(map(str, paper.report_numbers)) or paper.issue) if is_numbered else "",
        note=published.note or _note(paper),
        doi=paper.doi,
        url=_address(paper),
        pdf_url=paper.pdf_url or (f"https://arxiv.org/pdf/{paper.arxiv_id}" if paper.arxiv_id else ""),
        arxiv_id=paper.arxiv_id,
        primary_class=str(paper.categories[0]) if paper.arxiv_id and paper.categories else "",
        abstract=" ".join(paper.abstract.split()) if has_contents else "",
        keywords=_keywords(paper) if has_contents else (),
    )


def _keywords(paper: Paper) -> tuple[str, ...]:
    return tuple(part.strip() for word in paper.keywords for part in str(word).split(";") if part.strip())


def _publication(paper: Paper) -> _Publication:
    kind = Kind(paper.kind) if paper.kind else Kind.OTHER
    if kind in _ALONE and not (kind is Kind.WEBPAGE and paper.arxiv_id):  # a page of arXiv is a preprint's
        date = None if paper.arxiv_id else paper.submitted
        year = paper.year or (date.year if date else None)
        return _Publication(kind=kind, year=year, date=date if date and date.year == year else None)
    appeared = not _NOT_PUBLISHED.search(f"{paper.track} {paper.venue_text}")
    if paper.venue is not None and appeared:
        return _venue_publication(paper, kind, slug=paper.venue.slug, name=paper.venue.name)
    if paper.journal_ref.strip() and not _PREPRINT_REF.match(paper.journal_ref):
        return _referred_publication(paper, kind)
    if not appeared:
        return _unpublished(paper, note=_submission_note(paper))
    if kind in (Kind.JOURNAL, Kind.CONFERENCE, Kind.CHAPTER) and not paper.arxiv_id:
        return _Publication(kind=kind, year=paper.year)
    return _unpublished(paper)


def _unpublished(paper: Paper, *, note: str = "") -> _Publication:
    # arXiv dates its own BibTeX by the newest version; so do we.
    date = paper.updated or paper.submitted or paper.announced
    kind = Kind.PREPRINT if paper.arxiv_id or paper.kind == kinds.PREPRINT else Kind.OTHER
    return _Publication(kind=kind, year=date.year if date else paper.year, date=date, note=note)


def _submission_note(paper: Paper) -> str:
    """Where it was submitted: the workshop by its name, a conference in short."""
    if paper.venue is None:
        return ""
    if "workshop" in paper.venue_text.lower():
        return f"Submitted to {' '.join(paper.venue_text.split())}"
    return f"Submitted to {paper.venue.label} {paper.venue_year or ''}".strip()


def _note(paper: Paper) -> str:
    """The note of an own file, which its reader wants printed; arXiv's comments are not."""
    is_cited = not paper.arxiv_id or _SUBMISSION_NOTE.fullmatch(paper.comment)
    return " ".join(paper.comment.split()) if is_cited else ""


def _referred_publication(paper: Paper, kind: Kind) -> _Publication:
    """Where arXiv's journal reference says that it appeared."""
    ref = parse_journal_ref(paper.journal_ref)
    year = ref.year or paper.year
    reading = parse_venue(ref.container)
    in_proceedings = kind is Kind.CONFERENCE or (ref.is_conference and kind not in (Kind.JOURNAL, Kind.CHAPTER))
    if in_proceedings and not (series_name(reading.slug) and is_journal(reading.slug)):
        container, event = _proceedings(ref.container, slug=reading.slug, year=year)
        return _Publication(kind=Kind.CONFERENCE, year=year, container=container, event=event, ref=ref)
    kind = Kind.CHAPTER if kind is Kind.CHAPTER else Kind.JOURNAL
    return _Publication(kind=kind, year=year, container=_LAST_YEAR.sub("", ref.container), ref=ref)


def _venue_publication(paper: Paper, kind: Kind, *, slug: str, name: str) -> _Publication:
    year = paper.venue_year or paper.year
    text = " ".join(paper.venue_text.split())
    if kind is Kind.CHAPTER:
        return _Publication(kind=kind, year=year, container=text or name)
    # venues.toml knows its series better than a source that calls each volume proceedings.
    is_series = bool(series_name(slug))
    if kind is Kind.JOURNAL or ((is_series or kind is not Kind.CONFERENCE) and is_journal(slug, text or name)):
        volume = _VOLUME.search(text)
        ref = JournalRef("", volume=volume[1], issue=volume[2] or "") if volume else _NO_REF
        container = series_name(slug) or _LAST_YEAR.sub("", _VOLUME.sub("", text)) or name or slug
        return _Publication(kind=Kind.JOURNAL, year=year, container=container, ref=ref)
    container, event = _proceedings(text, slug=slug, name=name, year=year)
    return _Publication(kind=Kind.CONFERENCE, year=year, container=container, event=event)


def _proceedings(text: str, *, slug: str, name: str = "", year: int | None) -> tuple[str, str]:
    """The proceedings' full name and the conference in short.

    A short text is the slug again ("NeurIPS 2023"): the series' full name says more. A slug that was made of a title's
    words ("Foo-Workshop") is no name.
    """
    label = venue_label(slug, series_name(slug)) if series_name(slug) else slug
    short = f"{label} {year}" if year else label
    is_acronym = "-" not in slug or (bool(series_name(slug)) and len(label.split()) <= 2)
    event = short if slug and is_acronym else ""
    full_name = series_name(slug) if "-".join(re.findall(r"[^\W_]+", name)) in ("", slug) else name
    if len(text.split()) > 3 or not full_name or full_name == slug:
        return text or short, event
    return full_name if slug in full_name else f"{full_name} ({short})", event


def _pages(text: str) -> str:
    first, _, last = text.partition("-")
    return first if first == last else text


def _address(paper: Paper) -> str:
    """The page a citation points to: arXiv's own for its papers, else the source's, else the DOI's."""
    if paper.arxiv_id and (not paper.page_url or "arxiv.org" in paper.page_url):
        return f"https://arxiv.org/abs/{paper.arxiv_id}"
    if paper.page_url:
        return paper.page_url
    return f"https://doi.org/{paper.doi}" if paper.doi else ""
