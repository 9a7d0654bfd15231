"""How tokens become HTML: formulas, math fences, pictures, footnotes by rules of ours, the rest as markdown-it has it.

Everything passes the sanitiser afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from coolpapers.reading.markup.math.spans import math_html

Env = MutableMapping[str, Any]
RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, Env], str]

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class TagRenderer(RendererHTML):
    """markdown-it's renderer with short ways for text and for tags without attributes, which nearly all are."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: Env) -> str:
        """HTML of a whole text."""
        parts: list[str] = []
        rules = self.rules
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "inline":
                children = token.children or ()
                if len(children) == 1 and children[0].type == "text":
                    parts.append(escapeHtml(children[0].content))
                else:
                    parts.append(self.renderInline(children, options, env))
            elif kind in rules:
                parts.append(rules[kind](tokens, index, options, env))
            else:
                parts.append(self.renderToken(tokens, index, options, env))
        return "".join(parts)

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: Env) -> str:  # noqa: N802 - markdown-it's name
        """HTML of the inside of a paragraph, heading or cell."""
        parts: list[str] = []
        rules = self.rules
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "text":
                parts.append(escapeHtml(token.content))
            elif kind in rules:
                parts.append(rules[kind](tokens, index, options, env))
            elif token.attrs or token.block or token.hidden:
                parts.append(self.renderToken(tokens, index, options, env))
            else:
                parts.append(f"</{token.tag}>" if token.nesting == -1 else f"<{token.tag}>")
        return "".join(parts)

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:  # noqa: N802 - markdown-it's name
        """One tag: of a block its line end too, but for one that opens right before its text or its own end."""
        token = tokens[idx]
        if token.hidden:
            return ""
        if token.attrs or not token.block or token.nesting == 0:
            return super().renderToken(tokens, idx, options, env)
        if token.nesting == -1:
            return f"</{token.tag}>\n"
        line = "\n" if idx and tokens[idx - 1].hidden else ""
        following = tokens[idx + 1] if idx + 1 < len(tokens) else None
        if following and (
            following.type == "inline" or following.hidden or (following.nesting == -1 and following.tag == token.tag)
        ):
            return f"{line}<{token.tag}>"
        return f"{line}<{token.tag}>\n"


def _math_inline(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options
    token = tokens[index]
    return math_html(token.content, display=token.meta["display"], states_direction="right_to_left" in env)


def _math_block(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    del renderer, options
    return _display(tokens[index].content, env)


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0].lower() if token.info.strip() else ""
    if language != "math" or not token.content.strip():
        return renderer.fence(tokens, index, options, env)
    return "" if token.meta.get("open") else _display(token.content.strip("\n"), env)


def _display(tex: str, env: Env) -> str:
    return math_html(tex, display=True, tag="div", states_direction="right_to_left" in env) + "\n"


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
