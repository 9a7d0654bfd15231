"""What sources yield: records of papers, refusals of bad ones, and deletions.

A source hands the loose values of its format to :func:`make_record`, which cleans and checks each field (see
:mod:`.fieldvalues`). A side field that cannot be stored is dropped and named in :attr:`Record.dropped`; a missing title
or id raises :class:`~coolpapers.papers.errors.BadField`. A :class:`Record` is therefore always fit for the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import blake2b
from operator import attrgetter
from typing import Any, TypeVar, cast

import orjson

from coolpapers.papers.errors import BadField, FieldCut
from coolpapers.papers.names.people import part_names
from coolpapers.papers.names.venues import parse_track, parse_venue, with_event
from coolpapers.papers.records.code_links import find_code_url
from coolpapers.papers.records.fieldvalues import (
    MAX_NOTE,
    MAX_NUMBER,
    MAX_PUBLISHER,
    MAX_VENUE,
    abstract_value,
    address_value,
    affiliations_value,
    arxiv_value,
    authors_value,
    categories_value,
    count_value,
    date_value,
    doi_value,
    identity_of,
    kind_value,
    line_value,
    name_value,
    pages_value,
    sort_names_value,
    text_value,
    title_value,
    words_value,
    year_value,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A field that was left out of a record, and why."""

    field: str
    reason: str


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
    kind: str = ""
    editors: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    affiliations: tuple[str, ...] = ()
    report_numbers: tuple[str, ...] = ()
    sort_names: tuple[str, ...] = ()  # "García Márquez, Gabriel": see coolpapers.papers.names.people
    versions: tuple[Version, ...] = ()
    line: int = 0
    dropped: tuple[Dropped, ...] = ()


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
    field.name
    for field in fields(Record)
    if field.name not in {"key", "source", "ident", "versions", "line", "dropped"}
)
_paper_values = attrgetter(*PAPER_FIELDS)
# Fields that came later: left out of digests where empty, so that records stored before them still count as unchanged.
_LATER_FIELDS = (
    "kind", "editors", "volume", "issue", "pages", "publisher", "affiliations", "report_numbers", "sort_names",
)  # fmt: skip


