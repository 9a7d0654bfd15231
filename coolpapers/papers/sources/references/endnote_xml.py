"""EndNote's XML, which Zotero and Mendeley write, too."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.records.record import Item
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.references.endnote_types import kind_of
from coolpapers.papers.sources.references.people import names_or_organisation
from coolpapers.papers.sources.references.reference import Reference, record_of
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of, whole_text

# What EndNote calls the type of a stretch of text, as the tags that records read.
_FACES = {"italic": "i", "bold": "b", "superscript": "sup", "subscript": "sub"}


class EndnoteXmlSource(PaperSource):
    """Each ``<record>`` of a library."""

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return b"<record>" in head and b"<ref-type" in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        for element in iter_elements(stream, end={"record"}):
            try:
                yield record_of(_reference(element))
            except BadField as exc:
                yield refuse(exc, name=name, line=line_of(element))


def _reference(record: etree._Element) -> Reference:
    kind_name = child(record, "ref-type")
    kind = kind_of(str(kind_name.get("name") or whole_text(kind_name)) if kind_name is not None else "")
    titles, dates = _child(record, "titles"), _child(record, "dates")
    urls = _child(record, "urls")
    day = text_of(_child(dates, "pub-dates"), "date")
    container = _container(record, titles)
    number = text_of(record, "number")
    is_report = kind in (kinds.REPORT, kinds.THESIS)
    note = " ".join(filter(None, (text_of(record, "notes"), text_of(record, "research-notes"))))
    links = _texts(_child(urls, "related-urls")) + _texts(_child(urls, "web-urls"))
    return Reference(
        ident=text_of(record, "label") or text_of(record, "rec-number"),
        kind=kind,
        title=_styled(_child(titles, "title")),
        authors=_people(record, "authors"),
        editors=_people(record, "secondary-authors"),
        abstract=_styled(_child(record, "abstract")).replace("\r", "\n"),
        container=container if kind != kinds.BOOK else "",
        year=text_of(dates, "year"),
        month=day,
        date=day.replace("/", "-"),
        volume=text_of(record, "volume"),
        issue="" if is_report else number,
        pages=text_of(record, "pages"),
        publisher=text_of(record, "publisher"),
        note=note,
        url=next((link for link in links if "://" in link), ""),
        pdf_url=next((link for link in _texts(_child(urls, "pdf-urls")) if "://" in link), ""),
        keywords=[word.strip() for text in _texts(_child(record, "keywords")) for word in text.split(";")],
        report_numbers=[number] if is_report and number else [],
        affiliations=[line.strip() for line in text_of(record, "auth-address").splitlines()],
        fields={
            "doi": text_of(record, "electronic-resource-num"),
            "url": " ".join(links),
            "eid": text_of(record, "accession-num"),
            "journal": container,
            "volume": text_of(record, "volume"),
            "pages": text_of(record, "pages"),
            "publisher": text_of(record, "publisher"),
            "note": note,
        },
        line=line_of(record),
    )


def _container(record: etree._Element, titles: etree._Element) -> str:
    periodical = text_of(_child(record, "periodical"), "full-title")
    return periodical or text_of(titles, "secondary-title") or text_of(titles, "alt-title")


def _people(record: etree._Element, group: str) -> list[str]:
    people = children(_child(_child(record, "contributors"), group), "author")
    return [name for person in people if (line := whole_text(person)) for name in names_or_organisation(line)]


def _texts(element: etree._Element) -> list[str]:
    return [text for part in element if (text := whole_text(part))]


def _child(element: etree._Element, name: str) -> etree._Element:
    """The child of that name; an empty element where there is none."""
    found = child(element, name)
    return found if found is not None else etree.Element(name)


def _styled(element: etree._Element) -> str:
    """The text of ``<style>`` elements, with italics and scripts as tags."""
    pieces = [html.escape(element.text or "", quote=False)]
    for part in element:
        text = html.escape("".join(map(str, part.itertext())), quote=False)
        for face in str(part.get("face") or "").split() if local_name(part) == "style" else ():
            if tag := _FACES.get(face):
                text = f"<{tag}>{text}</{tag}>"
        pieces += [text, html.escape(part.tail or "", quote=False)]
    return "".join(pieces).strip()
