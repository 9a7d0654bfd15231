"""Footnotes that stay where they are written, so that the formulas keep their order.

``[^label]: text`` with indented continuation is a note, ``[^label]`` a reference to it, as the footnote plugin of
mdit-py-plugins reads them. Its gathering of all notes at the end is left out: notes in place need no anchors, and
several summaries on one page need no ids.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.footnote import footnote_plugin


def footnotes(md: MarkdownIt) -> None:
    """Add the rules and their rendering."""
    md.use(footnote_plugin, inline=False, move_to_end=False)
    md.add_render_rule("footnote_ref", _reference)
    md.add_render_rule("footnote_reference_open", _note_open)
    md.add_render_rule("footnote_reference_close", _note_close)


def _reference(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    del renderer, options, env
    return f"<sup>{escape(tokens[index].meta['label'])}</sup>"


def _note_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    del renderer, options, env
    return f'<div class="footnote"><sup>{escape(tokens[index].meta["label"])}</sup>'


def _note_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    del renderer, tokens, index, options, env
    return "</div>\n"
