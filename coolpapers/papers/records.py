"""What sources yield: records of papers, refusals of bad ones, and deletions.

A source hands the loose values of its format to :func:`make_record`, which cleans and checks each field and raises
:class:`~.errors.BadField` for the first that cannot be stored. A :class:`Record` is therefore always fit
for the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from coolpapers.papers.cleaning import clean_authors, clean_text
from coolpapers.papers.errors import BadField
from coolpapers.papers.identifiers import canonical_arxiv, fold_category, parse_identifier
from coolpapers.papers.venues import parse_track, parse_venue

# Earliest and latest year a paper can have: the Philosophical Transactions began in 1665.
FIRST_YEAR, LAST_YEAR = 1600, 2100
MAX_KEY = 200  # Paper.key, PaperSource.key and PaperSource.ident
MAX_URL = 500  # Paper.page_url
_MAX_AUTHORS = 10_000  # the largest collaborations have some 5,000
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_CATEGORY = re.compile(r"[A-Za-z][\w.-]{0,39}")
# ACM and MSC classes, which arXiv lists beside its own: I.2.7, 68T50.
_SUBJECT_CLASS = re.compile(r"[A-K]\.\d.*|[A-K]\.m|\d.*")


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
    page_url = _address(page_url)
    arxiv = _arxiv_id(arxiv_id)
    key, source, ident = _identity(_text("id", key), source, ident, page_url)
    if source == "arxiv":
        arxiv = ident
    doi, arxiv_of_doi = _doi(doi)
    arxiv = arxiv or arxiv_of_doi
    first = parse_date("submitted", submitted)
    last = parse_date("updated", updated)
    listed = parse_date("announced", announced)
    venue_text = clean_text(_text("venue", venue))[:400]
    reading = parse_venue(venue_text, acl_id=ident if source == "acl" else "")
    number = _year(year)
    if number is None:
        day = first or listed
        number = reading.year or (day.year if day else None)
    track = parse_track(_text("status", status)) if status else reading.track
    return Record(
        key=key,
        source=source,
        ident=ident,
        title=_title(title),
        abstract=clean_text(_text("abstract", abstract), paragraphs=True),
        abstract_label=_text("abstract_label", abstract_label)[:120],
        authors=_authors(authors),
        year=number,
        submitted=first,
        updated=last,
        announced=listed,
        categories=_categories(categories),
        venue_slug=reading.slug,
        venue_name=reading.name,
        venue_year=(reading.year or number) if reading.slug else None,
        venue_text=venue_text,
        track=track[:60],
        comment=clean_text(_text("comment", comment)),
        journal_ref=clean_text(_text("journal_ref", journal_ref)),
        doi=doi,
        arxiv_id=arxiv,
        page_url=page_url,
        pdf_url=_address(pdf_url),
        code_url=_address(code_url),
        keywords=_words("keywords", keywords),
        tldr=clean_text(_text("tldr", tldr)),
        n_citations=_count("citations", n_citations),
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


def _identity(key: str, source: str, ident: str, page_url: str) -> tuple[str, str, str]:
    """Key, source and ident: from the key where its prefix is a source, else from the address, else an own file's."""
    if not key:
        raise BadField("id", "missing; each record needs an id of its own")
    if len(key) > MAX_KEY:
        raise BadField("id", f"{len(key)} characters long; at most {MAX_KEY} can be stored")
    if source:
        return key, source, ident
    found = parse_identifier(key)
    if found is not None:
        if found.source == "arxiv":
            return found.key, "arxiv", found.value
        return key, found.source, found.value
    if page_url and (found := parse_identifier(page_url)) and not key.startswith("acl:"):
        return key, found.source, found.value
    prefix, _, rest = key.partition(":")
    return (key, "acl", rest) if prefix == "acl" and rest else (key, "file", key)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadField(name, f"text is wanted, found {_kind(value)}")


def _title(value: object) -> str:
    title = clean_text(_text("title", value))
    if not title:
        raise BadField("title", "missing or empty")
    return title


def _authors(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(", ")
    names = _list("authors", value)
    if len(names) > _MAX_AUTHORS:
        raise BadField("authors", f"{len(names)} names; at most {_MAX_AUTHORS} are taken")
    return tuple(clean_authors(_text("authors", name) for name in names))


def _list(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    raise BadField(name, f"a list is wanted, found {_kind(value)}")


def _words(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(",")
    words = (clean_text(_text(name, word)) for word in _list(name, value))
    return tuple(dict.fromkeys(word for word in words if word))


def _categories(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split()
    codes = (_text("categories", code).strip() for code in _list("categories", value))
    return tuple(
        dict.fromkeys(
            fold_category(code) for code in codes if _CATEGORY.fullmatch(code) and not _SUBJECT_CLASS.fullmatch(code)
        )
    )


def _year(value: object) -> int | None:
    if value is None or value == "":
        return None
    try:
        year = int(_text("year", value))
    except ValueError:
        raise BadField("year", f"{value!r} is not a number") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadField("year", f"{year} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return year


def parse_date(name: str, value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    match = _DATE.fullmatch(_text(name, value).strip())
    try:
        if match is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadField(name, f"{value!r} is not a date of the form 2024-05-31") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadField(name, f"{value!r} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _count(name: str, value: object) -> int | None:
    """A number of citations; sources write -1 for unknown."""
    if value is None or value == "":
        return None
    try:
        number = int(float(_text(name, value)))
    except (ValueError, OverflowError):
        raise BadField(name, f"{value!r} is not a number") from None
    return number if 0 <= number < 2**31 else None


def _address(value: object) -> str:
    """An http(s) address, or nothing: a wrong link is no reason to refuse a paper."""
    url = value.strip() if isinstance(value, str) else ""
    return url if len(url) <= MAX_URL and _ADDRESS.fullmatch(url) else ""


def _arxiv_id(value: object) -> str:
    text = _text("arxiv_id", value).strip()
    return (canonical_arxiv(text) or "") if text else ""


def _doi(value: object) -> tuple[str, str]:
    """The DOI, and the arXiv id where the DOI only wraps one (10.48550/arXiv.2406.01234)."""
    text = _text("doi", value).strip()
    found = parse_identifier(text) if text else None
    if found is None or found.source not in ("doi", "arxiv") or len(found.value) > MAX_KEY:
        return "", ""
    return (found.value, "") if found.source == "doi" else ("", found.value)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", tuple: "a list", bool: "true or false", str: "text"}
    return names.get(type(value), "a number")
