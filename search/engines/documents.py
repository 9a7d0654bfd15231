"""The document that engines index, and the ranks that sort papers by date."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TypedDict

_TIE_BITS = 40


class Document(TypedDict):
    """One paper as engines receive it. Dates are ordinals (``date.toordinal()``), 0 where unknown."""

    key: str
    title: str
    abstract: str
    authors: list[str]
    comment: str
    journal: str
    venue: str  # words: "ICLR 2025 International Conference on Learning Representations"
    venue_facet: str  # "ICLR 2025" or ""
    categories: list[str]
    year: int
    date: int
    updated: int
    doi: str
    idents: list[str]  # all identifiers of the paper, in lower case
    affiliations: list[str]  # institutions of the authors
    report_numbers: list[str]  # "CERN-PH-EP-2012-218"
    flags: list[str]  # has:summary → "summary", has:code → "code", has:pdf → "pdf"


def bare_document(key: str, *, title: str, abstract: str) -> Document:
    """A document with a title and an abstract only, as test collections have them."""
    return {
        "key": key,
        "title": title,
        "abstract": abstract,
        "authors": [],
        "comment": "",
        "journal": "",
        "venue": "",
        "venue_facet": "",
        "categories": [],
        "year": 0,
        "date": 0,
        "updated": 0,
        "doi": "",
        "idents": [key.lower()],
        "affiliations": [],
        "report_numbers": [],
        "flags": [],
    }


def date_ranks(document: Document) -> tuple[int, int]:
    """Numbers that sort papers by date, and by date of the newest version; ties are broken by a hash of the key.

    They are below 2**62 and the same in every engine. A paper with only a year counts as the first day of that year.
    """
    digest = hashlib.blake2b(document["key"].encode("utf-8", "replace"), digest_size=_TIE_BITS // 8).digest()
    tie = int.from_bytes(digest, "big")
    day = document["date"] or _first_day(document["year"])
    return day << _TIE_BITS | tie, (document["updated"] or day) << _TIE_BITS | tie


def _first_day(year: int) -> int:
    return date(year, 1, 1).toordinal() if 0 < year <= date.max.year else 0
