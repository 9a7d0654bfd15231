"""Highwire Press ``citation_*`` tags of a paper page, which Google Scholar and Zotero read."""

from __future__ import annotations

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind

_PUBLISHER = {
    Kind.THESIS: "citation_dissertation_institution",
    Kind.REPORT: "citation_technical_report_institution",
}


def highwire_tags(work: CitedWork, *, page_url: str = "", pdf_url: str = "") -> list[tuple[str, str]]:
    """Return (name, content) pairs, every author in a tag of its own, empty ones left out.

    ``page_url`` and ``pdf_url`` are absolute addresses on this site; Scholar wants the PDF of the same host.
    """
    container = plain_text(work.container)
    tags = [
        ("citation_title", plain_text(work.title)),
        *[("citation_author", name.inverted) for name in work.authors],
        ("citation_publication_date", _date(work)),
        ("citation_online_date", work.date.strftime("%Y/%m/%d") if work.date else ""),
        ("citation_conference_title", container if work.kind is Kind.CONFERENCE else ""),
        ("citation_journal_title", container if work.kind is Kind.JOURNAL else ""),
        ("citation_inbook_title", container if work.kind is Kind.CHAPTER else ""),
        ("citation_volume", work.volume),
        ("citation_issue", work.issue),
        ("citation_firstpage", work.first_page),
        ("citation_lastpage", work.last_page),
        *[("citation_editor", name.inverted) for name in work.editors],
        (_PUBLISHER.get(work.kind, "citation_publisher"), work.publisher),
        ("citation_technical_report_number", work.report_number if work.kind is Kind.REPORT else ""),
        ("citation_doi", work.doi),
        ("citation_arxiv_id", work.arxiv_id),
        ("citation_abstract", plain_text(work.abstract)),
        ("citation_keywords", "; ".join(work.keywords)),
        ("citation_pdf_url", pdf_url or work.pdf_url),
        ("citation_abstract_html_url", page_url),
    ]
    return [(name, content) for name, content in tags if content]


def _date(work: CitedWork) -> str:
    return work.date.strftime("%Y/%m/%d") if work.date else str(work.year or "")
