"""CSL-JSON, as Zotero, Mendeley, Crossref and pandoc write it: https://docs.citationstyles.org/en/stable/specification.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.names.people import join_parts
from coolpapers.papers.records.record import Dropped, Item
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.json_array import iter_objects
from coolpapers.papers.sources.references.people import natural_name
from coolpapers.papers.sources.references.reference import Reference, record_of

_KINDS = {
    "article-journal": kinds.JOURNAL, "article-magazine": kinds.JOURNAL, "article-newspaper": kinds.JOURNAL,
    "journal-article": kinds.JOURNAL, "review": kinds.JOURNAL, "paper-conference": kinds.CONFERENCE,
    "proceedings-article": kinds.CONFERENCE, "speech": kinds.CONFERENCE, "chapter": kinds.CHAPTER,
    "book-chapter": kinds.CHAPTER, "entry-encyclopedia": kinds.CHAPTER, "entry-dictionary": kinds.CHAPTER,
    "book": kinds.BOOK, "monograph": kinds.BOOK, "collection": kinds.BOOK, "proceedings": kinds.PROCEEDINGS,
    "thesis": kinds.THESIS, "dissertation": kinds.THESIS, "report": kinds.REPORT, "standard": kinds.REPORT,
    "patent": kinds.REPORT, "software": kinds.SOFTWARE, "dataset": kinds.DATASET, "webpage": kinds.WEBPAGE,
    "post-weblog": kinds.WEBPAGE, "article": kinds.PREPRINT, "posted-content": kinds.PREPRINT,
    "preprint": kinds.PREPRINT,
}  # fmt: skip
_EXTRA = re.compile(r"^\s*(DOI|arXiv|PMID|eprint)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_COMMAS, _SEMICOLONS = re.compile(r"\s*,\s*"), re.compile(r"\s*;\s*")
# CSL sorts by a name without its dropping particle: (Ludwig van) Beethoven, but Vincent (van Gogh).
_GIVEN_PARTS, _FAMILY_PARTS = ("given", "dropping-particle"), ("non-dropping-particle", "family")
_DATES = ("issued", "published", "published-print", "published-online", "event-date")  # Crossref's, too
_MAX_PEOPLE = 20_000


class CslJsonSource(PaperSource):
    """Items of an array, or of ``items`` in an object."""

    def recognises(self, head: bytes, *, path: Path) -> bool:
        if path.name.lower().endswith((".csl.json", ".csl", ".csljson")):
            return True
        text = head.lstrip()
        is_list = text.startswith(b"[") or re.match(rb'\{\s*"items"\s*:', text) is not None
        marks = (b'"issued"', b'"container-title"', b'"family"', b'"citation-key"', b'"date-parts"')
        return is_list and b'"type"' in text and b'"notes"' not in text[:200] and any(mark in text for mark in marks)

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for line, data in iter_objects(stream):
            try:
                yield record_of(_reference(_parse(data), line))
            except BadField as exc:
                yield refuse(exc, name=name, line=line)


def _parse(data: bytes) -> Mapping[str, Any]:
    try:
        item = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise BadField("", f"not JSON: {exc.msg}") from exc
    return item if isinstance(item, dict) else {}


def _reference(item: Mapping[str, Any], line: int) -> Reference:
    dropped: list[Dropped] = []
    text = {name.lower(): _text(value) for name, value in item.items()}
    get = text.get
    kind = _KINDS.get(get("type", ""), kinds.OTHER)
    year, date = _date(next((item[name] for name in _DATES if item.get(name)), None), dropped)
    note = get("note", "")
    extra = {name.lower(): value for name, value in _EXTRA.findall(note)}
    event = get("event-title") or get("event") or ""
    container = get("container-title") or event
    number, location = get("number", ""), get("archive_location") or get("archive-location") or ""
    is_report = kind in (kinds.REPORT, kinds.THESIS)
    return Reference(
        ident=get("id") or get("citation-key") or "",
        kind=kind,
        title=get("title") or get("title-short", ""),
        subtitle=get("subtitle", ""),
        authors=_people(item.get("author"), "author", dropped),
        editors=_people(item.get("editor"), "editor", dropped),
        abstract=get("abstract", ""),
        container="" if kind == kinds.BOOK else container,
        event=event,
        year=year,
        date=date,
        volume=get("volume", ""),
        issue=get("issue", ""),
        pages=get("page") or get("page-first") or ("" if kind == kinds.PREPRINT or is_report else number),
        publisher=get("publisher", ""),
        note=note,
        url=get("url", ""),
        keywords=_keywords(item.get("keyword") or item.get("keywords")),
        affiliations=_affiliations(item.get("author")),
        report_numbers=[number] if is_report and number else [],
        fields={
            "doi": get("doi") or extra.get("doi", ""),
            "url": get("url", ""),
            "arxiv": extra.get("arxiv") or extra.get("eprint") or _archived(get("archive", ""), location),
            "eid": location,
            "number": number,
            "journal": container,
            "volume": get("volume", ""),
            "pages": get("page", ""),
            "publisher": get("publisher", ""),
            "note": note,
        },
        dropped=dropped,
        line=line,
    )


def _archived(archive: str, location: str) -> str:
    return location if "arxiv" in archive.lower() else ""


def _keywords(value: object) -> list[str]:
    """Keywords of a list, or between semicolons where there are some: they hold commas then."""
    if isinstance(value, list):
        return [word for part in value if (word := _text(part).strip())]
    text = _text(value)
    return [word for word in (_SEMICOLONS if ";" in text else _COMMAS).split(text) if word]


def _text(value: object) -> str:
    """Text and numbers; of a list, as Crossref has them, the first."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _people(value: object, name: str, dropped: list[Dropped]) -> list[str]:
    if not value:
        return []
    if isinstance(value, dict):  # a single person
        value = [value]
    if not isinstance(value, list):
        dropped.append(Dropped(name, "a list of names is wanted"))
        return []
    names = [_name(person) for person in value[:_MAX_PEOPLE]]
    if not all(names):
        dropped.append(Dropped(name, f"{names.count('')} of {len(names)} names have neither family nor literal"))
    return [person for person in names if person]


