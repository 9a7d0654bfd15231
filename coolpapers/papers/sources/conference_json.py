"""Lists of a conference's papers as JSON: OpenReview's notes, and lists collected from conference sites.

An array of objects (or an object with such an array). Read are: title; authors (list) or author (``A;B;C``);
abstract; tldr; keywords (list or ``a;b``); status, track; conference or venue, and year, else the file's name
(``iclr2025.json``); id, openreview, site, url, pdf, github, doi, arxiv_id; gs_citation or citations. Values may be
wrapped as OpenReview does: ``{"value": …}``. :mod:`.openreview` says what became of a note; reviews and other replies
are passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.records.record import Item, Record, make_record
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.decisions import Decision, read_verdict
from coolpapers.papers.sources.json_array import iter_objects
from coolpapers.papers.sources.openreview import decision_of, is_reply
from search.vocabulary.identifiers import parse_identifier

_FILE_NAME = re.compile(r"([A-Za-z]+)[-_ ]?((?:19|20)\d\d)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MAIN_TRACKS = frozenset({"", "main", "main conference", "conference"})
_LINKS = ("openreview", "site", "url", "pdf")


class ConferenceJsonSource(PaperSource):
    """One object a paper; conference and year come from the record or from the file's name."""

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        text = head.lstrip()
        return (text.startswith(b"[") and b'"title"' in text) or bool(re.match(rb'\{\s*"notes"\s*:', text))

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        named = _FILE_NAME.search(name)
        for line, text in iter_objects(stream):
            try:
                row = _parse(text)
                if not is_reply(row):
                    yield _record(row, line, named)
            except BadField as exc:
                yield refuse(exc, name=name, line=line)


def _parse(text: bytes) -> Mapping[str, Any]:
    """The object; Python's own reader takes the NaN that some lists hold."""
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            row = json.loads(text)
        except RecursionError as exc:
            raise BadField("", "not JSON: nested too deeply") from exc
        except ValueError as exc:
            raise BadField("", f"not JSON: {exc}") from exc
    content = row.pop("content", None)
    if isinstance(content, dict):  # an OpenReview note
        row.update(content)
    return {
        name: value["value"] if isinstance(value, dict) and "value" in value else value for name, value in row.items()
    }


def _record(row: Mapping[str, Any], line: int, file_name: re.Match[str] | None) -> Record:
    decision = decision_of(row)
    conference, year = _conference(row, file_name, decision)
    links = [value for name in _LINKS if isinstance(value := row.get(name), str)]
    found = next((named for link in links if (named := parse_identifier(link))), None)
    page = next((link for link in links if link.startswith("http")), "")
    key, source, ident = _key(row, conference, year, found.key if found else "")
    if source == "openreview" and not page:
        page = f"https://openreview.net/forum?id={ident}"
    venue = f"{conference} {year}".strip() if conference else row.get("venue")
    return make_record(
        key=key,
        source=source,
        ident=ident,
        line=line,
        title=row.get("title"),
        abstract=_known(row.get("abstract")),
        authors=row.get("authors") or row.get("author"),
        year=year or _year_of(row),
        submitted=_day_of(row.get("cdate")) if decision else None,
        venue=decision.venue if decision and (decision.venue or decision.is_preprint) else venue,
        status=_track(row) or (decision.track if decision else ""),
        doi=row.get("doi"),
        arxiv_id=row.get("arxiv_id") or row.get("arxiv"),
        page_url=page,
        pdf_url=_pdf(row.get("pdf")),
        code_url=row.get("github") or row.get("code"),
        keywords=_known(row.get("keywords")),
        tldr=_known(row.get("tldr") or row.get("TL;DR")),
        n_citations=_citations(row),
        withdrawn=decision.is_withdrawn if decision else False,
        kind=_kind(decision),
    )


def _kind(decision: Decision | None) -> str:
    if decision is None:
        return ""
    if decision.is_preprint:
        return kinds.PREPRINT
    return kinds.JOURNAL if decision.is_journal else kinds.CONFERENCE


def _day_of(milliseconds: object) -> str | None:
    """A day of OpenReview's times, which are milliseconds since 1970."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _year_of(row: Mapping[str, Any]) -> str | None:
    day = _day_of(row.get("pdate")) or _day_of(row.get("cdate"))
    return day[:4] if day else None


def _conference(row: Mapping[str, Any], named: re.Match[str] | None, decision: Decision | None) -> tuple[str, str]:
    """Series and year: fields of their own, ``ICLR 2025 poster`` in ``venue``, or the file's name."""
    if decision is not None and (decision.venue or decision.is_preprint):
        told = _FILE_NAME.search(decision.venue)
        of_preprint = _YEAR.search(str(row.get("venue") or "")) if decision.is_preprint else None
        return (told[1], told[2]) if told else (decision.venue, of_preprint.group() if of_preprint else "")
    series = str(row.get("conference") or row.get("conf") or "")
    year = str(row.get("year") or "")
    in_venue = _FILE_NAME.search(str(row.get("venue") or ""))
    for match in (in_venue, named):
        if match is not None:
            series, year = series or match[1], year or match[2]
    return (series.upper() if series.islower() else series), year


def _key(row: Mapping[str, Any], conference: str, year: str, address: str) -> tuple[str, str, str]:
    """Key, source and ident. OpenReview's ids are known worldwide; others are the list's own, so the list is named
    too.
    """
    forum = row.get("forum")
    if isinstance(forum, str) and forum:
        return f"openreview:{forum}", "openreview", forum
    if address.startswith("openreview:"):
        return address, "openreview", address.partition(":")[2]
    own = row.get("id")
    if own in (None, ""):
        return address, "", ""
    key = f"{conference.lower()}{year}:{own}" if conference else str(own)
    if address:
        source, _, ident = address.partition(":")
        return key, source, ident
    return key, "", ""


def _track(row: Mapping[str, Any]) -> str:
    """``Poster``; with the track where it is not the main one: ``Poster Datasets & Benchmarks``."""
    status, track = str(row.get("status") or ""), str(row.get("track") or "")
    status = status or read_verdict(str(row.get("decision") or "")) or ""
    return status if track.lower() in _MAIN_TRACKS else f"{status} {track}".strip()


def _citations(row: Mapping[str, Any]) -> object:
    value = row.get("gs_citation", row.get("citations"))
    return value if isinstance(value, int | float | str) and value == value else None  # NaN is not itself


def _known(value: object) -> object:
    """Lists write ``-`` or NaN where they do not know."""
    return "" if value in ("-", "N/A") or isinstance(value, float) else value


def _pdf(value: object) -> object:
    """OpenReview gives a path."""
    return f"https://openreview.net{value}" if isinstance(value, str) and value.startswith("/pdf") else value
