"""How a paper is cited: BibTeX, RIS, CSL-JSON, EndNote, Zotero RDF, Markdown, plain text, and what pages tell tools.

Start at :func:`cite`, which writes any number of papers in a format of :data:`FORMATS`. ``work.py`` holds
what all formats share: the kind of publication, split names, container, dates. For pages there are
:func:`~coolpapers.papers.citations.embedded.coins.context_object` (a card),
:func:`~coolpapers.papers.citations.embedded.highwire.highwire_tags` and
:func:`~coolpapers.papers.citations.embedded.schema_org.scholarly_article` (a paper page).

Fetch papers with ``select_related("venue")``; citing many asks the database nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coolpapers.papers.citations.bibtex import format_bibtex
from coolpapers.papers.citations.csl import format_csl
from coolpapers.papers.citations.endnote import format_endnote
from coolpapers.papers.citations.keys import unique_keys
from coolpapers.papers.citations.ris import format_ris
from coolpapers.papers.citations.text import format_abstract, format_markdown, format_plain
from coolpapers.papers.citations.work import CitedWork, describe_work
from coolpapers.papers.citations.zotero_rdf import format_zotero_rdf
from coolpapers.papers.models import Paper

__all__ = ["FORMATS", "CitationFormat", "UnknownFormat", "cite", "describe_work"]


class UnknownFormat(LookupError):
    """No citation format of that name; the message lists the known ones."""


@dataclass(frozen=True)
class CitationFormat:
    """A way to write citations. ``write`` takes works and their citation keys, pairwise."""

    name: str  # as in ?format=
    label: str
    media_type: str
    extension: str
    write: Callable[[list[tuple[str, CitedWork]]], str]


FORMATS: dict[str, CitationFormat] = {
    one.name: one
    for one in (
        CitationFormat("bibtex", "BibTeX", "application/x-bibtex", "bib", format_bibtex),
        CitationFormat("ris", "RIS", "application/x-research-info-systems", "ris", format_ris),
        CitationFormat("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", "json", format_csl),
        CitationFormat("endnote", "EndNote", "application/x-endnote-refer", "enw", format_endnote),
        CitationFormat("zotero", "Zotero RDF", "application/rdf+xml", "rdf", format_zotero_rdf),
        CitationFormat("markdown", "Markdown", "text/markdown", "md", format_markdown),
        CitationFormat("text", "Text", "text/plain", "txt", format_plain),
        CitationFormat("abstract", "Title and abstract", "text/plain", "txt", format_abstract),
    )
}


def cite(papers: Iterable[Paper], format_name: str = "bibtex") -> str:
    """Write papers in one format, in the order given; an empty iterable gives an empty document.

    Raises UnknownFormat (a LookupError) for a format that is not in FORMATS.
    """
    if format_name not in FORMATS:
        raise UnknownFormat(f"no citation format {format_name!r}; there are: {', '.join(FORMATS)}")
    works = [describe_work(paper) for paper in papers]
    return FORMATS[format_name].write(list(zip(unique_keys(works), works, strict=True)))
