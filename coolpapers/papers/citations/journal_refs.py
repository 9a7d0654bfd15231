"""Journal references as people type them into arXiv, read into volume, pages and year.

The field is free text: ``Phys.Rev. D54 (1996) 1234-1240``, ``Nature 521, 436-444 (2015)``, ``JMLR, vol. 15,
no. 3, pp. 1929-1958, 2014``, ``In Proc. ICML 2018``, INSPIRE's ``Phys.Rev.D 98 (2018) 3, 030001``. A correction
that is named behind the paper (``; Erratum-ibid.D79:129902,2009``) is left out. What cannot be read stays whole in
``container``: a reference with a clumsy journal name can be mended by its reader, a wrong volume would go unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONFERENCE = re.compile(
    r"\bproc(?:eedings|\.|s\b)|\bconference\b|\bworkshop\b|\bsymposium\b|\blecture notes\b|\bLNCS\b|^in[: ]",
    re.IGNORECASE,
)
_JOURNAL_PROCEEDINGS = re.compile(
    r"proc(?:eedings|\.|s)?\s+(?:of\s+the\s+)?(?:nat|roy|r\.|amer|london|edinb|ieee\b)", re.IGNORECASE
)
_YEAR = re.compile(r"\(\D*((?:19|20)\d\d)\)|(?<![\d:.-])((?:19|20)\d\d)(?![\d:-])")
_LABELLED_VOLUME = re.compile(r",?\s*\bvol(?:ume|\.)?\s*(\w+)", re.IGNORECASE)
_BARE_VOLUME = re.compile(r"(?:[\s,]+|(?<=\.))([A-Z]?\d{1,4}[A-Z]?)\b")
_ISSUE = re.compile(r"\b(?:no|issue|number|iss)\b\.?\s*(\d+(?:[-–]\d+)?)|^\s*\((\d{1,3})\)", re.IGNORECASE)
# INSPIRE: volume (year) issue, page
_ISSUE_AND_PAGE = re.compile(r"^\s*(\d{1,3}),\s*([A-Z]{0,2}\d{2,8}(?:\s*[-–]\s*\d+)?)\s*$")
_POINT_ISSUE = re.compile(r"^(?:\.|:(?=\d+[\s,(]+\D*\d))(\d{1,3})(?=[\s,:(]|$)")  # 90.3 (2014), 12:3 (2011)
_CORRECTION = re.compile(
    r"\s*(?:[;,.]\s*)?[\[(]?\s*\b(?:and\s+)?(?:erratum|errata|addendum|corrigendum|publisher'?s note)\b.*$",
    re.IGNORECASE,
)
_PAGE_RANGE = re.compile(r"\b([A-Za-z]?\d+)\s*[-–—]+\s*([A-Za-z]?\d+)\b")
_ONE_PAGE = re.compile(r"(?:\bpp?\.?\s*|[\s,:]|^)([A-Za-z]?\d{1,7})\b")


@dataclass(frozen=True)
class JournalRef:
    """``pages`` is ``436-444`` or ``061102``; every part but ``container`` may be empty."""

    container: str
    is_conference: bool = False
    volume: str = ""
    issue: str = ""
    pages: str = ""
    year: int | None = None


def parse_journal_ref(text: str) -> JournalRef:
    """Read a free-text journal reference.

    >>> parse_journal_ref("Phys.Rev. D54 (1996) 1234-1240")
    JournalRef(container='Phys.Rev.', is_conference=False, volume='D54', issue='', pages='1234-1240', year=1996)
    """
    text = _CORRECTION.sub("", " ".join(text.split())) or " ".join(text.split())
    years = list(_YEAR.finditer(text))
    year_match = next((m for m in years if m[1]), years[-1] if years else None)
    year = int(year_match[1] or year_match[2]) if year_match else None
    if _CONFERENCE.search(text) and not _JOURNAL_PROCEEDINGS.match(text):
        return JournalRef(container=re.sub(r"^in[: ]\s*", "", text, flags=re.IGNORECASE), is_conference=True, year=year)
    whole = JournalRef(container=text, year=year)
    without_year = text[: year_match.start()] + " " + text[year_match.end() :] if year_match else text
    volume = _LABELLED_VOLUME.search(without_year) or _BARE_VOLUME.search(without_year)
    if volume is None or year is None:
        return whole
    container = without_year[: volume.start()].strip(" ,;:")
    if not re.search(r"[^\W\d]{1}", container) or len(container) > 120:
        return whole
    rest = without_year[volume.end() :]
    if year_match and year_match[1] and (told := _ISSUE_AND_PAGE.match(rest)):
        issue, pages = told[1], re.sub(r"\s*[-–]\s*", "-", told[2])
    else:
        issue, pages = _issue_and_pages(rest)
    return JournalRef(container=container, volume=volume[1], issue=issue, pages=pages, year=year)


def _issue_and_pages(rest: str) -> tuple[str, str]:
    told = _POINT_ISSUE.match(rest) or _ISSUE.search(rest)
    issue = next((group for group in told.groups() if group), "") if told else ""
    if told:
        rest = rest[: told.start()] + " " + rest[told.end() :]
    span = _PAGE_RANGE.search(rest)
    if span:
        return issue, f"{span[1]}-{span[2]}"
    page = _ONE_PAGE.search(rest)
    return issue, page[1] if page else ""
