r"""The ACL Anthology's XML, one collection of volumes a file: https://github.com/acl-org/acl-anthology

Titles and abstracts carry markup: ``<fixed-case>`` guards capitals for BibTeX and goes, ``<tex-math>`` becomes
``$…$``, italics and bold become ``\emph{…}`` and ``\textbf{…}``. Volume, issue and editors stand with the volume, or
only in its title (*Transactions …, Volume 3*). A retraction marks the paper as withdrawn; errata are named in its
comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField
from coolpapers.papers.names import kinds
from coolpapers.papers.names.people import join_parts
from coolpapers.papers.records.fieldvalues import date_value
from coolpapers.papers.records.record import Dropped, FieldReader, Item, Record, Version, make_record
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of
from search.vocabulary.identifiers import parse_identifier

_SITE = "https://aclanthology.org"
# Volumes of workshops have two digits for the volume and two for the paper: W19-0101, and D19-5001 likewise.
_TWO_DIGITS = re.compile(r"W\d\d|C69|D19-[5-9]")
_STYLES = {"i": "emph", "em": "emph", "b": "textbf", "strong": "textbf", "tt": "texttt"}
_BREAKS = {"br": " ", "p": "\n\n"}
# Title pages, programmes and indexes, which newer volumes list among the papers.
_NO_PAPERS = frozenset({"frontmatter", "backmatter"})
_IN_TITLE = re.compile(r",?\s*\bvolume\s+(\d+)\b(?:.*?\b(?:issue|number)\s+(\d+(?:-\d+)?))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Volume:
    collection: str = ""
    ident: str = ""
    booktitle: str = ""
    year: str = ""
    is_journal: bool = False
    volume: str = ""
    issue: str = ""
    publisher: str = ""
    editors: tuple[str, ...] = ()


class AclXmlSource(PaperSource):
    """Papers of each volume; front matter is passed over."""

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return b"<collection" in head and b"<volume" in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        volume = _Volume()
        for element in iter_elements(stream, start={"collection", "volume"}, end={"meta", "paper"}):
            tag = local_name(element)
            if tag == "collection":
                volume = _Volume(str(element.get("id") or ""))
            elif tag == "volume":
                is_journal = element.get("type") == "journal"
                volume = _Volume(volume.collection, str(element.get("id") or ""), is_journal=is_journal)
            elif tag == "meta":
                volume = _described(volume, element)
            elif element.get("type") not in _NO_PAPERS:
                yield _read_paper(element, volume, name)


def _described(volume: _Volume, meta: etree._Element) -> _Volume:
    """The volume with what its ``<meta>`` says."""
    title = plain_text(child(meta, "booktitle"))
    is_journal = volume.is_journal or child(meta, "journal-title") is not None
    numbered = _IN_TITLE.search(title) if is_journal else None
    return replace(
        volume,
        booktitle=title,
        is_journal=is_journal,
        year=text_of(meta, "year"),
        volume=text_of(meta, "journal-volume") or (numbered[1] if numbered else ""),
        issue=text_of(meta, "journal-issue") or (numbered[2] or "" if numbered else ""),
        publisher=text_of(meta, "publisher"),
        editors=tuple(_name(editor) for editor in children(meta, "editor")),
    )


def plain_text(element: etree._Element | None) -> str:
    """The text of a title or abstract, formulas between dollars, styles as TeX's commands."""
    if element is None:
        return ""
    pieces = [element.text or ""]
    for part in element:
        inner, name = plain_text(part) if isinstance(part.tag, str) else "", local_name(part)
        if name == "tex-math" and inner.strip():
            inner = f"${inner.strip()}$"
        elif name in _STYLES and inner.strip():
            inner = f"\\{_STYLES[name]}{{{inner}}}"
        elif name in _BREAKS:
            inner = f"{inner}{_BREAKS[name]}"
        pieces += [inner, part.tail or ""]
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
    code = child(element, "pwccode")
    authors = children(element, "author")
    dropped: list[Dropped] = []
    return make_record(
        key=f"acl:{ident}",
        source="acl",
        ident=ident,
        line=line_of(element),
        title=plain_text(child(element, "title")),
        abstract=plain_text(child(element, "abstract")),
        authors=[_name(author) for author in authors],
        affiliations=[text_of(author, "affiliation") for author in authors],
        editors=[_name(editor) for editor in children(element, "editor")] or volume.editors,
        year=text_of(element, "year") or volume.year,
        venue=volume.booktitle,
        kind=kinds.JOURNAL if volume.is_journal else kinds.CONFERENCE,
        volume=text_of(element, "journal-volume") or volume.volume,
        issue=text_of(element, "journal-issue") or text_of(element, "issue") or volume.issue,
        pages=text_of(element, "pages"),
        publisher=volume.publisher,
        comment=_notes(element, ident),
        doi=text_of(element, "doi"),
        page_url=f"{_SITE}/{ident}/",
        pdf_url=pdf,
        code_url=code.get("url") if code is not None else "",
        withdrawn=child(element, "retracted") is not None or child(element, "removed") is not None,
        versions=_versions(element, dropped),
        dropped=dropped,
    )


def _notes(element: etree._Element, ident: str) -> str:
    """A retraction with its reason, and the addresses of errata."""
    notes = []
    for tag, verb in (("retracted", "Retracted"), ("removed", "Removed")):
        if (note := child(element, tag)) is not None:
            day = f" ({note.get('date')})" if note.get("date") else ""
            notes.append(f"{verb}{day}: {plain_text(note)}".strip().rstrip(":"))
    for erratum in children(element, "erratum"):
        number = str(erratum.get("id") or "1")
        link = (erratum.text or "").strip() or str(erratum.get("href") or f"{ident}e{number}")
        notes.append(f"Erratum {number}: " + (link if "://" in link else f"{_SITE}/{link}.pdf"))
    return " ".join(notes)


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
    return join_parts(text_of(author, "first"), text_of(author, "last")) if len(author) else author.text or ""


def _versions(element: etree._Element, dropped: list[Dropped]) -> list[Version]:
    """Revisions; the first version is there only to be the one they replace, and is listed as a revision or not."""
    reader = FieldReader()
    versions: dict[int, Version] = {}
    for revision in children(element, "revision"):
        if number := reader.read(_number, revision, default=0):
            day = reader.read(date_value, "revision", revision.get("date"), default=None)
            versions.setdefault(number, Version(number, day, " ".join(plain_text(revision).split())[:200]))
    dropped += reader.dropped
    return (
        [versions.get(1) or Version(1), *(version for number, version in sorted(versions.items()) if number > 1)]
        if versions
        else []
    )


def _number(revision: etree._Element) -> int:
    text = str(revision.get("id") or "")
    if not text.isdecimal() or not 1 <= int(text) <= 999:
        raise BadField("revision", f"id {text!r} is not a number from 1 on")
    return int(text)
