"""The ACL Anthology's XML, one collection of volumes a file: https://github.com/acl-org/acl-anthology

Titles and abstracts carry markup: ``<fixed-case>`` guards capitals for BibTeX and goes, ``<tex-math>`` becomes
``$…$``, italics and bold become plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.fieldvalues import date_value
from coolpapers.papers.records.record import Item, Record, Version, make_record
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of
from search.vocabulary.identifiers import parse_identifier

_SITE = "https://aclanthology.org"
# Volumes of workshops have two digits for the volume and two for the paper: W19-0101, and D19-5001 likewise.
_TWO_DIGITS = re.compile(r"W\d\d|C69|D19-[5-9]")


@dataclass(slots=True)
class _Volume:
    collection: str = ""
    ident: str = ""
    booktitle: str = ""
    year: str = ""


class AclXmlSource(PaperSource):
    """Papers of each volume; front matter is passed over."""

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return b"<collection" in head and b"<volume" in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        volume = _Volume()
        for element in iter_elements(stream, start={"collection", "volume"}, end={"meta", "paper"}):
            tag = local_name(element)
            if tag == "collection":
                volume.collection = str(element.get("id") or "")
            elif tag == "volume":
                volume = _Volume(volume.collection, str(element.get("id") or ""))
            elif tag == "meta":
                volume.booktitle, volume.year = plain_text(child(element, "booktitle")), text_of(element, "year")
            else:
                yield _read_paper(element, volume, name)


def plain_text(element: etree._Element | None) -> str:
    """The text of a title or abstract, formulas between dollars."""
    if element is None:
        return ""
    pieces = [element.text or ""]
    for part in element:
        inner = plain_text(part) if isinstance(part.tag, str) else ""
        pieces.append(f"${inner.strip()}$" if local_name(part) == "tex-math" and inner.strip() else inner)
        pieces.append(part.tail or "")
    return "".join(pieces)


def _read_paper(element: etree._Element, volume: _Volume, name: str) -> Item:
    try:
        return _record(element, volume)
    except BadField as exc:
        return refuse(exc, name=name, line=line_of(element))


def _record(element: etree._Element, volume: _Volume) -> Record:
    ident = _ident(element, volume)
    link = text_of(element, "url")
    pdf = link if link.startswith(("http://", "https://")) else f"{_SITE}/{ident}.pdf"
    return make_record(
        key=f"acl:{ident}",
        source="acl",
        ident=ident,
        line=line_of(element),
        title=plain_text(child(element, "title")),
        abstract=plain_text(child(element, "abstract")),
        authors=[_name(author) for author in children(element, "author")],
        year=text_of(element, "year") or volume.year,
        venue=volume.booktitle,
        doi=text_of(element, "doi"),
        page_url=f"{_SITE}/{ident}/",
        pdf_url=pdf,
        withdrawn=child(element, "retracted") is not None or child(element, "removed") is not None,
        versions=_versions(element),
    )


def _ident(element: etree._Element, volume: _Volume) -> str:
    """The paper's id as its link says it, else made of collection, volume and number."""
    found = parse_identifier(f"acl:{text_of(element, 'url')}")
    if found is not None:
        return found.value
    number = str(element.get("id") or "")
    if not number or not volume.collection:
        raise BadField("id", "missing; a paper has an id attribute inside a collection with one")
    if not volume.collection[0].isalpha():
        return f"{volume.collection}-{volume.ident}.{number}"
    if _TWO_DIGITS.match(f"{volume.collection}-{volume.ident}"):
        return f"{volume.collection}-{volume.ident.zfill(2)}{number.zfill(2)}"
    return f"{volume.collection}-{volume.ident}{number.zfill(3)}"


def _name(author: etree._Element) -> str:
    parts = (text_of(author, "first"), text_of(author, "last")) if len(author) else (author.text or "",)
    return " ".join(part for part in parts if part)


def _versions(element: etree._Element) -> Iterator[Version]:
    """Revisions; the first version is there only to be the one they replace."""
    revisions = children(element, "revision")
    if revisions:
        yield Version(1)
    for revision in revisions:
        number = str(revision.get("id") or "")
        if not number.isdigit() or not 2 <= int(number) <= 999:
            raise BadField("revision", f"id {number!r} is not a number from 2 on")
        day = date_value("revision", revision.get("date"))
        yield Version(int(number), day, " ".join(plain_text(revision).split())[:200])
