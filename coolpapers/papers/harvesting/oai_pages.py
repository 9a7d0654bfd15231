"""One answer of an OAI-PMH server: its records, its error, and where the list goes on. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.names.repository import parse_oai_identifier
from coolpapers.papers.records.record import Item, Record, Refusal
from coolpapers.papers.sources.arxiv.oai import find_work, key_of, raise_error, read_record
from coolpapers.papers.sources.site_records import Origin, SiteRecord, read_datestamp, read_work
from coolpapers.papers.sources.xml import child, children, iter_elements, local_name, text_of

# Characters XML has no room for, raw or as references; repositories let them through from authors' abstracts.
_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.I
)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)OAI-PMH\b[^>]*>")
_RECORD = re.compile(rb"<(?P<prefix>(?:[\w.-]+:)?)record\b.*?</(?P=prefix)record\s*>", re.DOTALL)
_END = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>\s*\Z")
_COUNT = re.compile(r"[0-9]{1,12}")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:\w+|#\d+|#x[0-9a-fA-F]+);)")
_TOKEN = re.compile(rb"<(?:[\w.-]+:)?resumptionToken\b[^>]*?(?:/>|>(.*?)</(?:[\w.-]+:)?resumptionToken\s*>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OaiPage:
    """``token`` asks for the next page; empty at the end. ``n_total`` is what the server says of the whole list."""

    items: list[Item]
    token: str = ""
    n_total: int | None = None
    response_date: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)  # of records by key, where their repository is known


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
    origins: dict[str, Origin] = {}
    token, total, response_date = "", "", ""
    for element in _elements(data, end={"record", "resumptionToken", "error", "responseDate"}):
        tag = local_name(element)
        if tag == "record" and children(element, "header"):
            _add_record(element, items, origins, name=name)
        elif tag == "resumptionToken":
            token, total = (element.text or "").strip(), str(element.get("completeListSize") or "").strip()
        elif tag == "responseDate":
            response_date = (element.text or "").strip()
        elif tag == "error":
            raise_error(element)
    return OaiPage(items, token, int(total) if _COUNT.fullmatch(total) else None, response_date, origins)


def salvage_page(data: bytes, *, name: str) -> OaiPage:
    """Read an answer that stays malformed: each record by itself, refusing those that cannot be read.

    Raises SourceFormatError where neither the resumption token nor the answer's end is there, so that nobody knows how
    the list goes on.
    """
    data = _ILLEGAL.sub(b"", data)
    root, token = _ROOT.search(data), _TOKEN.search(data)
    if root is None or (token is None and not _END.search(data)):
        raise SourceFormatError(f"{name} is malformed and says not how the list goes on")
    items: list[Item] = []
    origins: dict[str, Origin] = {}
    for match in _RECORD.finditer(data):
        try:
            page = parse_page(root.group() + match.group() + b"</" + root[1] + b"OAI-PMH>", name=name)
            items.extend(page.items)
            origins |= page.origins
        except SourceFormatError as exc:
            items.append(Refusal(name, data.count(b"\n", 0, match.start()) + 1, "", str(exc)))
    return OaiPage(items, _text_of_token(token[1] or b"") if token else "", origins=origins)


def _text_of_token(content: bytes) -> str:
    """Servers forget to escape ``&`` in tokens that are queries. Raises SourceFormatError."""
    try:
        element = etree.fromstring(b"<t>" + _BARE_AMPERSAND.sub(b"&amp;", content) + b"</t>")
    except etree.XMLSyntaxError as exc:
        raise SourceFormatError(f"the resumption token is malformed: {exc.msg}") from exc
    return (element.text or "").strip()


def _add_record(element: etree._Element, items: list[Item], origins: dict[str, Origin], *, name: str) -> None:
    """Append the items of a ``<record>``, and where each is from: from another repository, or the one that answers."""
    header = child(element, "header")
    stamp = read_datestamp(text_of(header, "datestamp")) if header is not None else None
    repository = parse_oai_identifier(text_of(header, "identifier")).repository if header is not None else ""
    own = Origin(repository, "", stamp) if repository and stamp else None
    work = find_work(element)
    if work is None:
        records = [SiteRecord(read_record(element, name=name), _provenance(element) or own)]
    else:
        records = list(read_work(work, name=name))
    for record in records:
        items.append(record.item)
        origin = record.origin or own
        if origin is not None and isinstance(record.item, Record):
            origins[record.item.key] = origin


def _provenance(element: etree._Element) -> Origin | None:
    """The first repository that the guidelines' ``<provenance>`` names; None where the record has none."""
    described = next((found for found in element.iter("{*}originDescription")), None)
    while described is not None and (inner := child(described, "originDescription")) is not None:
        described = inner
    if described is None:
        return None
    repository = parse_oai_identifier(text_of(described, "identifier")).repository
    stamp = read_datestamp(text_of(described, "datestamp"))
    return Origin(repository, text_of(described, "baseURL")[:500], stamp) if repository and stamp else None


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
