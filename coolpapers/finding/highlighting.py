"""Highlighted titles and abstracts of papers. Start at :func:`highlight_papers`."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString

from coolpapers.reading.markup.markdown import render_abstract, render_title
from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.markup.repairs import mend_text
from search.display.highlight import Highlighter, TextRenderer
from search.language.query import Node, Query

RENDERER = TextRenderer(render_title, render_abstract, mend_text, split_math)


def highlight_papers(
    query: Node | Query, rows: Iterable[tuple[str, str, str]], *, snippet: int | None = None
) -> dict[str, dict[str, SafeString]]:
    """Highlighted HTML of papers: key → "title" and "abstract".

    Parameters
    ----------
    rows : key, title and abstract of each paper
    snippet : length of the part of the abstract to show, in characters; None for all of it
    """
    highlighter = Highlighter(query, RENDERER)
    return {
        key: {
            "title": highlighter.title(title),
            "abstract": highlighter.abstract(abstract)
            if snippet is None
            else highlighter.snippet(abstract, length=snippet),
        }
        for key, title, abstract in rows
    }
