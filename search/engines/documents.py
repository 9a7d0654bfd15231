"""What an index holds of a paper: the document every engine receives, and the ranks that order papers by date."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TypedDict

_TIE_BITS = 40


class Document(TypedDict):
    """One paper for an engine. Dates are proleptic ordinals (``date.toordinal()``), 0 where unknown."""

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
    idents: list[str]  # every identifier the paper is known by, folded to lower case
    flags: list[str]  # has:summary → "summary", has:code → "code", has:pdf → "pdf"


def bare_document(key: str, *, title: str, abstract: str) -> Document:
    """A document of which nothing else is known, as test collections have them."""
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
        "flags": [],
    }


def date_ranks(document: Document) -> tuple[int, int]:
    """Numbers that order papers by date and by date of the newest version, then by a fixed order of keys.

    Below 2**62 and the same in every engine. A paper of which only the year is known stands at the beginning of its
    year: never newer than it may be.
    """
    digest = hashlib.blake2b(document["key"].encode("utf-8", "replace"), digest_size=_TIE_BITS // 8).digest()
    tie = int.from_bytes(digest, "big")
    day = document["date"] or _first_day(document["year"])
    return day << _TIE_BITS | tie, (document["updated"] or day) << _TIE_BITS | tie


def _first_day(year: int) -> int:
    return date(year, 1, 1).toordinal() if 0 < year <= date.max.year else 0
