"""Atom feeds in the form of arXiv's query API: OpenSearch counts, arXiv's elements, and errors as entries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.http import HttpRequest
from django.utils.xmlutils import SimplerXMLGenerator

from coolpapers.api.errors import ApiError
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import Card

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
ARXIV = "http://arxiv.org/schemas/atom"
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class QueryFeed:
    """One page of results: ``total`` of the query, ``start`` from 0, ``size`` as requested."""

    title: str
    total: int
    start: int
    size: int
    papers: Sequence[Paper]


def write_feed(request: HttpRequest, feed: QueryFeed) -> bytes:
    """The feed of a result page. Papers must be loaded with sources and ``versions``."""
    writer = _Writer()
    writer.begin(request, feed.title, updated=datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    for name, number in (("itemsPerPage", feed.size), ("totalResults", feed.total), ("startIndex", feed.start)):
        writer.element(f"opensearch:{name}", str(number))
    for paper in feed.papers:
        _write_entry(writer, request, paper)
    return writer.end()


def write_error(request: HttpRequest, error: ApiError) -> bytes:
    """An error in arXiv's form: a feed with one entry titled "Error"."""
    writer = _Writer()
    now = datetime.now(UTC)
    writer.begin(request, "arXiv Query: error", updated=now)
    for name, number in (("itemsPerPage", 1), ("totalResults", 1), ("startIndex", 0)):
        writer.element(f"opensearch:{name}", str(number))
    fragment = re.sub(r"[^A-Za-z0-9.]+", "_", error.detail).strip("_")
    address = f"http://arxiv.org/api/errors#{fragment}"
    writer.start("entry")
    writer.element("id", address)
    writer.element("title", "Error")
    writer.element("summary", _describe(error))
    writer.element("updated", _stamp(now))
    writer.element("link", None, href=address, rel="alternate", type="text/html")
    writer.person("arXiv api core")
    writer.stop("entry")
    return writer.end()


def _describe(error: ApiError) -> str:
    where = f" at position {error.position + 1} of {error.where}" if error.position is not None else ""
    return f"{error.detail.rstrip('.')}{where}. {error.cure}".strip() if where or error.cure else error.detail


def _write_entry(writer: _Writer, request: HttpRequest, paper: Paper) -> None:
    card = Card(paper)
    submitted = paper.submitted or paper.announced or (date(paper.year, 1, 1) if paper.year else None)
    published = _midnight(submitted) or paper.created_at
    updated = max(_midnight(paper.updated) or published, published)
    page = request.build_absolute_uri(card.path)
    version = max((version.number for version in paper.versions.all()), default=1)
    writer.start("entry")
    # arXiv's address with the version: programs parse the id from it.
    writer.element("id", f"http://arxiv.org/abs/{paper.arxiv_id}v{version}" if paper.arxiv_id else page)
    writer.element("title", paper.title)
    writer.element("updated", _stamp(updated))
    writer.element("link", None, href=page, rel="alternate", type="text/html")
    if card.pdf_url:
        writer.element("link", None, href=card.pdf_url, rel="related", type="application/pdf", title="pdf")
    if paper.doi:
        writer.element("link", None, href=f"https://doi.org/{paper.doi}", rel="related", title="doi")
    writer.element("summary", paper.abstract)
    for code in paper.categories:
        writer.element("category", None, term=code, scheme=ARXIV)
    writer.element("published", _stamp(published))
    if paper.comment:
        writer.element("arxiv:comment", paper.comment)
    if paper.categories:
        writer.element("arxiv:primary_category", None, term=paper.categories[0])
    if journal := paper.journal_ref or paper.venue_text:
        writer.element("arxiv:journal_ref", journal)
    for name in paper.authors:
        writer.person(name)
    if not paper.authors:
        writer.person("unknown")  # Atom requires an author in every entry
    if paper.doi:
        writer.element("arxiv:doi", paper.doi)
    writer.stop("entry")


class _Writer:
    """Writes elements to a buffer; replaces characters that XML does not allow."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self._xml = SimplerXMLGenerator(self._buffer, "utf-8")

    def begin(self, request: HttpRequest, title: str, *, updated: datetime) -> None:
        self._xml.startDocument()
        names = {"xmlns": ATOM, "xmlns:opensearch": OPENSEARCH, "xmlns:arxiv": ARXIV}
        self._xml.startElement("feed", AttributesImpl(names))
        digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:27]
        self.element("id", request.build_absolute_uri(f"/api/{digest}"))
        self.element("title", title)
        self.element("updated", _stamp(updated))
        address = request.build_absolute_uri() if request.method != "POST" else request.build_absolute_uri(request.path)
        self.element("link", None, href=address, rel="self", type="application/atom+xml")

    def start(self, name: str) -> None:
        self._xml.startElement(name, AttributesImpl({}))

    def stop(self, name: str) -> None:
        self._xml.endElement(name)

    def element(self, name: str, text: str | None, **attributes: Any) -> None:
        cleaned = {key: _FORBIDDEN_IN_XML.sub("\ufffd", value) for key, value in attributes.items()}
        self._xml.addQuickElement(name, None if text is None else _FORBIDDEN_IN_XML.sub("\ufffd", text), cleaned)

    def person(self, name: str) -> None:
        self.start("author")
        self.element("name", name)
        self.stop("author")

    def end(self) -> bytes:
        self._xml.endElement("feed")
        self._xml.endDocument()
        return self._buffer.getvalue()


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
