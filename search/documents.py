"""From a paper's row to what an index holds."""

from __future__ import annotations

from typing import TypedDict


class Document(TypedDict):
    """One paper for an engine. Dates are proleptic ordinals (``date.toordinal()``), 0 where unknown."""

    key: str
    title: str
    abstract: str
    authors: list[str]
    comment: str
    journal: str
    venue: str  # words: "ICLR International Conference on Learning Representations"
    venue_facet: str  # "ICLR 2025" or ""
    categories: list[str]
    year: int
    date: int
    updated: int
    doi: str
    idents: list[str]  # every identifier the paper is known by, folded to lower case
    flags: list[str]  # has:summary → "summary", has:code → "code", has:pdf → "pdf"
