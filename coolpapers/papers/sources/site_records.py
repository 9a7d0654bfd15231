"""Works as another library of this software writes them in OAI-PMH (metadata prefix ``coolpapers``).

Such a work holds the records that the other library made it of, and says of each where it was first. The writer is
:mod:`coolpapers.api.oai.formats.work`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from lxml import etree

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.fieldvalues import MAX_ABSTRACT
from coolpapers.papers.records.record import Item, Record, Refusal, Version, make_record
from coolpapers.papers.sources.xml import children, line_of, local_name

NAMESPACE = "urn:coolpapers:oai:1"
PREFIX = "coolpapers"
# Field of a record → its element; lists repeat the element.
ELEMENTS = {
    "title": "title",
    "abstract": "abstract",
    "abstract_label": "abstract-label",
    "authors": "author",
    "year": "year",
    "submitted": "submitted",
    "updated": "updated",
    "announced": "announced",
    "categories": "category",
    "venue_slug": "venue",
    "venue_name": "venue-name",
    "venue_year": "venue-year",
    "venue_text": "venue-text",
    "track": "track",
    "comment": "comment",
    "journal_ref": "journal-ref",
    "doi": "doi",
    "arxiv_id": "arxiv-id",
    "page_url": "page-url",
    "pdf_url": "pdf-url",
    "code_url": "code-url",
    "keywords": "keyword",
    "tldr": "tldr",
    "n_citations": "citations",
    "withdrawn": "withdrawn",
    "kind": "kind",
    "editors": "editor",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "affiliations": "affiliation",
    "report_numbers": "report-number",
    "sort_names": "sort-name",
}
_FIELDS = {element: field for field, element in ELEMENTS.items()}
_LISTS = frozenset({"authors", "categories", "keywords", "editors", "affiliations", "report_numbers", "sort_names"})
_SLUG = re.compile(r"[^\s/\x00-\x1f]{1,60}")
_MAX_VERSIONS = 1000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was first: the repository, its address, and its datestamp there."""

    repository: str
    url: str
    stamp: datetime


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """A record of a work. ``origin`` is None where the library that gives it has it from no other one."""

    item: Item
    origin: Origin | None = None


def read_work(work: etree._Element, *, name: str) -> Iterator[SiteRecord]:
    """The records of a ``<work>``; one that cannot be stored is refused."""
    for element in children(work, "entry"):
        line = line_of(element)
        try:
            yield SiteRecord(_read_record(element, line), _read_origin(element))
        except BadField as exc:
            yield SiteRecord(Refusal(name, line, exc.field, exc.reason))


def _read_record(element: etree._Element, line: int) -> Record:
    values: dict[str, Any] = {}
    for child in element:
        field = _FIELDS.get(local_name(child))
        text = child.text or ""
        if field in _LISTS:
            values.setdefault(field, []).append(text)
        elif field is not None:
            values[field] = text
    venue = {name: values.pop(name, "") for name in ("venue_slug", "venue_name", "venue_year", "track")}
    values["withdrawn"] = values.get("withdrawn") == "true"
    record = make_record(
        key=element.get("key"),
        source=element.get("source") or "",
        ident=element.get("ident") or "",
        line=line,
        title=values.pop("title", ""),
        venue=values.pop("venue_text", ""),
        versions=list(_versions(element)),
        **values,
    )
    abstract = values.get("abstract", "")
    if len(abstract) <= MAX_ABSTRACT:  # cleaned there; cleaning it again changes one in a thousand
        record = replace(record, abstract=abstract)
    # The other library has read the venue's name already, maybe with more than this record says.
    slug = venue["venue_slug"] if _SLUG.fullmatch(venue["venue_slug"]) else ""
    return replace(
        record,
        venue_slug=slug,
        venue_name=venue["venue_name"][:200] if slug else "",
        venue_year=_year(venue["venue_year"]) if slug else None,
        track=venue["track"][:60],
    )


def _versions(element: etree._Element) -> Iterator[Version]:
    for version in children(element, "version")[:_MAX_VERSIONS]:
        number, day = version.get("number") or "", version.get("date") or ""
        if not number.isdigit() or not 0 < int(number) < 32_768:
            raise BadField("version", f"{number!r} is no number of a version")
        yield Version(int(number), _day(day), (version.text or "")[:200])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadField("version", f"{text!r} is not a date") from None


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"(?:1[6-9]|20)\d\d", text, re.ASCII) else None


def _read_origin(element: etree._Element) -> Origin | None:
    repository, stamp = element.get("origin") or "", read_datestamp(element.get("origin-date") or "")
    if not repository or stamp is None:
        return None
    return Origin(repository.lower()[:200], (element.get("origin-url") or "")[:500], stamp)


def read_datestamp(text: str) -> datetime | None:
    """A datestamp of either granularity; None where it is none."""
    for pattern in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
