"""Loose values of foreign formats as a record's fields: cleaned, checked, or refused with a reason.

Each function takes what a parser found (text, number, list or nothing) and raises
:class:`~coolpapers.papers.errors.BadField` where it cannot be stored, :class:`~coolpapers.papers.errors.FieldCut` where
its beginning can. Start at :func:`coolpapers.papers.records.record.make_record`, which uses them all.
"""

from __future__ import annotations

import re
from datetime import date

from coolpapers.papers.errors import BadField, FieldCut
from coolpapers.papers.names.kinds import KINDS
from coolpapers.papers.names.permalinks import web_address
from coolpapers.papers.records.cleaning import clean_authors, clean_name, clean_text
from search.vocabulary.categories import fold_category
from search.vocabulary.identifiers import canonical_arxiv, parse_identifier

# Earliest and latest year a paper can have: the Philosophical Transactions began in 1665.
FIRST_YEAR, LAST_YEAR = 1600, 2100
MAX_KEY = 200  # Paper.key, PaperSource.key and PaperSource.ident
MAX_URL = 500  # Paper.page_url
# Characters of a title and of an abstract. The longest titles of arXiv have some 400, its abstracts 1,920.
MAX_TITLE = 2_000
MAX_ABSTRACT = 100_000
MAX_NOTE = 10_000  # comment, journal reference, summary in a sentence
MAX_VENUE = 400  # Paper.venue_text
MAX_NUMBER = 60  # Paper.volume, issue and pages
MAX_PUBLISHER = 200  # Paper.publisher
_MAX_AUTHORS = 10_000  # the largest collaborations have some 5,000
_MAX_NAME = 500  # characters; names of collaborations and committees can be long
_MAX_WORDS = 1_000
_MAX_WORD = 200
_MAX_AFFILIATION = 500
_STYLE = re.compile(r"\\(?:emph|textbf|textit|texttt|textsc|textrm)\{([^{}]*)\}")
_PAGE_DASHES = re.compile(r"(?<=\w)\s*[-\u2010-\u2015\u2212]+\s*(?=\w)")
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
    """The title; BadField where it is missing or so long that it must be something else."""
    text = text_value("title", value)
    if len(text) > MAX_TITLE:  # cleaning only shortens, and costs time in the length
        text = " ".join(text.split())
        if len(text) > 2 * MAX_TITLE:
            raise BadField("title", f"{len(text):,} characters; at most {MAX_TITLE:,} are taken")
    title = clean_text(text)
    if not title:
        raise BadField("title", "missing or empty")
    if len(title) > MAX_TITLE:
        raise BadField("title", f"{len(title):,} characters; at most {MAX_TITLE:,} are taken")
    return title


def abstract_value(value: object) -> str:
    text = text_value("abstract", value)
    n_characters = len(text)
    if n_characters <= MAX_ABSTRACT:
        return clean_text(text, paragraphs=True)
    cleaned = clean_text(text[:MAX_ABSTRACT], paragraphs=True)
    raise FieldCut("abstract", f"{n_characters:,} characters; cut to {MAX_ABSTRACT:,}", value=cleaned)


def line_value(name: str, value: object, limit: int) -> str:
    """Text of a single line, cut to the limit."""
    text = text_value(name, value)
    if len(text) <= limit:
        return clean_text(text)
    cleaned = clean_text(text[: 4 * limit])
    if len(text) <= 4 * limit and len(cleaned) <= limit:
        return cleaned
    raise FieldCut(name, f"{len(text):,} characters; cut to {limit:,}", value=cleaned[:limit].strip())


def name_value(name: str, value: object, limit: int) -> str:
    """A journal's, book's or publisher's name: a line without styles, which bibliographies choose themselves."""
    try:
        line = line_value(name, value, limit)
    except FieldCut as exc:
        raise FieldCut(name, exc.reason, value=_STYLE.sub(r"\1", str(exc.value))) from exc
    return _STYLE.sub(r"\1", line) if "\\" in line else line


def kind_value(value: object) -> str:
    kind = text_value("kind", value).strip().lower()
    if kind and kind not in KINDS:
        raise BadField("kind", f"{kind[:40]!r} is not one of {', '.join(KINDS)}")
    return kind


def pages_value(value: object) -> str:
    """Pages with one hyphen in a range: ``436--444`` and ``436 – 444`` become ``436-444``."""
    return _PAGE_DASHES.sub("-", line_value("pages", value, MAX_NUMBER))


def authors_value(value: object, field: str = "authors") -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(", ")
    names = _list(field, value)
    cleaned = tuple(clean_authors(text_value(field, name)[:_MAX_NAME] for name in names[:_MAX_AUTHORS]))
    if len(names) > _MAX_AUTHORS:
        raise FieldCut(field, f"{len(names):,} names; the first {_MAX_AUTHORS:,} are taken", value=cleaned)
    return cleaned


def sort_names_value(value: object) -> tuple[str, ...]:
    """Names in the order of an index: ``García Márquez, Gabriel``."""
    texts = (text_value("sort_names", text)[:_MAX_NAME] for text in _list("sort_names", value)[:_MAX_AUTHORS])
    return tuple(name for name in map(clean_name, texts) if ", " in name)


def affiliations_value(value: object) -> tuple[str, ...]:
    """Institutions, each once, in the order they are met in."""
    texts = [value] if isinstance(value, str) else _list("affiliations", value)[:_MAX_AUTHORS]
    cleaned = (clean_text(text_value("affiliations", text)[:_MAX_AFFILIATION]).strip(" ,;") for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))


def _list(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    raise BadField(name, f"a list is wanted, found {_kind(value)}")


def words_value(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(",")
    texts = _list(name, value)
    words = (clean_text(text_value(name, text)[:_MAX_WORD]) for text in texts[:_MAX_WORDS])
    cleaned = tuple(dict.fromkeys(word for word in words if word))
    if len(texts) > _MAX_WORDS:
        raise FieldCut(name, f"{len(texts):,} entries; the first {_MAX_WORDS:,} are taken", value=cleaned)
    return cleaned


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
    return url if len(url) <= MAX_URL and _ADDRESS.fullmatch(url) and web_address(url) else ""


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
