"""EndNote's names of reference types, which its tagged form and its XML share."""

from __future__ import annotations

from coolpapers.papers.names import kinds

_KINDS = {
    "journal article": kinds.JOURNAL,
    "electronic article": kinds.JOURNAL,
    "magazine article": kinds.JOURNAL,
    "newspaper article": kinds.JOURNAL,
    "conference paper": kinds.CONFERENCE,
    "conference proceedings": kinds.CONFERENCE,  # EndNote's type of papers in them
    "book section": kinds.CHAPTER,
    "electronic book section": kinds.CHAPTER,
    "encyclopedia": kinds.CHAPTER,
    "book": kinds.BOOK,
    "edited book": kinds.BOOK,
    "electronic book": kinds.BOOK,
    "thesis": kinds.THESIS,
    "report": kinds.REPORT,
    "government document": kinds.REPORT,
    "standard": kinds.REPORT,
    "patent": kinds.REPORT,
    "computer program": kinds.SOFTWARE,
    "dataset": kinds.DATASET,
    "online database": kinds.DATASET,
    "web page": kinds.WEBPAGE,
    "blog": kinds.WEBPAGE,
    "preprint": kinds.PREPRINT,
}


def kind_of(name: str) -> str:
    """Our kind of one of EndNote's types."""
    return _KINDS.get(name.strip().lower(), kinds.OTHER)
