"""Looks at rendered HTML as a browser would: the formulas in order, the rest around ``⟦math⟧``, what is unsafe.

The same questions as the judge of the shared cases asks; standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

PLACEHOLDER = "⟦math⟧"
FORBIDDEN_TAGS = frozenset(
    {"script", "iframe", "object", "embed", "form", "style", "link", "meta", "base", "svg", "math"}
)
ADDRESS_ATTRIBUTES = frozenset({"href", "src", "action"})
VOID_TAGS = frozenset({"br", "hr", "img", "input"})
_FORBIDDEN_SCHEME = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)


@dataclass
class Case:
    """A text, the function that renders it, and what must come out."""

    name: str
    kind: str
    text: str
    formulas: list[tuple[str, bool]] | None
    shows: list[str] = field(default_factory=list)
    hides: list[str] = field(default_factory=list)


class Verdict(HTMLParser):
    """Reads HTML once; afterwards ``formulas``, ``visible`` and ``unsafe`` say what was found."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.formulas: list[tuple[str, bool]] = []
        self.unsafe: list[str] = []
        self._outside: list[str] = []
        self._inside: list[str] = []
        self._depth = 0
        self.feed(html)
        self.close()
        self.visible = plain_references("".join(self._outside))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_for_danger(tag, attrs)
        if self._depth:
            self._depth += tag not in VOID_TAGS
        elif "math" in (dict(attrs).get("class") or "").split():
            self._depth = 1
            self._outside.append(PLACEHOLDER)
        else:
            self._outside.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if not self._depth:
            self._outside.append(f"</{tag}>")
            return
        self._depth -= 1
        if not self._depth:
            shown = "".join(self._inside).strip()
            self.formulas.append((one_space(shown[2:-2]), shown.startswith("\\[")))
            self._inside.clear()

    def handle_data(self, data: str) -> None:
        (self._inside if self._depth else self._outside).append(data)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.unsafe.append(f"comment {data}")

    def _reference(self, reference: str) -> None:
        if self._depth:
            self._inside.append(unescape(reference))
        else:
            self._outside.append(reference)

    def _look_for_danger(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN_TAGS:
            self.unsafe.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "id"):
                self.unsafe.append(f"{name}={value}")
            address = re.sub(r"[\s\x00-\x20]", "", unescape(value or ""))
            if name in ADDRESS_ATTRIBUTES and _FORBIDDEN_SCHEME.match(address):
                self.unsafe.append(f"{name}={value}")


def one_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def plain_references(html: str) -> str:
    """Quotation marks and no-break spaces may be written in several ways."""
    for reference, character in (("&quot;", '"'), ("&#x27;", "'"), ("&#39;", "'"), ("&nbsp;", "\u00a0")):
        html = html.replace(reference, character)
    return html


def complaints(case: Case, html: str) -> list[str]:
    """What is wrong with the HTML of a case; empty when all is well."""
    verdict = Verdict(html)
    found = [f"unsafe: {danger}" for danger in verdict.unsafe]
    if case.formulas is not None:
        wanted = [(one_space(tex), display) for tex, display in case.formulas]
        if verdict.formulas != wanted:
            found.append(f"formulas {verdict.formulas}, wanted {wanted}")
    found += [f"missing: {piece}" for piece in case.shows if plain_references(piece) not in verdict.visible]
    found += [f"unwanted: {piece}" for piece in case.hides if piece in verdict.visible]
    return found
