"""``oai_dc``: unqualified Dublin Core, which every repository has."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from coolpapers.api.oai.formats.elements import XSI, xml_text
from coolpapers.papers.models import Paper
from coolpapers.papers.names.people import split_names

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"


def write_dublin_core(paper: Paper, *, page_url: str) -> etree._Element:
    """The paper; ``page_url`` is its page on this site."""
    element = etree.Element(f"{{{NAMESPACE}}}dc", nsmap={"oai_dc": NAMESPACE, "dc": _DC, "xsi": XSI})
    element.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, text in _statements(paper, page_url):
        if text:
            etree.SubElement(element, f"{{{_DC}}}{name}").text = xml_text(text)
    return element


def _statements(paper: Paper, page_url: str) -> Iterator[tuple[str, str]]:
    """Names and texts, as arXiv writes them where it has them: the abstract first, then ``Comment: …``."""
    yield "title", paper.title
    yield from (("creator", name.inverted) for name in split_names(paper.authors, paper.sort_names))
    yield from (("contributor", name.inverted) for name in split_names(paper.editors, paper.sort_names))
    yield from (("subject", code) for code in paper.categories)
    yield "description", paper.abstract
    yield "description", f"Comment: {paper.comment}" if paper.comment else ""
    yield "publisher", paper.publisher
    days = [day.isoformat() for day in (paper.submitted, paper.updated) if day]
    yield from (("date", text) for text in dict.fromkeys(days or [str(paper.year or "")]))
    yield "type", paper.kind or "text"
    yield "identifier", paper.page_url
    yield "identifier", page_url
    yield "identifier", f"doi:{paper.doi}" if paper.doi else ""
    yield "source", paper.journal_ref or paper.venue_text
