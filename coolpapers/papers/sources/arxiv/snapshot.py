"""arXiv's bulk metadata (the snapshot distributed through Kaggle): one JSON object a line.

Fields: id, submitter, authors, authors_parsed, title, comments, journal-ref, doi, abstract, categories (one string),
versions (``[{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]``), update_date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from coolpapers.papers.errors import BadField
from coolpapers.papers.names.people import join_parts
from coolpapers.papers.records.record import Dropped, Item, Record, Refusal, make_record
from coolpapers.papers.sources.arxiv import fields as arxiv
from coolpapers.papers.sources.arxiv.authors import AuthorLine, is_name, read_author_line
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.jsonl import TOO_LONG, numbered_lines, parse_object
from search.vocabulary.identifiers import canonical_arxiv


class ArxivJsonSource(PaperSource):
    """arXiv's own dump of all its metadata, some 2.7 million lines."""

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return head.lstrip().startswith(b"{") and b'"authors_parsed"' in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for number, line in numbered_lines(stream):
            if line is None:
                yield Refusal(name, number, "", TOO_LONG)
            elif line.strip():
                try:
                    yield _record(parse_object(line), number)
                except BadField as exc:
                    yield refuse(exc, name=name, line=number)


def _record(row: Mapping[str, Any], number: int) -> Record:
    arxiv_id = canonical_arxiv(str(row.get("id") or ""))
    if arxiv_id is None:
        raise BadField("id", f"{row.get('id')!r} is not an arXiv id")
    dropped: list[Dropped] = []
    dated = [
        (str(entry["version"]), arxiv.read_moment("versions", str(entry["created"]), dropped))
        for entry in _versions(row, dropped)
    ]
    moments = [moment for _, moment in dated if moment]
    first, last = min(moments, default=None), max(moments, default=None)
    comment, abstract = str(row.get("comments") or ""), str(row.get("abstract") or "")
    people = _people(row, dropped)
    return make_record(
        key=f"arxiv:{arxiv_id}",
        source="arxiv",
        ident=arxiv_id,
        line=number,
        title=row.get("title"),
        abstract=arxiv.unwrap_abstract(abstract),
        authors=people.names,
        affiliations=people.affiliations,
        submitted=first.date() if first else None,
        updated=last.date() if last else row.get("update_date"),
        announced=arxiv.announcement_day(first) if first else None,
        categories=row.get("categories"),
        comment=comment,
        journal_ref=row.get("journal-ref"),
        doi=row.get("doi"),
        arxiv_id=arxiv_id,
        page_url=arxiv.page_url(arxiv_id),
        pdf_url=arxiv.pdf_url(arxiv_id),
        withdrawn=arxiv.is_withdrawn(comment, abstract),
        report_numbers=arxiv.report_numbers(str(row.get("report-no") or "")),
        versions=arxiv.versions_of(dated),
        dropped=dropped,
    )


def _versions(row: Mapping[str, Any], dropped: list[Dropped]) -> list[dict[str, Any]]:
    found = row.get("versions") or []
    if not isinstance(found, list) or not all(
        isinstance(entry, dict) and {"version", "created"} <= entry.keys() for entry in found
    ):
        dropped.append(Dropped("versions", "a list of objects with version and created is wanted"))
        return []
    return found


def _people(row: Mapping[str, Any], dropped: list[Dropped]) -> AuthorLine:
    """``authors_parsed`` holds [family name, given names, suffix, affiliations …]; older dumps have the line only."""
    parsed = row.get("authors_parsed")
    line = str(row.get("authors") or "")
    if not parsed:
        return read_author_line(line)
    if not isinstance(parsed, list) or not all(isinstance(parts, list) and parts for parts in parsed):
        dropped.append(Dropped("authors_parsed", "a list of lists [family, given, suffix] is wanted"))
        return read_author_line(line)
    names: list[str] = []
    places: list[str] = []
    for family, given, suffix, *affiliations in ([*map(str, parts), "", "", ""] for parts in parsed):
        names.append(join_parts(given, family, suffix))
        places.extend(place for place in affiliations if place)
    return AuthorLine(tuple(filter(is_name, names)), tuple(places))
