r"""Foreign text to safe HTML: summaries (Markdown with LaTeX), abstracts and titles (TeX in running text).

:func:`render_markdown`, :func:`render_abstract` and :func:`render_title` return HTML that may go on a page as it
is. Each formula is ``<span class="math math-inline notranslate" translate="no">\(…\)</span>``, its TeX unchanged;
everything else passed the allow-list of :mod:`coolpapers.reading.markup.sanitize`. This module is one of the two that
call ``mark_safe``.
:func:`~coolpapers.reading.markup.math.spans.split_math` cuts a text at its formulas by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from coolpapers.reading.markup.direction import has_right_to_left
from coolpapers.reading.markup.latex.events import events_to_html, events_to_plain
from coolpapers.reading.markup.latex.text import is_plain, read_text
from coolpapers.reading.markup.parser import markdown_html
from coolpapers.reading.markup.repairs import mend_text
from coolpapers.reading.markup.sanitize import sanitize

_MATH_ELEMENT = re.compile(
    r'<(span|div) class="math math-(inline|display) notranslate" translate="no"(?: dir="ltr")?>'
    r"\\[(\[](.*?)\\[)\]]</\1>",
    re.DOTALL,
)


class RenderedFormula(NamedTuple):
    """A formula as it stands on the page."""

    tex: str
    display: bool


def render_markdown(text: str, *, partial: bool = False) -> SafeString:
    """Safe HTML of a Markdown text with LaTeX.

    ``partial`` says that the text is still being written: an unfinished formula, block or environment at its end is
    held back, and the formulas shown are those the finished text will begin with (R14).
    """
    return _safe(markdown_html(mend_text(text), partial=partial))


def render_abstract(text: str, *, mark: Callable[[str], str] | None = None) -> SafeString:
    """Safe HTML of an abstract: formulas, TeX text commands, no Markdown.

    Parameters
    ----------
    text : str
        As published.
    mark : callable, optional
        Called with each stretch of plain text between formulas and elements; returns it as escaped HTML, with
        ``<mark>`` around what a search found. It never sees a formula.
    """
    if (plain := _plain_html(text, mark)) is not None:
        return plain
    events = read_text(mend_text(text))
    return _safe(events_to_html(events, mark=mark, display=True, states_direction=has_right_to_left(text)))


def render_title(text: str, *, mark: Callable[[str], str] | None = None) -> SafeString:
    """Safe HTML of a title: as an abstract, but without block elements, display formulas and links."""
    if (plain := _plain_html(text, mark)) is not None:
        return plain
    events = read_text(mend_text(text), links=False)
    return _safe(events_to_html(events, mark=mark, display=False, states_direction=has_right_to_left(text)))


def plain_text(text: str) -> str:
    """A title or an abstract without markup, for indexes, meta tags and feeds; formulas stay as written."""
    text = mend_text(text)
    return events_to_plain(read_text(text), text)


def rendered_formulas(html: str) -> list[RenderedFormula]:
    """The formulas in HTML that one of the functions above returned, in order."""
    return [RenderedFormula(unescape(match[3]), match[2] == "display") for match in _MATH_ELEMENT.finditer(html)]


def _plain_html(text: str, mark: Callable[[str], str] | None) -> SafeString | None:
    """The HTML of a text that has nothing to read or to clean, as three abstracts in four; None for any other.

    It is the text itself and the marks of a search: the allow-list took a tenth of the time of a page for such texts.
    """
    if not is_plain(text):
        return None
    html = mark(text) if mark else text
    if html is not text and html.replace("<mark>", "").replace("</mark>", "") != text:
        return None  # marked by other elements, which the allow-list has to see
    return mark_safe(html)  # noqa: S308 - without the marks it is the text, which has no sign of HTML


def _safe(html: str) -> SafeString:
    return mark_safe(sanitize(html))  # noqa: S308 - the allow-list is what makes it safe
