"""Highlighted titles and abstracts of papers. Start at :func:`highlight_papers`."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.safestring import SafeString

from coolpapers.reading.markup.markdown import render_abstract, render_title
from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.markup.repairs import mend_text
from search.display.highlight import Highlighter, TextRenderer
from search.language.query import Node, Query

GIST_CHARACTERS = 220  # about two lines of a card
ALL_PARTS = ("title", "abstract", "gist")

RENDERER = TextRenderer(render_title, render_abstract, mend_text, split_math)


def highlight_papers(
    query: Node | Query,
    rows: Iterable[tuple[str, str, str]],
    *,
    parts: Collection[str] = ALL_PARTS,
    snippet: int | None = None,
) -> dict[str, dict[str, SafeString]]:
    """Highlighted HTML of papers: key → "title", "abstract", and "gist" where the abstract has a match.

    The gist is the part of the abstract with the most matches, about two lines.

    Parameters
    ----------
    rows : key, title and abstract of each paper
    parts : which of the three to make; marking an abstract takes ten times as long as marking a title
    snippet : length of the part of the abstract to show, in characters; None for all of it
    """
    highlighter = Highlighter(query, RENDERER)
    if snippet is not None:
        return {
            key: {"title": highlighter.title(title), "abstract": highlighter.snippet(abstract, length=snippet)}
            for key, title, abstract in rows
        }
    return {key: _highlight(highlighter, title, abstract, parts) for key, title, abstract in rows}


def _highlight(highlighter: Highlighter, title: str, abstract: str, parts: Collection[str]) -> dict[str, SafeString]:
    marked = {"title": highlighter.title(title)} if "title" in parts else {}
    if "abstract" in parts:
        marked["abstract"] = highlighter.abstract(abstract)
    if "gist" in parts and "<mark>" in marked.get("abstract", "<mark>"):  # else the gist has no match either
        gist = highlighter.line(abstract, length=GIST_CHARACTERS)
        marked |= {"gist": gist} if "<mark>" in gist else {}
    return marked
