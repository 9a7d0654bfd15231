"""Tags and entities that publishers leave in titles and abstracts: ``CO<sub>2</sub>``, ``<i>In vitro</i>``, ``&amp;``.

Only pairs of the tags below count; anything else between angle brackets is text, such as ``p<0.05`` or ``<think>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.entities import html5

# Tag → the element that shows it; "" for one that only goes.
_ELEMENTS = {
    "i": "em", "em": "em", "italic": "em", "b": "strong", "strong": "strong", "bold": "strong", "sub": "sub",
    "sup": "sup", "tt": "code", "code": "code", "u": "", "sc": "", "scp": "", "span": "", "p": "", "div": "",
    "font": "", "small": "", "inline-formula": "",
}  # fmt: skip
_NAMES = "|".join(sorted(_ELEMENTS, key=len, reverse=True))
# Publishers escape tags once too often as well. Attributes only where they do no more than style.
TAG = rf"(?:<|&lt;)(?:/?(?:jats:)?(?:{_NAMES})(?:(?<=span)|(?<=font)|(?<=p))?(?:\s[^<>&]{{0,80}})?|br\s*/?)(?:>|&gt;)"
ENTITY = r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_TAG = re.compile(TAG, re.IGNORECASE)
_PARTS = re.compile(r"(?:<|&lt;)(/?)(?:jats:)?([a-z-]+)([^<>&]*)", re.IGNORECASE)


def read_tag(tag: str) -> tuple[str, bool]:
    """The element of a tag ("" for none) and whether the tag closes it."""
    match = _PARTS.match(tag)
    if match is None:
        return "", False
    return _ELEMENTS.get(match[2].lower(), ""), bool(match[1])


def paired_tags(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    """Where the tags begin that have their partner, within the given stretches of the text; ``<br>`` needs none."""
    paired: set[int] = set()
    opened: list[tuple[str, int]] = []
    for start, end in spans:
        for match in _TAG.finditer(text, start, end):
            parts = _PARTS.match(match[0])
            name = parts[2].lower() if parts else ""
            if name == "br":
                paired.add(match.start())
            elif not (parts and parts[1]):
                opened.append((name, match.start()))
            elif opened and opened[-1][0] == name:
                paired |= {opened.pop()[1], match.start()}
    return paired


def decode_entity(entity: str) -> str:
    """The character of an entity; one that HTML does not know stays as it is."""
    return unescape(entity) if entity.startswith("&#") or entity[1:] in html5 else entity
