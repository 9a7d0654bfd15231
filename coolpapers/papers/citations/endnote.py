"""EndNote's tagged format (refer): ``%A`` author, ``%T`` title, … one record ends at a blank line."""

from __future__ import annotations

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind

_TYPE = {
    Kind.PREPRINT: "Unpublished Work",
    Kind.CONFERENCE: "Conference Proceedings",
    Kind.JOURNAL: "Journal Article",
    Kind.CHAPTER: "Book Section",
    Kind.BOOK: "Book",
    Kind.PROCEEDINGS: "Edited Book",
    Kind.THESIS: "Thesis",
    Kind.REPORT: "Report",
    Kind.SOFTWARE: "Computer Program",
    Kind.DATASET: "Dataset",
    Kind.WEBPAGE: "Web Page",
    Kind.OTHER: "Unpublished Work",
}


def format_endnote(entries: list[tuple[str, CitedWork]]) -> str:
    """Write works for EndNote's "tagged" import filter and Zotero's Refer translator."""
    return "\n".join(_record(key, work) for key, work in entries)


def _record(key: str, work: CitedWork) -> str:
    return "".join(f"%{tag} {' '.join(value.split())}\n" for tag, value in _tags(key, work) if value)


def _tags(key: str, work: CitedWork) -> list[tuple[str, str]]:
    return [
        ("0", _TYPE[work.kind]),
        # EndNote takes a name without comma apart, one that ends in a comma as a whole.
        *[("A", name.inverted if name.given else f"{name.natural},") for name in work.authors],
        *[("E", name.inverted if name.given else f"{name.natural},") for name in work.editors],
        ("T", plain_text(work.title)),
        ("J" if work.kind is Kind.JOURNAL else "B", plain_text(work.container)),
        ("V", work.volume),
        ("N", work.issue or work.report_number),
        ("P", work.pages),
        ("I", work.publisher),
        ("D", str(work.year or "")),
        ("8", work.date.isoformat() if work.date else ""),
        ("M", f"arXiv:{work.arxiv_id}" if work.arxiv_id else ""),
        ("R", work.doi),
        ("U", work.url),
        (">", work.pdf_url),
        ("K", "; ".join(work.keywords)),
        ("X", plain_text(work.abstract)),
        ("Z", work.note),
        ("F", key),
    ]
