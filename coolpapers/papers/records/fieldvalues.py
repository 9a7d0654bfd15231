"""Loose values of foreign formats as a record's fields: cleaned, checked, or refused with a reason.

Each function takes what a parser found (text, number, list or nothing) and raises :class:`~.errors.BadField` where it
cannot be stored. Start at :func:`coolpapers.papers.records.record.make_record`, which uses them all.
"""

from __future__ import annotations

import re
from datetime import date

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.cleaning import clean_authors, clean_text
from search.vocabulary.categories import fold_category
from search.vocabulary.identifiers import canonical_arxiv, parse_identifier

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


def identity_of(key: str, source: str, ident: str, page_url: str) -> tuple[str, str, str]:
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


def text_value(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadField(name, f"text is wanted, found {_kind(value)}")


def title_value(value: object) -> str:
    title = clean_text(text_value("title", value))
    if not title:
        raise BadField("title", "missing or empty")
    return title


def authors_value(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(", ")
    names = _list("authors", value)
    if len(names) > _MAX_AUTHORS:
        raise BadField("authors", f"{len(names)} names; at most {_MAX_AUTHORS} are taken")
    return tuple(clean_authors(text_value("authors", name) for name in names))


def _list(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    raise BadField(name, f"a list is wanted, found {_kind(value)}")


def words_value(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(",")
    words = (clean_text(text_value(name, word)) for word in _list(name, value))
    return tuple(dict.fromkeys(word for word in words if word))


def categories_value(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split()
    codes = (text_value("categories", code).strip() for code in _list("categories", value))
    return tuple(
        dict.fromkeys(
            fold_category(code) for code in codes if _CATEGORY.fullmatch(code) and not _SUBJECT_CLASS.fullmatch(code)
        )
    )


def year_value(value: object) -> int | None:
    if value is None or value == "":
        return None
    try:
        year = int(text_value("year", value))
    except ValueError:
        raise BadField("year", f"{value!r} is not a number") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadField("year", f"{year} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return year


def date_value(name: str, value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    match = _DATE.fullmatch(text_value(name, value).strip())
    try:
        if match is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadField(name, f"{value!r} is not a date of the form 2024-05-31") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadField(name, f"{value!r} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def count_value(name: str, value: object) -> int | None:
    """A number of citations; sources write -1 for unknown."""
    if value is None or value == "":
        return None
    try:
        number = int(float(text_value(name, value)))
    except (ValueError, OverflowError):
        raise BadField(name, f"{value!r} is not a number") from None
    return number if 0 <= number < 2**31 else None


def address_value(value: object) -> str:
    """An http(s) address, or nothing: a wrong link is no reason to refuse a paper."""
    url = value.strip() if isinstance(value, str) else ""
    return url if len(url) <= MAX_URL and _ADDRESS.fullmatch(url) else ""


def arxiv_value(value: object) -> str:
    text = text_value("arxiv_id", value).strip()
    return (canonical_arxiv(text) or "") if text else ""


def doi_value(value: object) -> tuple[str, str]:
    """The DOI, and the arXiv id where the DOI only wraps one (10.48550/arXiv.2406.01234)."""
    text = text_value("doi", value).strip()
    found = parse_identifier(text) if text else None
    if found is None or found.source not in ("doi", "arxiv") or len(found.value) > MAX_KEY:
        return "", ""
    return (found.value, "") if found.source == "doi" else ("", found.value)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", tuple: "a list", bool: "true or false", str: "text"}
    return names.get(type(value), "a number")
