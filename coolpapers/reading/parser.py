r"""The Markdown parser: markdown-it with our rules in their places (R1), and how its tokens become HTML.

Start at :func:`markdown_html`. One parser serves all threads: rules keep nothing between texts, what belongs to one
text lives in its ``env``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from coolpapers.reading.footnotes import footnotes
from coolpapers.reading.mathblock import math_block, paragraph
from coolpapers.reading.mathinline import FormulaParser, math_inline, text, unfinished_code
from coolpapers.reading.mathspans import math_html
from coolpapers.reading.tables import table
from coolpapers.reading.textcommands import inline_tag, text_command

Env = MutableMapping[str, Any]
RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, Env], str]

_INTERRUPTS = {"alt": ["paragraph", "reference", "blockquote", "list"]}
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
# An address still being written: what follows "](" or "<https:" is no text yet.
_UNFINISHED_ADDRESS = re.compile(r"(?:\]\([^\s()]*|<https?:[^\s<>]*)\Z")


def markdown_html(source: str, *, partial: bool) -> str:
    """HTML of a Markdown text, not yet sanitised."""
    html: str = _parser().render(source, {"partial": partial})
    return html


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False})
    md.inline = FormulaParser()
    md.configure("commonmark", {"html": False, "xhtmlOut": False})
    md.enable(["strikethrough"])
    md.disable(["html_block", "html_inline", "lheading"])
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("paragraph", paragraph)
    md.enable("table")
    md.block.ruler.before("table", "math_block", math_block, _INTERRUPTS)
    md.inline.ruler.at("text", text)
    md.inline.ruler.before("escape", "math_inline", math_inline)
    md.inline.ruler.after("math_inline", "text_command", text_command)
    md.inline.ruler.before("backticks", "unfinished_code", unfinished_code)
    md.inline.ruler.before("autolink", "inline_tag", inline_tag)
    md.use(footnotes)
    md.core.ruler.at("inline", _read_inlines)
    for name, rule in _RENDER_RULES.items():
        md.add_render_rule(name, rule)
    return md


def _read_inlines(state: StateCore) -> None:
    """Parse every paragraph, heading and cell; the last one of a partial text knows that it may go on."""
    inlines = [token for token in state.tokens if token.type == "inline"]
    tail = _open_tail(state) if state.env["partial"] else None
    for token in inlines:
        state.env["at_tail"] = token is tail
        if token is tail:
            token.content = _UNFINISHED_ADDRESS.sub("", token.content)
        token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _open_tail(state: StateCore) -> Token | None:
    """The inline token at whose end more text may arrive: nothing but closing tokens and no blank line after it."""
    for token in reversed(state.tokens):
        if token.nesting >= 0:
            if token.type == "fence":
                _hide_open_fence(state, token)
            return token if token.type == "inline" and not state.src.endswith("\n\n") else None
    return None


def _hide_open_fence(state: StateCore, token: Token) -> None:
    r"""A ``\`\`\`math`` fence without its closing line is not a formula yet (R14)."""
    last_line = state.src.rstrip().rpartition("\n")[2].strip(" \t>")
    first, end = token.map or [0, 0]
    token.meta["open"] = end - first < 2 or len(last_line) < len(token.markup) or bool(last_line.strip(token.markup[0]))


# ---- rendering ------------------------------------------------------------------------------------------


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


_RENDER_RULES: dict[str, RenderRule] = {
    "math_inline": _math_inline,
    "math_block": _math_block,
    "fence": _fence,
    "image": _image,
}
