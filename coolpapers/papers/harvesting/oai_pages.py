"""One answer of an OAI-PMH server: its records, its error, and where the list goes on. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.records.record import Item, Refusal
from coolpapers.papers.sources.arxiv.oai import key_of, raise_error, read_record
from coolpapers.papers.sources.xml import children, iter_elements, local_name, text_of

# Characters XML has no room for, raw or as references; repositories let them through from authors' abstracts.
_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.I
)
_ROOT = re.compile(rb"<OAI-PMH\b[^>]*>")
_RECORD = re.compile(rb"<record\b.*?</record\s*>", re.DOTALL)
_TOKEN = re.compile(rb"<resumptionToken\b[^>]*?(?:/>|>(.*?)</resumptionToken\s*>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OaiPage:
    """``token`` asks for the next page; empty at the end. ``n_total`` is what the server says of the whole list."""

    items: list[Item]
    token: str = ""
    n_total: int | None = None
    response_date: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A header of ListIdentifiers: what a repository says it has."""

    key: str
    datestamp: str
    sets: tuple[str, ...]
    is_deleted: bool = False


def parse_page(data: bytes, *, name: str) -> OaiPage:
    """Read an answer to ListRecords or GetRecord.

    Raises
    ------
    SourceFormatError
        If it is not well-formed XML.
    HarvestError
        If it is an error of the protocol other than ``noRecordsMatch``.
    """
    items: list[Item] = []
    token, total, response_date = "", "", ""
    for element in _elements(data, end={"record", "resumptionToken", "error", "responseDate"}):
        tag = local_name(element)
        if tag == "record" and children(element, "header"):
            items.append(read_record(element, name=name))
        elif tag == "resumptionToken":
            token, total = (element.text or "").strip(), str(element.get("completeListSize") or "")
        elif tag == "responseDate":
            response_date = (element.text or "").strip()
        elif tag == "error":
            raise_error(element)
    return OaiPage(items, token, int(total) if total.isdigit() else None, response_date)


def salvage_page(data: bytes, *, name: str) -> OaiPage:
    """Read an answer that stays malformed: each record by itself, refusing those that cannot be read.

    Raises SourceFormatError where even the resumption token is not there, so that nobody knows how the list goes on.
    """
    data = _ILLEGAL.sub(b"", data)
    root, token = _ROOT.search(data), _TOKEN.search(data)
    if root is None or token is None:
        raise SourceFormatError(f"{name} is malformed and says not how the list goes on")
    items: list[Item] = []
    for match in _RECORD.finditer(data):
        try:
            page = parse_page(root.group() + match.group() + b"</OAI-PMH>", name=name)
            items.extend(page.items)
        except SourceFormatError as exc:
            items.append(Refusal(name, data.count(b"\n", 0, match.start()) + 1, "", str(exc)))
    text = etree.fromstring(b"<t>" + (token[1] or b"") + b"</t>").text or ""
    return OaiPage(items, text.strip())


def malformed(data: bytes) -> str:
    """What is wrong with a body as an OAI-PMH answer's XML; empty where nothing is."""
    try:
        for _ in _elements(data, end={"record"}):
            pass
    except SourceFormatError as exc:
        return str(exc)
    return ""


def next_token(data: bytes) -> str:
    """The resumption token of any list; empty at its end."""
    return next(((element.text or "").strip() for element in _elements(data, end={"resumptionToken"})), "")


def _elements(data: bytes, *, end: set[str]) -> Iterator[etree._Element]:
    """Elements of an answer; a page of another kind, such as a notice of maintenance, is a SourceFormatError."""
    is_answer = False
    for element in iter_elements(io.BytesIO(_ILLEGAL.sub(b"", data)), start={"OAI-PMH"}, end=end):
        if local_name(element) == "OAI-PMH":
            is_answer = True
        elif is_answer:
            yield element
    if not is_answer:
        raise SourceFormatError("not an OAI-PMH answer; is the address that of a repository's OAI-PMH interface?")


def iter_listed(stream: BinaryIO) -> Iterator[Listed]:
    """Headers of ListIdentifiers or ListRecords answers."""
    for element in iter_elements(stream, end={"header", "error"}):
        if local_name(element) == "error":
            raise_error(element)
            continue
        sets = tuple("".join(map(str, found.itertext())).strip() for found in children(element, "setSpec"))
        yield Listed(
            key_of(text_of(element, "identifier")),
            text_of(element, "datestamp")[:10],
            sets,
            element.get("status") == "deleted",
        )
