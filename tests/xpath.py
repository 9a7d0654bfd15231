"""XPath on pages, with the type of the answer that a test expects."""

from __future__ import annotations

from lxml.html import HtmlElement


def elements(page: HtmlElement, path: str) -> list[HtmlElement]:
    """The elements that a path names."""
    found = page.xpath(path)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, HtmlElement)]


def strings(page: HtmlElement, path: str) -> list[str]:
    """The attributes or texts that a path names."""
    found = page.xpath(path)
    assert isinstance(found, list)
    return [text for text in found if isinstance(text, str)]
