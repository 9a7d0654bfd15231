"""XML read safely and lazily: no entities, no document types, no network, memory of one element."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import SourceFormatError


def iter_elements(stream: BinaryIO, *, end: Collection[str], start: Collection[str] = ()) -> Iterator[etree._Element]:
    """Yield elements by local name as they end (``end``) or begin (``start``, with attributes but no content yet).

    Ended elements are emptied after use, so they must be read at once.

    Raises
    ------
    SourceFormatError
        If the XML is malformed, or declares a document type (entities are how XML attacks).
    """
    events = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    is_first = True
    try:
        for event, element in events:
            if is_first:
                _refuse_document_type(element)
                is_first = False
            name = local_name(element)
            if event == "start" and name in start:
                yield element
            elif event == "end" and name in end:
                yield element
                _forget(element)
    except etree.XMLSyntaxError as exc:
        raise SourceFormatError(f"not well-formed XML: {exc.msg}; what came before was imported.") from exc


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next((found for found in element if local_name(found) == name), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    return [found for found in element if local_name(found) == name]


def text_of(element: etree._Element, name: str) -> str:
    """All text inside the first child of that name; empty where there is none."""
    found = child(element, name)
    return whole_text(found) if found is not None else ""


def whole_text(element: etree._Element) -> str:
    """All text inside an element."""
    return "".join(map(str, element.itertext())).strip()


def line_of(element: etree._Element) -> int:
    """The line an element begins on; 0 where libxml2 does not know."""
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _refuse_document_type(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceFormatError("the XML declares a document type; such files are not read. Remove the DOCTYPE line.")


def _forget(element: etree._Element) -> None:
    """Empty the element and drop what stands before it, which iterparse would keep until the end."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