class FieldReader:
    """Reads the side fields of a record: one that cannot be stored is dropped with its reason, or cut where it is long.

    ``dropped`` collects what was left out.
    """

    def __init__(self, dropped: Iterable[Dropped] = ()) -> None:
        self.dropped = list(dropped)

    def read(self, read_value: Callable[..., T], *arguments: object, default: T) -> T:
        """``read_value(*arguments)``, or the default where that raises BadField."""
        try:
            return read_value(*arguments)
        except FieldCut as exc:
            self.dropped.append(Dropped(exc.field, exc.reason))
            return cast(T, exc.value)
        except BadField as exc:
            self.dropped.append(Dropped(exc.field, exc.reason))
            return default


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
    event: str = "",
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
    kind: object = "",
    editors: object = (),
    volume: object = "",
    issue: object = "",
    pages: object = "",
    publisher: object = "",
    affiliations: object = (),
    report_numbers: object = (),
    sort_names: object = (),
    versions: Iterable[Version] = (),
    dropped: Iterable[Dropped] = (),
) -> Record:
    """Clean and check a source's values.

    Names of ``authors`` and ``editors`` may be joined with :func:`~coolpapers.papers.names.people.join_parts`;
    ``sort_names`` are names of them in the order of an index. ``event`` is the short name of the conference whose
    proceedings ``venue`` names, if the source tells it.
    Where ``source`` and ``ident`` are not given they are read from the key or, failing that, from the page's address.
    A side field that cannot be stored is left out and named in ``dropped``, which may already hold what the source
    itself left out. ``versions`` may be a generator that raises BadField: it costs the versions and not the paper.

    Raises
    ------
    BadField
        For a missing or unreadable title or key, or a title that is too long.
    """
    reader = FieldReader(dropped)
    read = reader.read
    page_url = address_value(page_url)
    arxiv = read(arxiv_value, arxiv_id, default="") if arxiv_id else ""
    key, source, ident = identity_of(text_value("id", key), source, ident, page_url)
    if source == "arxiv":
        arxiv = ident
    doi, arxiv_of_doi = read(doi_value, doi, default=("", "")) if doi else ("", "")
    arxiv = arxiv or arxiv_of_doi
    first = read(date_value, "submitted", submitted, default=None) if submitted else None
    last = read(date_value, "updated", updated, default=None) if updated else None
    listed = read(date_value, "announced", announced, default=None) if announced else None
    venue_text = read(name_value, "venue", venue, MAX_VENUE, default="") if venue else ""
    reading = parse_venue(venue_text, acl_id=ident if source == "acl" else "")
    if event and reading.slug:
        reading = with_event(reading, event)
    number = None if year is None else read(year_value, year, default=None)
    if number is None:
        day = first or listed
        number = reading.year or (day.year if day else None)
    track = parse_track(read(text_value, "status", status, default="")) if status else reading.track
    abstract_text = read(abstract_value, abstract, default="")
    authors, sorted_authors = part_names(read(authors_value, authors, default=()))
    editors, sorted_editors = part_names(read(authors_value, editors, "editors", default=())) if editors else ((), ())
    listed_names: tuple[str, ...] = read(sort_names_value, sort_names, default=()) if sort_names else ()
    comment_text = read(line_value, "comment", comment, MAX_NOTE, default="") if comment else ""
    return Record(
        key=key,
        source=source,
        ident=ident,
        title=title_value(title),
        abstract=abstract_text,
        abstract_label=read(text_value, "abstract_label", abstract_label, default="")[:120] if abstract_label else "",
        authors=authors,
        year=number,
        submitted=first,
        updated=last,
        announced=listed,
        categories=read(categories_value, categories, default=()) if categories else (),
        venue_slug=reading.slug,
        venue_name=reading.name,
        venue_year=(reading.year or number) if reading.slug else None,
        venue_text=venue_text,
        track=track[:60],
        comment=comment_text,
        journal_ref=read(name_value, "journal_ref", journal_ref, MAX_NOTE, default="") if journal_ref else "",
        doi=doi,
        arxiv_id=arxiv,
        page_url=page_url,
        pdf_url=address_value(pdf_url),
        code_url=address_value(code_url) or find_code_url(comment_text, abstract_text),
        keywords=read(words_value, "keywords", keywords, default=()) if keywords else (),
        tldr=read(line_value, "tldr", tldr, MAX_NOTE, default="") if tldr else "",
        n_citations=None if n_citations is None else read(count_value, "citations", n_citations, default=None),
        withdrawn=withdrawn or track == "Withdrawn",
        kind=read(kind_value, kind, default="") if kind else "",
        editors=editors,
        volume=read(line_value, "volume", volume, MAX_NUMBER, default="") if volume else "",
        issue=read(line_value, "issue", issue, MAX_NUMBER, default="") if issue else "",
        pages=read(pages_value, pages, default="") if pages else "",
        publisher=read(name_value, "publisher", publisher, MAX_PUBLISHER, default="") if publisher else "",
        affiliations=read(affiliations_value, affiliations, default=()) if affiliations else (),
        report_numbers=read(words_value, "report_numbers", report_numbers, default=()) if report_numbers else (),
        sort_names=tuple(dict.fromkeys((*listed_names, *sorted_authors, *sorted_editors))),
        versions=read(tuple, versions, default=()),
        line=line,
        dropped=tuple(reader.dropped),
    )


def content_of(record: Record) -> dict[str, Any]:
    """What the record says of its paper, as plain values for JSON."""
    return dict(zip(PAPER_FIELDS, _paper_values(record), strict=True))


def digest(content: Mapping[str, Any], versions: Iterable[Version] = ()) -> str:
    """32 hexadecimal digits that change when anything in the content does."""
    dated = [(version.number, version.date, version.note) for version in versions]
    empty = [name for name in _LATER_FIELDS if not content.get(name)]
    if empty:
        content = dict(content)
        for name in empty:
            content.pop(name, None)
    return blake2b(orjson.dumps((content, dated)), digest_size=16).hexdigest()
