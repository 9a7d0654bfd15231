"""Titles and abstracts as safe HTML with ``<mark>`` around matches. Start at :class:`Highlighter`.

The site's renderer handles formulas, TeX text commands and escaping. It passes every stretch of plain text to
:func:`mark_words`, so a mark never stands inside a formula, and a highlighted abstract is rendered like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from django.utils.html import format_html
from django.utils.safestring import SafeString

from search.display.matching import Matcher, Span, make_matcher
from search.display.snippets import SNIPPET_CHARACTERS, Splitter, best_fragment
from search.language.query import Author, Node, Query, positive_leaves


class RenderText(Protocol):
    """Renders a text as safe HTML; ``mark`` receives each stretch of plain text and returns it as HTML."""

    def __call__(self, text: str, *, mark: Callable[[str], str]) -> SafeString: ...


@dataclass(frozen=True, slots=True)
class TextRenderer:
    """The site's rendering of titles and abstracts. ``repair`` and ``split_math`` prepare a text for a snippet."""

    title: RenderText
    abstract: RenderText
    repair: Callable[[str], str]
    split_math: Splitter


class Highlighter:
    """Highlights one query in many papers."""

    def __init__(self, root: Node | Query, renderer: TextRenderer) -> None:
        self._renderer = renderer
        node = root.root if isinstance(root, Query) else root
        self._abstract = make_matcher(node, "abstract")
        is_for_all = not any(isinstance(leaf, Author) or leaf.field for leaf in positive_leaves(node))
        self._title = self._abstract if is_for_all else make_matcher(node, "title")

    def title(self, text: str) -> SafeString:
        """The whole title."""
        return self._renderer.title(text, mark=lambda plain: mark_words(plain, self._title))

    def abstract(self, text: str) -> SafeString:
        """The whole abstract."""
        return self._renderer.abstract(text, mark=self._mark_abstract)

    def snippet(self, text: str, *, length: int = SNIPPET_CHARACTERS) -> SafeString:
        """The part of the abstract with the most matches, with … where text is left out."""
        return self._part(text, length, self._renderer.abstract)

    def line(self, text: str, *, length: int) -> SafeString:
        """As :meth:`snippet`, without links and block elements, for a place that allows no such content."""
        return self._part(text, length, self._renderer.title)

    def _mark_abstract(self, plain: str) -> str:
        return mark_words(plain, self._abstract)

    def _part(self, text: str, length: int, render: RenderText) -> SafeString:
        text = self._renderer.repair(text)
        start, end = best_fragment(text, self._abstract, split_math=self._renderer.split_math, length=length)
        before = "… " if text[:start].strip() else ""
        after = " …" if text[end:].strip() else ""
        part = text[start:end]
        spans = spans_within(self._abstract.find(text), text, start, end)

        def mark(plain: str) -> str:  # a part without markup has the spans of the text: they are not looked for again
            return self._mark_abstract(plain) if spans is None or plain != part else mark_spans(plain, spans)

        return format_html("{}{}{}", before, render(part, mark=mark), after)


def spans_within(spans: Sequence[Span], text: str, start: int, end: int) -> list[Span] | None:
    """The spans of a text that a part of it has too, relative to its start.

    None if the part begins or ends inside a word or a span: the part alone may have other spans there.
    """
    if text[start - 1 : start].strip(" ") or text[end : end + 1].strip(" "):
        return None
    within = [span for span in spans if span.end > start and span.start < end]
    if within and (within[0].start < start or within[-1].end > end):
        return None
    return [Span(first - start, last - start, word) for first, last, word in within]


def mark_words(plain: str, matcher: Matcher) -> str:
    """Plain text as escaped HTML with the matches marked."""
    return mark_spans(plain, matcher.find(plain))


def mark_spans(plain: str, spans: Iterable[Span]) -> str:
    """Plain text as escaped HTML with these spans marked, which are in order and do not overlap."""
    parts: list[str] = []
    last_end = 0
    for start, end, _word in spans:
        parts += (plain[last_end:start], plain[start:end])
        last_end = end
    parts.append(plain[last_end:])
    if "&" in plain or "<" in plain or ">" in plain:  # rare; skipping the calls saves time
        parts = [escape(part, quote=False) for part in parts]
    parts[1::2] = [f"<mark>{match}</mark>" for match in parts[1::2]]
    return "".join(parts)
