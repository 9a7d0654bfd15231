"""RIS, with the tags that Zotero, EndNote and Mendeley read alike.

Zotero takes ``T2`` of a conference paper as the conference and ``C3`` as the proceedings; it maps ``M3`` to
the DOI, so no kind of work is written there. RIS knows no preprint: ``UNPB`` (unpublished) with the archive
in ``DB`` and ``AN`` is the nearest.
"""

from __future__ import annotations

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind

_TYPE = {
    Kind.PREPRINT: "UNPB",
    Kind.CONFERENCE: "CONF",
    Kind.JOURNAL: "JOUR",
    Kind.CHAPTER: "CHAP",
    Kind.BOOK: "BOOK",
    Kind.PROCEEDINGS: "BOOK",
    Kind.THESIS: "THES",
    Kind.REPORT: "RPRT",
    Kind.SOFTWARE: "COMP",
    Kind.DATASET: "DATA",
    Kind.WEBPAGE: "ELEC",
    Kind.OTHER: "UNPB",
}
# EndNote and Zotero read editors of what is part of a volume in A2, others in ED.
_PARTS = frozenset({Kind.CONFERENCE, Kind.CHAPTER})


def format_ris(entries: list[tuple[str, CitedWork]]) -> str:
    """Write works as RIS; lines end in CR LF, as the format asks."""
    return "".join(_record(key, work) for key, work in entries)


def _record(key: str, work: CitedWork) -> str:
    lines = [f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in _tags(key, work) if value]
    return f"TY  - {_TYPE[work.kind]}\r\n{''.join(lines)}ER  - \r\n\r\n"


def _tags(key: str, work: CitedWork) -> list[tuple[str, str]]:
    conference = work.kind is Kind.CONFERENCE
    return [
        ("ID", key),
        ("TI", plain_text(work.title)),
        *[("AU", name.inverted) for name in work.authors],
        *[("A2" if work.kind in _PARTS else "ED", name.inverted) for name in work.editors],
        ("PY", str(work.year or "")),
        ("DA", work.date.strftime("%Y/%m/%d") if work.date else ""),
        ("T2", plain_text(work.event or work.container) if conference else plain_text(work.container)),
        ("C3", plain_text(work.container) if conference else ""),
        ("VL", work.volume),
        ("IS", work.issue),
        ("SN", work.report_number),
        ("SP", work.first_page),
        ("EP", work.last_page),
        ("PB", work.publisher),
        ("DB", "arXiv" if work.arxiv_id else ""),
        ("AN", f"arXiv:{work.arxiv_id}" if work.arxiv_id else ""),
        ("DO", work.doi),
        ("UR", work.url),
        ("L1", work.pdf_url),
        *[("KW", word) for word in work.keywords],
        ("AB", plain_text(work.abstract)),
        ("N1", work.note),
    ]
