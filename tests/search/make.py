"""Documents for tests of search, made by plain functions."""

from __future__ import annotations

from datetime import date

from search.engines.documents import Document, bare_document


def make_document(key: str = "arxiv:2401.00001", **changes: object) -> Document:
    """A document with only a title and the given changes; ``day`` sets the date and the year."""
    document = bare_document(key, title="A title", abstract="")
    document["idents"] = [key, key.partition(":")[2]]
    day = changes.pop("day", None)
    if isinstance(day, date):
        document["date"], document["year"] = day.toordinal(), day.year
    document.update(changes)  # type: ignore[typeddict-item]
    return document


def titled(*titles: str) -> list[Document]:
    """One document per title, with the keys ``p:0``, ``p:1`` …"""
    return [make_document(f"p:{number}", title=title) for number, title in enumerate(titles)]
