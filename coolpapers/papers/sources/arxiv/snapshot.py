"""arXiv's bulk metadata (the snapshot distributed through Kaggle): one JSON object a line.

Fields: id, submitter, authors, authors_parsed, title, comments, journal-ref, doi, abstract, categories (one string),
versions (``[{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]``), update_date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Item, Record, Refusal, make_record
from coolpapers.papers.sources.arxiv import fields as arxiv
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
    dated = [(str(entry["version"]), arxiv.parse_moment("versions", str(entry["created"]))) for entry in _versions(row)]
    first = min((moment for _, moment in dated), default=None)
    last = max((moment for _, moment in dated), default=None)
    comment = str(row.get("comments") or "")
    return make_record(
        key=f"arxiv:{arxiv_id}",
        source="arxiv",
        ident=arxiv_id,
        line=number,
        title=row.get("title"),
        abstract=arxiv.unwrap_abstract(str(row.get("abstract") or "")),
        authors=_authors(row),
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
        withdrawn=arxiv.is_withdrawn(comment),
        versions=arxiv.versions_of(dated),
    )


def _versions(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = row.get("versions") or []
    if not isinstance(found, list) or not all(
        isinstance(entry, dict) and {"version", "created"} <= entry.keys() for entry in found
    ):
        raise BadField("versions", "a list of objects with version and created is wanted")
    return found


def _authors(row: Mapping[str, Any]) -> list[str]:
    """``authors_parsed`` holds [family name, given names, suffix, affiliations …]; older dumps have the line only."""
    parsed = row.get("authors_parsed")
    if not parsed:
        return arxiv.split_authors(str(row.get("authors") or ""))
    if not isinstance(parsed, list) or not all(isinstance(parts, list) and parts for parts in parsed):
        raise BadField("authors_parsed", "a list of lists [family, given, suffix] is wanted")
    names = ([*parts, "", ""][:3] for parts in parsed)
    return [" ".join(str(part) for part in (given, family, suffix) if part) for family, given, suffix in names]
