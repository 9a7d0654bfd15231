"""XML elements whose text may come from anywhere."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def xml_text(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def add(parent: etree._Element, name: str, text: object = None, /, **attributes: str) -> etree._Element:
    """Append an element in the namespace of its parent; a text that is empty or None leaves it empty."""
    namespace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if text not in (None, ""):
        element.text = xml_text(str(text))
    for key, value in attributes.items():
        element.set(key.replace("_", "-"), xml_text(value))
    return element


def add_filled(parent: etree._Element, name: str, text: object) -> None:
    """Append an element unless its text is empty."""
    if text not in (None, ""):
        add(parent, name, text)


def plain(namespace: str, name: str) -> etree._Element:
    """An element in a namespace that needs no prefix."""
    nsmap: Any = {None: namespace}  # lxml-stubs do not know None
    return etree.Element(f"{{{namespace}}}{name}", nsmap=nsmap)


def root(namespace: str, name: str, *, schema: str) -> etree._Element:
    """An element that begins a namespace and names its schema."""
    nsmap: Any = {None: namespace, "xsi": XSI}
    element = etree.Element(f"{{{namespace}}}{name}", nsmap=nsmap)
    element.set(f"{{{XSI}}}schemaLocation", f"{namespace} {schema}")
    return element
