"""Answers of the API of bioRxiv and medRxiv (https://api.biorxiv.org, ``details``): one object for each posted version.

An answer is ``{"messages": [{"status": "ok", "count": 100, "total": "312", …}], "collection": [{…}, …]}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from coolpapers.papers.errors import BadField, SourceFormatError
from coolpapers.papers.records.record import Item, Record, Version, make_record
from coolpapers.papers.sources.base import PaperSource, refuse

_HOSTS = {"biorxiv": "www.biorxiv.org", "medrxiv": "www.medrxiv.org"}
_NAMES = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}


@dataclass(frozen=True, slots=True)
class Listing:
    """How many postings an answer holds, and how many the whole list has."""

    n_records: int
    n_total: int


class BiorxivSource(PaperSource):
    """One saved or live answer."""

    repeats_replace = True  # versions of a paper share its DOI

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return bool(re.match(rb'\s*\{\s*"(?:messages|collection)"\s*:', head)) and b"rxiv" in head.lower()

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for number, row in enumerate(_postings(_parse(stream.read())), 1):
            try:
                yield _record(row, number)
            except BadField as exc:
                yield refuse(exc, name=name, line=number)


def read_listing(data: bytes) -> Listing:
    """Raises SourceFormatError where the data is no answer of the API."""
    answer = _parse(data)
    messages = answer.get("messages")
    message = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    status = str(message.get("status", ""))
    n_records = len(_postings(answer))
    if status != "ok" and not status.startswith("no posts found"):
        raise SourceFormatError(f"the API answers {status[:200]!r}")
    total = str(message.get("total", n_records))
    return Listing(n_records, int(total) if total.isdigit() else n_records)


def _parse(data: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise SourceFormatError(f"not JSON: {exc}") from exc
    if not isinstance(answer, dict) or "collection" not in answer:
        raise SourceFormatError("not an answer of the API of bioRxiv: it has no collection")
    return answer


def _postings(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = answer.get("collection")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _record(row: Mapping[str, Any], number: int) -> Record:
    text = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
    doi, server = text.get("doi", ""), text.get("server", "").lower()
    if not doi:
        raise BadField("doi", "missing")
    host = _HOSTS.get(server, _HOSTS["biorxiv"])
    version = int(text["version"]) if text.get("version", "").isdigit() else int(row.get("version") or 1)
    day = text.get("date", "")
    place = f"https://{host}/content/{doi}v{version}"
    published = text.get("published", "")
    return make_record(
        key=f"doi:{doi.lower()}",
        line=number,
        title=text.get("title", ""),
        abstract=text.get("abstract", ""),
        authors=[_in_order(name) for name in text.get("authors", "").split(";") if name.strip()],
        submitted=day if version == 1 else None,
        updated=day or None,
        announced=day if version == 1 else None,
        year=day[:4] or None,
        keywords=[text["category"]] if text.get("category") else [],
        kind="preprint",
        publisher=_NAMES.get(server, ""),
        affiliations=[place_] if (place_ := text.get("author_corresponding_institution")) else [],
        journal_ref=f"https://doi.org/{published}" if published.startswith("10.") else "",
        doi=doi,
        page_url=place,
        pdf_url=f"{place}.full.pdf",
        versions=[Version(version, _day(day))] if 0 < version < 1000 else [],
        withdrawn=text.get("type", "").lower() == "withdrawn",
    )


def _in_order(name: str) -> str:
    """``Smith, J. A.`` → ``J. A. Smith``."""
    family, comma, given = name.strip().partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else family


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
