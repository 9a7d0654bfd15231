"""Answers of arXiv's query API (Atom), as for single ids: https://info.arxiv.org/help/api/user-manual.html"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Dropped, Item, Record, Refusal, make_record
from coolpapers.papers.sources.arxiv import fields as arxiv
from coolpapers.papers.sources.arxiv.authors import is_name
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.xml import children, iter_elements, line_of, text_of, whole_text
from search.vocabulary.identifiers import parse_identifier


class ArxivAtomSource(PaperSource):
    """A feed of entries; arXiv reports its errors as an entry too."""

    repeats_replace = True

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return b"<feed" in head and b"http://www.w3.org/2005/Atom" in head and b"arxiv.org" in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for entry in iter_elements(stream, end={"entry"}):
            yield read_entry(entry, name=name)


def read_entry(entry: etree._Element, *, name: str) -> Record | Refusal:
    line = line_of(entry)
    if "/api/errors" in text_of(entry, "id"):
        return Refusal(name, line, "", f"arXiv answered with an error: {text_of(entry, 'summary')}")
    try:
        return _record(entry, line)
    except BadField as exc:
        return refuse(exc, name=name, line=line)


def _record(entry: etree._Element, line: int) -> Record:
    address = text_of(entry, "id")
    found = parse_identifier(address)
    if found is None or found.source != "arxiv":
        raise BadField("id", f"{address!r} is not an arXiv id")
    dropped: list[Dropped] = []
    published = arxiv.read_moment("published", text_of(entry, "published"), dropped)
    updated = arxiv.read_moment("updated", text_of(entry, "updated"), dropped)
    comment, abstract = text_of(entry, "comment"), text_of(entry, "summary")
    dated = {"v1": published, f"v{found.version or 1}": updated}
    people = children(entry, "author")
    return make_record(
        key=found.key,
        source="arxiv",
        ident=found.value,
        line=line,
        title=text_of(entry, "title"),
        abstract=arxiv.unwrap_abstract(abstract),
        authors=[name for person in people if is_name(name := text_of(person, "name"))],
        affiliations=[whole_text(place) for person in people for place in children(person, "affiliation")],
        submitted=published.date() if published else None,
        updated=updated.date() if updated else None,
        announced=arxiv.announcement_day(published) if published else None,
        categories=_categories(entry),
        comment=comment,
        journal_ref=text_of(entry, "journal_ref"),
        doi=text_of(entry, "doi"),
        arxiv_id=found.value,
        page_url=arxiv.page_url(found.value),
        pdf_url=arxiv.pdf_url(found.value),
        withdrawn=arxiv.is_withdrawn(comment, abstract),
        versions=arxiv.versions_of(dated.items()),
        dropped=dropped,
    )


def _categories(entry: etree._Element) -> list[str]:
    """Primary first."""
    terms = [str(element.get("term") or "") for element in children(entry, "category")]
    primary = [str(element.get("term") or "") for element in children(entry, "primary_category")]
    return [term for term in (*primary, *terms) if term]