def _name(person: object) -> str:
    if isinstance(person, str):
        return natural_name(person)
    if not isinstance(person, dict):
        return ""
    # What joins two words of a whole name is no end of it: Food and Drug Administration.
    if literal := _text(person.get("literal")) or _text(person.get("name")):
        return literal.replace(" and ", "\xa0and ")
    given, family, suffix = (_parts(person, *keys) for keys in (_GIVEN_PARTS, _FAMILY_PARTS, ("suffix",)))
    if given and family and not suffix:
        return natural_name(f"{family.replace(',', ' ')}, {given.replace(',', ' ')}")
    return join_parts(given, family, suffix)


def _parts(person: Mapping[str, Any], *keys: str) -> str:
    return " ".join(part for key in keys if (part := _text(person.get(key)).strip()))


def _affiliations(authors: object) -> list[str]:
    """Crossref's ``"affiliation": [{"name": "…"}]`` of each author."""
    people = (
        [person for person in authors[:_MAX_PEOPLE] if isinstance(person, dict)] if isinstance(authors, list) else []
    )
    places = [place for person in people for place in person.get("affiliation") or () if isinstance(place, dict)]
    return [name for place in places if (name := _text(place.get("name")))]


def _date(value: object, dropped: list[Dropped]) -> tuple[str, str]:
    """Year and day of a CSL date: ``date-parts``, or text in ``raw`` or ``literal``."""
    if not value:
        return "", ""
    if not isinstance(value, dict):
        return _text(value), _text(value)
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        numbers = [_text(part) for part in parts[0]]
        return numbers[0], "-".join(numbers) if len(numbers) == 3 else ""
    raw = _text(value.get("raw")) or _text(value.get("literal")) or _text(value.get("year"))
    if not raw:
        dropped.append(Dropped("issued", "neither date-parts nor raw nor literal is there"))
    return raw, raw
