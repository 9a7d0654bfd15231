"""One entry of a bibliography, whatever its format, made into a record.

BibTeX, RIS, CSL-JSON, EndNote and NBIB fill a :class:`Reference` and call :func:`record_of`, which decides what they
have in common: identifiers, venue, key and journal reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.records.cleaning import clean_text
from coolpapers.papers.records.merging import fold
from coolpapers.papers.records.record import Dropped, Record, make_record
from coolpapers.papers.sources.references.identifiers import find_arxiv_id, find_categories, find_doi, is_arxiv_name
from search.vocabulary.identifiers import canonical_arxiv

# A title of more folded letters than this does not recur: "Guest Editors' Introduction" has 24.
_LONG_TITLE = 40
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20|21)\d\d(?!\d)")
_ANY_YEAR = re.compile(r"\d{4,}")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {
    text: number for number, name in enumerate(_MONTH_NAMES, start=1) for text in (name, str(number), f"{number:02d}")
}
# month = may # "~17", month = "17~" # may
_DAY_OF_MONTH = re.compile(
    r"([A-Za-z]{3,9})\.?[\s~]+(\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)?\.?[\s~]+([A-Za-z]{3,9})\.?"
)
_DASHES = re.compile(r"\s*[-–—]+\s*")
_TITLE_END = re.compile(r"[.:!?…]$")

_QUALIFIER = re.compile(
    r"\s*\((?:[^\W\d_][\w. '-]*, [A-Z][\w. '-]*|Print|Online|Internet|Electronic|CD-ROM|[\w ]+ ed\.?)\)\s*$", re.ASCII
)


@dataclass(slots=True, kw_only=True)
class Reference:
    """Fields of an entry as text. ``fields`` holds what identifiers are looked for in, by BibTeX's names."""

    ident: str  # the entry's own name in its file
    kind: str = ""
    title: str = ""
    subtitle: str = ""
    authors: Sequence[str] = ()
    editors: Sequence[str] = ()
    abstract: str = ""
    container: str = ""  # journal or book
    event: str = ""  # the conference in short
    year: str = ""
    month: str = ""
    day: str = ""
    date: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    note: str = ""
    url: str = ""
    pdf_url: str = ""
    keywords: Sequence[str] | str = ()
    report_numbers: Sequence[str] = ()
    affiliations: Sequence[str] = ()
    track: str = ""
    withdrawn: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    dropped: Iterable[Dropped] = ()
    line: int = 0


def journal_name(text: str) -> str:
    """A journal's name without what library catalogues add to it: *Science (New York, N.Y.)*, *PloS one (Online)*."""
    return _QUALIFIER.sub("", text) or text


def record_of(reference: Reference) -> Record:
    """The record of a reference; raises BadField where title or id are missing."""
    if not (reference.title or reference.subtitle):
        raise BadField("title", "missing or empty")
    doi, arxiv_id = find_doi(reference.fields), find_arxiv_id(reference.fields)
    if doi and (wrapped := canonical_arxiv(doi)):
        doi, arxiv_id = "", arxiv_id or wrapped
    title = join_title(reference.title, reference.subtitle)
    container = "" if is_arxiv_name(reference.container) else reference.container
    if reference.kind == kinds.JOURNAL:
        container = journal_name(container)
    pages = "" if "arxiv" in reference.pages.lower() else reference.pages
    volume = "" if reference.volume.startswith("abs/") else reference.volume
    kind = reference.kind
    if arxiv_id and not container and kind in ("", kinds.OTHER, kinds.JOURNAL, kinds.WEBPAGE):
        kind = kinds.PREPRINT
    year, day = _dates(reference)
    return make_record(
        key=key_of(doi, arxiv_id, title, reference.authors, year=year, container=container),
        source="file",
        ident=reference.ident[:200],
        line=reference.line,
        title=title,
        abstract=reference.abstract,
        authors=list(reference.authors),
        year=year,
        submitted=day,
        categories=find_categories(reference.fields) if arxiv_id else (),
        venue=container,
        event=reference.event,
        status=reference.track,
        comment=reference.note,
        journal_ref=_journal_reference(container, volume, reference.issue, pages) if kind == kinds.JOURNAL else "",
        doi=doi,
        arxiv_id=arxiv_id,
        page_url=reference.url,
        pdf_url=reference.pdf_url,
        keywords=reference.keywords,
        withdrawn=reference.withdrawn,
        kind=kind,
        editors=list(reference.editors),
        volume=volume,
        issue=reference.issue,
        pages=pages,
        publisher="" if is_arxiv_name(reference.publisher) else reference.publisher,
        affiliations=list(reference.affiliations),
        report_numbers=list(reference.report_numbers),
        dropped=reference.dropped,
    )


def key_of(doi: str, arxiv_id: str, title: str, authors: Sequence[str], *, year: str | None, container: str) -> str:
    """A key that is the same for the same entry in two files, and another for any other paper.

    Neither cite keys nor DOIs say that: two people's ``smith2020`` are two papers, and chapters carry their book's
    DOI. So the key is a hash of identifiers, title and authors. Short titles recur ("Vision", "Annual report"): where
    there is no identifier, their year and container count too.
    """
    folded = " ".join(clean_text(title[:4_000]).casefold().replace("{", "").replace("}", "").split())
    if not folded:
        return "bib:untitled"
    parts = [doi, arxiv_id, folded, *(fold(name) for name in authors[:20])]
    if not (doi or arxiv_id) and len(fold(folded)) <= _LONG_TITLE:
        parts += [year or "", fold(container)]
    return f"bib:{blake2b('|'.join(parts).encode(errors='replace'), digest_size=16).hexdigest()}"


def join_title(title: str, subtitle: str) -> str:
    """``Main Title: With a Subtitle``; a title that ends in a sign of its own needs no colon."""
    title, subtitle = title.strip(), subtitle.strip()
    if not (title and subtitle):
        return title or subtitle
    return f"{title} {subtitle}" if _TITLE_END.search(title) else f"{title}: {subtitle}"


def _dates(reference: Reference) -> tuple[str | None, str | None]:
    """Year and day of publication; the day only where it is told whole. ``in press`` is no year."""
    day = _DAY.match(reference.date)
    month_name, month_day = reference.month.strip(), reference.day.strip()
    if not month_day and (both := _DAY_OF_MONTH.fullmatch(month_name)):
        month_name, month_day = both[1] or both[4], both[2] or both[3]
    if day is None and (month := _MONTHS.get(month_name.lower()[:3])) and month_day.isdecimal():
        year = _YEAR.search(reference.year)
        whole = f"{year.group()}-{month:02d}-{int(month_day):02d}" if year else None
    else:
        whole = f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}" if day else None
    for text in (reference.year, reference.date):
        if match := _YEAR.search(text) or _ANY_YEAR.search(text):
            return match.group(), whole
    return None, whole


def _journal_reference(journal: str, volume: str, issue: str, pages: str) -> str:
    """``Neural Computation 9(8), 1735-1780``"""
    if not journal:
        return ""
    place = volume + (f"({issue})" if issue else "")
    pages = _DASHES.sub("-", pages)
    return f"{journal} {place}".strip() + (f", {pages}" if pages else "")
