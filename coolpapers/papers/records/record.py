"""What sources yield: records of papers, refusals of bad ones, and deletions.

A source hands the loose values of its format to :func:`make_record`, which cleans and checks each field (see
:mod:`.fieldvalues`) and raises :class:`~.errors.BadField` for the first that cannot be stored. A :class:`Record` is
therefore always fit for the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from coolpapers.papers.names.venues import parse_track, parse_venue
from coolpapers.papers.records.cleaning import clean_text
from coolpapers.papers.records.fieldvalues import (
    address_value,
    arxiv_value,
    authors_value,
    categories_value,
    count_value,
    date_value,
    doi_value,
    identity_of,
    text_value,
    title_value,
    words_value,
    year_value,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One dated text of a paper."""

    number: int
    date: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One paper as one source describes it, cleaned and checked.

    ``key`` is the record's own id in its file (``acl:2020.acl-main.1``); ``source`` and ``ident`` say where it stands
    in the world (``acl``, ``2020.acl-main.1``). ``line`` is its place in the file (0 where lines mean nothing).
    """

    key: str
    source: str
    ident: str
    title: str
    abstract: str = ""
    abstract_label: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    submitted: date | None = None
    updated: date | None = None
    announced: date | None = None
    categories: tuple[str, ...] = ()
    venue_slug: str = ""
    venue_name: str = ""
    venue_year: int | None = None
    venue_text: str = ""
    track: str = ""
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    arxiv_id: str = ""
    page_url: str = ""
    pdf_url: str = ""
    code_url: str = ""
    keywords: tuple[str, ...] = ()
    tldr: str = ""
    n_citations: int | None = None
    withdrawn: bool = False
    versions: tuple[Version, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that cannot be taken: where it stands, which field, and why."""

    location: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.location}, line {self.line}" if self.line else self.location
        return f"{place}: {self.field}: {self.reason}" if self.field else f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Deletion:
    """A source says that it no longer has the record of this key."""

    key: str
    line: int = 0


Item = Record | Refusal | Deletion

# What a paper's row takes from a record, in the order of the fields.
PAPER_FIELDS = tuple(
    field.name for field in fields(Record) if field.name not in {"key", "source", "ident", "versions", "line"}
)


def make_record(
    *,
    key: object,
    title: object,
    line: int = 0,
    source: str = "",
    ident: str = "",
    abstract: object = "",
    abstract_label: object = "",
    authors: object = (),
    year: object = None,
    submitted: object = None,
    updated: object = None,
    announced: object = None,
    categories: object = (),
    venue: object = "",
    status: object = "",
    comment: object = "",
    journal_ref: object = "",
    doi: object = "",
    arxiv_id: object = "",
    page_url: object = "",
    pdf_url: object = "",
    code_url: object = "",
    keywords: object = (),
    tldr: object = "",
    n_citations: object = None,
    withdrawn: bool = False,
    versions: Iterable[Version] = (),
) -> Record:
    """Clean and check a source's values.

    Where ``source`` and ``ident`` are not given they are read from the key or, failing that, from the page's address.

    Raises
    ------
    BadField
        For a missing title or key, a value of the wrong kind, a year outside 1600 to 2100, a date that is none.
    """
    page_url = address_value(page_url)
    arxiv = arxiv_value(arxiv_id)
    key, source, ident = identity_of(text_value("id", key), source, ident, page_url)
    if source == "arxiv":
        arxiv = ident
    doi, arxiv_of_doi = doi_value(doi)
    arxiv = arxiv or arxiv_of_doi
    first = date_value("submitted", submitted)
    last = date_value("updated", updated)
    listed = date_value("announced", announced)
    venue_text = clean_text(text_value("venue", venue))[:400]
    reading = parse_venue(venue_text, acl_id=ident if source == "acl" else "")
    number = year_value(year)
    if number is None:
        day = first or listed
        number = reading.year or (day.year if day else None)
    track = parse_track(text_value("status", status)) if status else reading.track
    return Record(
        key=key,
        source=source,
        ident=ident,
        title=title_value(title),
        abstract=clean_text(text_value("abstract", abstract), paragraphs=True),
        abstract_label=text_value("abstract_label", abstract_label)[:120],
        authors=authors_value(authors),
        year=number,
        submitted=first,
        updated=last,
        announced=listed,
        categories=categories_value(categories),
        venue_slug=reading.slug,
        venue_name=reading.name,
        venue_year=(reading.year or number) if reading.slug else None,
        venue_text=venue_text,
        track=track[:60],
        comment=clean_text(text_value("comment", comment)),
        journal_ref=clean_text(text_value("journal_ref", journal_ref)),
        doi=doi,
        arxiv_id=arxiv,
        page_url=page_url,
        pdf_url=address_value(pdf_url),
        code_url=address_value(code_url),
        keywords=words_value("keywords", keywords),
        tldr=clean_text(text_value("tldr", tldr)),
        n_citations=count_value("citations", n_citations),
        withdrawn=withdrawn or track == "Withdrawn",
        versions=tuple(versions),
        line=line,
    )


def content_of(record: Record) -> dict[str, Any]:
    """What the record says of its paper, as plain values for JSON."""
    return {name: getattr(record, name) for name in PAPER_FIELDS}


def digest(content: Mapping[str, Any], versions: Iterable[Version] = ()) -> str:
    """32 hexadecimal digits that change when anything in the content does."""
    dated = [(version.number, version.date, version.note) for version in versions]
    return blake2b(orjson.dumps((content, dated)), digest_size=16).hexdigest()
