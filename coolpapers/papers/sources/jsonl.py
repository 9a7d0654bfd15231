"""JSON Lines, our own form: one object a line, UTF-8.

Fields: ``id`` and ``title`` (needed); ``authors`` (list of names), ``abstract``, ``abstract_label``, ``year``, ``date``
(of announcement and, where nothing better is said, submission), ``submitted``, ``updated``, ``announced``,
``categories`` (list, primary first), ``venue``, ``status`` or ``track``, ``comment``, ``journal_ref``, ``doi``,
``arxiv_id``, ``url`` (page), ``pdf_url``, ``code_url``, ``keywords``, ``tldr``, ``citations``, ``withdrawn``,
``kind``, ``editors``, ``volume``, ``issue``, ``pages``, ``publisher``, ``affiliations``, ``report_numbers``,
``sort_names``, ``versions`` (list of ``{"number", "date", "note"}``). Unknown fields are passed over.

The JSON API answers with the same names, and ``n_citations``, and parts ``venue`` (the series) from ``venue_text``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.fieldvalues import date_value
from coolpapers.papers.records.record import Item, Record, Refusal, Version, make_record
from coolpapers.papers.sources.arxiv.fields import is_withdrawn
from coolpapers.papers.sources.base import PaperSource, refuse
from search.vocabulary.identifiers import parse_identifier

_MAX_LINE = 64 * 2**20  # bytes; a longer line is no paper, and reading it whole would cost its size in memory
TOO_LONG = f"longer than {_MAX_LINE >> 20} MiB; a record stands on one line"
# Conference lists name OpenReview papers "iclr2020:rJxX8T4Kvr".
_OPENREVIEW_KEY = re.compile(r"(?:iclr|neurips|icml|colm|corl|alt|automl|tmlr)\d{4}:([A-Za-z0-9_-]{8,14})", re.ASCII)


class JsonLinesSource(PaperSource):
    """One JSON object a line."""

    def recognises(self, head: bytes, *, path: Path) -> bool:
        line = head.lstrip().partition(b"\n")[0]
        if path.name.lower().endswith((".jsonl", ".jsonl.gz", ".ndjson")):
            return b'"authors_parsed"' not in line
        return line.startswith(b"{") and b'"id"' in line and b'"title"' in line and b'"authors_parsed"' not in line

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for number, line in numbered_lines(stream):
            if line is None:
                yield Refusal(name, number, "", TOO_LONG)
            elif line.strip():
                yield read_line(line, name=name, number=number)


def numbered_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines from 1 on, None for one that is too long to be read."""
    number = 0
    while line := stream.readline(_MAX_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > _MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(_MAX_LINE)) and not rest.endswith(b"\n"):
                continue
            yield number, None
        else:
            yield number, line


def parse_object(line: bytes) -> Mapping[str, Any]:
    """The JSON object on a line, or BadField with what is wrong with the line."""
    line = line.rstrip()
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise BadField("", _explain(line, exc)) from exc
    if not isinstance(value, dict):
        raise BadField("", "an object in braces is wanted, found another JSON value")
    return value


def read_line(line: bytes, *, name: str, number: int) -> Record | Refusal:
    try:
        return _record(parse_object(line), number)
    except BadField as exc:
        return refuse(exc, name=name, line=number)


def _record(row: Mapping[str, Any], number: int) -> Record:
    get = row.get
    key = get("id") or _key_from_names(row)
    url = get("url")
    source = ident = ""
    if isinstance(key, str) and (match := _OPENREVIEW_KEY.fullmatch(key)) and _looks_random(match[1]):
        found = parse_identifier(url) if isinstance(url, str) else None
        if found is None or found.source in ("openreview", "iclr"):
            source, ident = "openreview", match[1]
            url = f"https://openreview.net/forum?id={ident}"
    day = get("date")
    return make_record(
        key=key,
        line=number,
        source=source,
        ident=ident,
        title=get("title"),
        abstract=get("abstract"),
        abstract_label=get("abstract_label"),
        authors=get("authors"),
        year=get("year"),
        submitted=get("submitted") or day,
        updated=get("updated"),
        announced=get("announced") or day,
        categories=get("categories"),
        venue=get("venue_text") or get("venue"),
        event=_event(row),
        status=get("status") or get("track"),
        comment=get("comment"),
        journal_ref=get("journal_ref"),
        doi=get("doi"),
        arxiv_id=get("arxiv_id"),
        page_url=url,
        pdf_url=get("pdf_url"),
        code_url=get("code_url"),
        keywords=get("keywords"),
        tldr=get("tldr"),
        n_citations=get("n_citations") if get("citations") is None else get("citations"),
        withdrawn=get("withdrawn") is True or _says_withdrawn(row, key),
        kind=get("kind"),
        editors=get("editors"),
        volume=get("volume"),
        issue=get("issue"),
        pages=get("pages"),
        publisher=get("publisher"),
        affiliations=get("affiliations"),
        report_numbers=get("report_numbers"),
        sort_names=get("sort_names"),
        versions=_versions(get("versions")),
    )


def _event(row: Mapping[str, Any]) -> str:
    """The series and year that another site read in the venue's text: ``ACL 2020``."""
    series, year = row.get("venue"), row.get("venue_year")
    return f"{series} {year}" if row.get("venue_text") and isinstance(series, str) and isinstance(year, int) else ""


def _says_withdrawn(row: Mapping[str, Any], key: object) -> bool:
    """arXiv has no field for withdrawal, so lists made from it say it in the comment only."""
    comment = row.get("comment")
    if "withdrawn" in row or not isinstance(comment, str) or not isinstance(key, str):
        return False
    return key.startswith("arxiv:") and is_withdrawn(comment)


def _key_from_names(row: Mapping[str, Any]) -> str:
    """An id for a record without one, from its arXiv id, DOI or address."""
    for name in ("arxiv_id", "doi", "url"):
        value = row.get(name)
        if isinstance(value, str) and (found := parse_identifier(value)):
            return found.key
    return ""


def _versions(value: object) -> Iterator[Version]:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise BadField("versions", "a list of objects is wanted")
    for place, entry in enumerate(value, start=1):
        number = entry.get("number", place)
        if not isinstance(number, int) or not 1 <= number <= 999:
            raise BadField("versions", f"number {number!r} is not between 1 and 999")
        yield Version(number, date_value("versions", entry.get("date")), str(entry.get("note") or ""))


def _looks_random(ident: str) -> bool:
    """OpenReview ids mix cases or letters and digits; a list's own hexadecimal and decimal ids do not mix cases."""
    return ident != ident.lower() and ident != ident.upper()


def _explain(line: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as exc:
        return f"not UTF-8 at byte {exc.start + 1} of the line (found 0x{line[exc.start]:02x}); save the file as UTF-8"
    return f"not JSON: {error.msg} at column {error.colno}"
