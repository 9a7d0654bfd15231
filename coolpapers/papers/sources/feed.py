"""RSS 1.0 and 2.0 and Atom as journals, publishers and preprint servers write them.

Dublin Core and PRISM elements (``dc:creator``, ``prism:doi``, ``prism:publicationName`` …) are read where they are
there. An entry without an identifier of its own is known by a hash of its ``guid``, ``id`` or link.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField, SourceFormatError
from coolpapers.papers.records.record import Item, Record, make_record
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.loose_xml import mend_xml
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of, whole_text
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifier

MAX_BYTES = 64 << 20
_ROOTS = {"rss", "RDF", "feed"}
_TAGS = re.compile(r"<[^>]{0,2000}>")
# What arXiv and publishers write before the abstract.
_PREAMBLE = re.compile(r"^\s*(?:arXiv:\S+ Announce Type: \S+\s*)?(?:Abstract:?\s+)?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SEPARATORS = re.compile(r"\s*;\s*|\s*,?\s+(?:and|&)\s+")
_MAIL_WITH_NAME = re.compile(r"[^\s@()]+@[^\s@()]+\s*\(([^()]+)\)")  # RSS 2.0: ada@example.org (Ada Example)
# Entries that are no papers: they have no author and such a title.
_NOTICES = re.compile(
    r"^(?:issue information|table of contents|front matter|back matter|cover|editorial board)\b", re.I
)


class FeedPaperSource(PaperSource):
    """One feed; each entry is a paper."""

    repeats_replace = True

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return bool(re.search(rb"<(?:rss|rdf:RDF|feed)\b", head[:2000])) and b"arxiv.org/api" not in head[:2000]

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise SourceFormatError(f"larger than {MAX_BYTES >> 20} MB; no feed is")
        is_feed = False
        for element in iter_elements(io.BytesIO(mend_xml(data)), start=_ROOTS, end={"item", "entry"}):
            if local_name(element) in _ROOTS:
                is_feed = True
                continue
            if not is_feed:
                break
            try:
                if not _NOTICES.match(text_of(element, "title")):
                    yield _record(element)
            except BadField as exc:
                yield refuse(exc, name=name, line=line_of(element))
        if not is_feed:
            raise SourceFormatError("not an RSS or Atom feed")


def _record(element: etree._Element) -> Record:
    link = _link(element)
    names = [text_of(element, "doi"), text_of(element, "identifier"), link, _own_id(element)]
    identifier = next((found for name in names if name and (found := _identifier(name))), None)
    own = _own_id(element) or link
    if identifier is None and not own:
        raise BadField("id", "missing; the entry has no link, guid or identifier")
    key = identifier.key if identifier else "feed:" + hashlib.sha256(own.encode()).hexdigest()[:24]
    day = _published(element)
    venue = text_of(element, "publicationName")
    volume, first, last = text_of(element, "volume"), text_of(element, "startingPage"), text_of(element, "endingPage")
    return make_record(
        key=key,
        line=line_of(element),
        title=_plain(text_of(element, "title")),
        abstract=_PREAMBLE.sub("", _plain(_abstract(element))),
        authors=_authors(element),
        submitted=day,
        announced=day,
        year=day.year if day else None,
        categories=[text for item in children(element, "category") if (text := _category(item))],
        venue=venue,
        volume=volume,
        issue=text_of(element, "number"),
        pages=f"{first}-{last}" if first and last else first,
        doi=identifier.value if identifier and identifier.source == "doi" else text_of(element, "doi"),
        page_url=link,
        publisher=text_of(element, "publisher"),
    )


def _identifier(text: str) -> Identifier | None:
    return parse_identifier(text.removeprefix("doi:").removeprefix("oai:arXiv.org:"))


def _link(element: etree._Element) -> str:
    for link in children(element, "link"):
        if (link.get("rel") or "alternate") == "alternate" and (href := link.get("href") or (link.text or "").strip()):
            return href
    return ""


def _own_id(element: etree._Element) -> str:
    return text_of(element, "guid") or text_of(element, "id")


def _abstract(element: etree._Element) -> str:
    names = ("abstract", "description", "summary", "encoded", "content")
    return next((text for name in names if (text := text_of(element, name))), "")


def _plain(text: str) -> str:
    """Text of a feed, which may be HTML."""
    return _TAGS.sub(" ", text) if "<" in text else text


def _authors(element: etree._Element) -> list[str]:
    people = []
    for author in (*children(element, "creator"), *children(element, "author")):
        name = child(author, "name")
        text = _MAIL_WITH_NAME.sub(r"\1", _plain(whole_text(name if name is not None else author)))
        for part in _SEPARATORS.split(text):
            people += _split_at_commas(part)
    return [person for person in people if person and "@" not in person]


def _split_at_commas(text: str) -> list[str]:
    """``Ada Example, Bo Sample`` are two people, ``Example, Ada`` is one and ``Example, Ada, Sample, Bo`` are two."""
    parts = [part.strip() for part in text.split(",")]
    are_halves = len(parts) % 2 == 0 and (len(parts) == 2 or not any(" " in part for part in parts))
    if are_halves and not all(" " in part for part in parts):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    return parts


def _category(element: etree._Element) -> str:
    text = element.get("term") or (element.text or "").strip()
    return text if re.fullmatch(r"[a-z-]+(?:\.[A-Za-z-]+)?", text) and ("." in text or "-" in text) else ""


def _published(element: etree._Element) -> date | None:
    for name in ("publicationDate", "published", "date", "pubDate", "updated"):
        text = text_of(element, name)
        if match := _DAY.match(text):
            try:
                return date.fromisoformat(match.group())
            except ValueError:
                continue
        try:
            return parsedate_to_datetime(text).date()
        except (ValueError, TypeError):
            continue
    return None
