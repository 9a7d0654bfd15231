"""Titles and abstracts as safe HTML with ``<mark>`` around what a search found.

Formulas, TeX text commands and escaping are the business of :mod:`coolpapers.reading.markup.markdown`, which hands
every stretch of plain text through here: so a mark never stands inside a formula, and a highlighted abstract looks
exactly like any other. Start at :func:`highlight_papers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString

from coolpapers.reading.markup.markdown import render_abstract, render_title
from coolpapers.reading.markup.repairs import mend_text
from search.display.matching import Matcher, make_matcher
from search.display.snippets import SNIPPET_CHARACTERS, best_fragment
from search.language.query import Node, Query


class Highlighter:
    """Shows one query in many papers."""

    def __init__(self, root: Node | Query) -> None:
        node = root.root if isinstance(root, Query) else root
        self._title = make_matcher(node, "title")
        self._abstract = make_matcher(node, "abstract")

    def title(self, text: str) -> SafeString:
        """The whole title."""
        return render_title(text, mark=lambda plain: mark_words(plain, self._title))

    def abstract(self, text: str) -> SafeString:
        """The whole abstract."""
        return render_abstract(text, mark=lambda plain: mark_words(plain, self._abstract))

    def snippet(self, text: str, *, length: int = SNIPPET_CHARACTERS) -> SafeString:
        """The part of the abstract that shows most of the query, with … where something was left out."""
        text = mend_text(text)
        start, end = best_fragment(text, self._abstract, length=length)
        before = "… " if text[:start].strip() else ""
        after = " …" if text[end:].strip() else ""
        return format_html("{}{}{}", before, self.abstract(text[start:end]), after)


def highlight_papers(
    query: Node | Query, rows: Iterable[tuple[str, str, str]], *, snippet: int | None = None
) -> dict[str, dict[str, SafeString]]:
    """Highlighted HTML of papers: key → "title" and "abstract".

    Parameters
    ----------
    rows : key, title and abstract of each paper
    snippet : characters of the abstract to show around the words; None for all of it
    """
    highlighter = Highlighter(query)
    return {
        key: {
            "title": highlighter.title(title),
            "abstract": highlighter.abstract(abstract)
            if snippet is None
            else highlighter.snippet(abstract, length=snippet),
        }
        for key, title, abstract in rows
    }


def mark_words(plain: str, matcher: Matcher) -> str:
    """A stretch of plain text, escaped, with the wanted words marked."""
    parts: list[str] = []
    done = 0
    for start, end, _word in matcher.find(plain):
        parts += (plain[done:start], plain[start:end])
        done = end
    parts.append(plain[done:])
    if "&" in plain or "<" in plain or ">" in plain:  # few texts have them, and each call takes its time
        parts = [escape(part, quote=False) for part in parts]
    parts[1::2] = [f"<mark>{found}</mark>" for found in parts[1::2]]
    return "".join(parts)
