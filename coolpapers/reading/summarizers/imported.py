"""Summaries written elsewhere, read from JSON Lines.

A record is an object with ``id`` (the paper's key or any of its identifiers), ``markdown``, and optionally ``lang``,
``title``, ``kind`` (``llm`` or ``human``) and ``source`` (shown as the label). Other fields are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import orjson

from coolpapers.papers.records.record import Refusal
from coolpapers.reading.summarizers.base import Summarizer
from coolpapers.reading.summarizers.languages import summary_language

MAX_CHARACTERS = 500_000  # the longest real summaries have 30,000


@dataclass(frozen=True, slots=True)
class ImportedSummary:
    """One valid record."""

    id: str
    markdown: str
    language: str
    title: str
    kind: str
    label: str
    line: int


class ImportedSummaries(Summarizer):
    """The source of imported summaries; it cannot write any."""

    on_demand = False


def read_summaries(stream: BinaryIO, *, name: str) -> Iterator[ImportedSummary | Refusal]:
    """Yield each record of a stream, or a refusal with the reason; blank lines are skipped."""
    for line, raw in enumerate(stream, start=1):
        if raw.strip():
            yield _read_record(raw, name=name, line=line)


def _read_record(raw: bytes, *, name: str, line: int) -> ImportedSummary | Refusal:
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        return Refusal(name, line, "", f"not JSON: {exc}")
    if not isinstance(row, dict):
        return Refusal(name, line, "", f"expected a JSON object, found {type(row).__name__}")
    for field in ("id", "markdown"):
        if not isinstance(row.get(field), str) or not row[field].strip():
            return Refusal(name, line, field, "missing or empty" if not row.get(field) else "expected a string")
    if len(row["markdown"]) > MAX_CHARACTERS:
        return Refusal(name, line, "markdown", f"{len(row['markdown']):,} characters; the limit is {MAX_CHARACTERS:,}")
    if "\x00" in row["markdown"]:
        return Refusal(name, line, "markdown", "contains a NUL character")
    try:
        language = summary_language(_text(row, "lang") or "en")
    except ValueError as exc:
        return Refusal(name, line, "lang", str(exc))
    return ImportedSummary(
        id=row["id"].strip(),
        markdown=row["markdown"].replace("\r\n", "\n").strip() + "\n",
        language=language,
        title=_text(row, "title"),
        kind=_text(row, "kind")[:20],
        label=_text(row, "source")[:200],
        line=line,
    )


def _text(row: dict[str, object], field: str) -> str:
    value = row.get(field)
    return value.strip() if isinstance(value, str) else ""
