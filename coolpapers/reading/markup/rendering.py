"""How the tokens of ours become HTML: formulas, math fences, pictures, footnotes.

What is not listed in :data:`RENDER_RULES` is rendered by markdown-it. Everything passes the sanitiser afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from coolpapers.reading.markup.math.spans import math_html

Env = MutableMapping[str, Any]
RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, Env], str]

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def _math_inline(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options, env
    return math_html(tokens[index].content, display=tokens[index].meta["display"])


def _math_block(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options, env
    return math_html(tokens[index].content, display=True, tag="div") + "\n"


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0].lower() if token.info.strip() else ""
    if language != "math" or not token.content.strip():
        return renderer.fence(tokens, index, options, env)
    return "" if token.meta.get("open") else math_html(token.content.strip("\n"), display=True, tag="div") + "\n"


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    """No page loads anything from elsewhere: a picture of another site is a link to it, with its description."""
    token = tokens[index]
    address = str(token.attrs.get("src", ""))
    shown = renderer.renderInline(token.children or [], options, env)
    if not _WEB_ADDRESS.match(address) or _is_in_link(tokens, index):
        return shown
    return f'<a href="{escape(address)}">{shown or escape(address)}</a>'


def _is_in_link(tokens: Sequence[Token], index: int) -> bool:
    for token in reversed(tokens[:index]):
        if token.type in ("link_open", "link_close"):
            return token.type == "link_open"
    return False


def _footnote_ref(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options, env
    return f"<sup>{escape(tokens[index].meta['label'])}</sup>"


def _note_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options, env
    return f'<div class="footnote"><sup>{escape(tokens[index].meta["label"])}</sup>'


def _note_close(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, tokens, index, options, env
    return "</div>\n"


RENDER_RULES: dict[str, RenderRule] = {
    "math_inline": _math_inline,
    "math_block": _math_block,
    "fence": _fence,
    "image": _image,
    "footnote_ref": _footnote_ref,
    "footnote_reference_open": _note_open,
    "footnote_reference_close": _note_close,
}
