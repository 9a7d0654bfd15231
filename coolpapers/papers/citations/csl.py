"""CSL-JSON, as citeproc, pandoc and Zotero read it (Citation Style Language 1.0.2)."""

from __future__ import annotations

import json
from typing import Any

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind
from coolpapers.papers.names.people import PersonName

# CSL 1.0.2 calls a preprint "article"; Zotero reads that back as a preprint.
_TYPE = {
    Kind.PREPRINT: "article",
    Kind.CONFERENCE: "paper-conference",
    Kind.JOURNAL: "article-journal",
    Kind.CHAPTER: "chapter",
    Kind.BOOK: "book",
    Kind.PROCEEDINGS: "book",
    Kind.THESIS: "thesis",
    Kind.REPORT: "report",
    Kind.SOFTWARE: "software",
    Kind.DATASET: "dataset",
    Kind.WEBPAGE: "webpage",
    Kind.OTHER: "manuscript",
}


def format_csl(entries: list[tuple[str, CitedWork]]) -> str:
    """Write works as one JSON array; ids are the BibTeX keys, so that both files cite alike."""
    return json.dumps([_item(key, work) for key, work in entries], ensure_ascii=False, indent=2) + "\n"


def _item(key: str, work: CitedWork) -> dict[str, Any]:
    # A preprint says arXiv in its number, a published paper in archive. IEEE's style prints a publisher "arXiv" too:
    # "arXiv: arXiv:2406.01234".
    is_preprint = work.kind is Kind.PREPRINT and bool(work.arxiv_id)
    item: dict[str, Any] = {
        "id": key,
        "type": _TYPE[work.kind],
        "title": plain_text(work.title),
        "author": [_name(name) for name in work.authors],
        "issued": _date(work),
        "container-title": plain_text(work.container),
        "event-title": work.event,
        "volume": work.volume,
        "issue": work.issue,
        "page": work.pages,
        "editor": [_name(name) for name in work.editors],
        "publisher": work.publisher,
        "number": f"arXiv:{work.arxiv_id}" if is_preprint else work.report_number,
        "archive": "arXiv" if work.arxiv_id and not is_preprint else "",
        "archive_location": "" if is_preprint else work.arxiv_id,
        "DOI": work.doi,
        "URL": work.url,
        "abstract": plain_text(work.abstract),
        "keyword": _keywords(work.keywords),
        "note": work.note,
    }
    return {name: value for name, value in item.items() if value}


def _name(name: PersonName) -> dict[str, str]:
    if not name.given:
        return {"literal": name.natural}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _keywords(keywords: tuple[str, ...]) -> str:
    """Separated by commas, as styles print them; by semicolons where a keyword holds a comma."""
    if not any("," in word for word in keywords):
        return ", ".join(keywords)
    return "; ".join(keywords) + (";" if len(keywords) == 1 else "")


def _date(work: CitedWork) -> dict[str, list[list[int]]] | None:
    if work.date:
        return {"date-parts": [[work.date.year, work.date.month, work.date.day]]}
    return {"date-parts": [[work.year]]} if work.year else None
