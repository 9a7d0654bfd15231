r"""The Markdown parser: markdown-it with our rules in their places (R1).

Footnotes stay where they are written, so that formulas keep their order and notes need no ids: the rules of
mdit-py-plugins without its gathering of all notes at the end. One parser serves all threads: rules keep nothing
between texts, what belongs to one text lives in its ``env``. Start at :func:`markdown_html`.
"""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import blockquote, code, fence, heading, hr, list_block, reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.text_join import text_join
from markdown_it.rules_inline import (
    autolink,
    backtick,
    emphasis,
    entity,
    escape,
    image,
    link,
    newline,
    strikethrough,
)
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from coolpapers.reading.markup.blockparser import BlockRule, FirstCharacterParser
from coolpapers.reading.markup.direction import has_right_to_left
from coolpapers.reading.markup.latex.bare_commands import bare_command
from coolpapers.reading.markup.latex.commands import inline_tag, text_command, web_address
from coolpapers.reading.markup.math.block import math_block, paragraph
from coolpapers.reading.markup.math.inline import FormulaParser, InlineRule, math_inline, unfinished_code
from coolpapers.reading.markup.math.lost_marks import boxed_formula, lost_display
from coolpapers.reading.markup.rendering import RENDER_RULES, TagRenderer
from coolpapers.reading.markup.sanitize import DIRECTED_TAGS
from coolpapers.reading.markup.tables import table

# Quotes and lists inside one another; what is deeper is left out (markdown-it). Each level costs Python two frames.
MAX_BLOCK_NESTING = 100
# By the character they start at, in the order of R1: code, then formulas, then everything else.
_INLINE_RULES: dict[str, tuple[InlineRule, ...]] = {
    "\n": (newline,),
    "`": (unfinished_code, backtick),
    "$": (math_inline,),
    "\\": (math_inline, boxed_formula, text_command, web_address, bare_command, escape),
    "{": (text_command,),
    "<": (inline_tag, autolink),
    "*": (emphasis.tokenize,),
    "_": (emphasis.tokenize,),
    "~": (strikethrough.tokenize,),
    "[": (link, footnote_ref),
    "!": (image,),
    "&": (entity,),
}
_BLOCK_RULES: dict[str, tuple[BlockRule, ...]] = {
    "`": (fence,),
    "~": (fence,),
    ">": (blockquote,),
    "#": (heading,),
    "*": (hr, list_block),
    "-": (hr, list_block),
    "_": (hr,),
    "+": (list_block,),
    "[": (lost_display, footnote_def, reference),
    **dict.fromkeys("0123456789", (list_block,)),
}
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
# A link address (and title) or an autolink still being written: what follows "](" or "<https:" is no text yet.
_UNFINISHED_ADDRESS = re.compile(
    r"""\]\(\s*+ (?: <[^<>\n]*+>? | (?:[^\s()<]++ | \([^\s()]*+\)?)*+ )
        (?: \s++ (?:"[^"]*+"? | '[^']*+'? | \([^()]*+\)?)? \s*+ )?
      | <https?:[^\s<>]*+""",
    re.VERBOSE,
)

# A paragraph that may yet turn out to define an address: [label]: address "title".
_UNFINISHED_DEFINITION = re.compile(
    r"""\[(?:[^\[\]\\]|\\.)++\]: \s*+ (?: <[^<>\n]*+>? | [^\s<]\S*+ )?
        (?: \s++ (?: "[^"]*+"? | '[^']*+'? | \([^()]*+\)? )? \s*+ )?""",
    re.VERBOSE,
)


def markdown_html(source: str, *, partial: bool) -> str:
    """HTML of a Markdown text, not yet sanitised."""
    html: str = _parser().render(source, {"partial": partial})
    return html


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", renderer_cls=TagRenderer)
    md.inline = FormulaParser(_INLINE_RULES)
    md.block = FirstCharacterParser(code=code, formula=math_block, table=table, paragraph=paragraph, rules=_BLOCK_RULES)
    md.configure("commonmark", {"html": False, "xhtmlOut": False, "maxNesting": MAX_BLOCK_NESTING})
    md.inline.ruler2.enable("strikethrough")
    md.disable(["html_block", "lheading", "paragraph"])
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.enable("table")
    md.block.ruler.before("table", "math_block", math_block, _INTERRUPTS)
    md.block.ruler.before("reference", "lost_display", lost_display, _INTERRUPTS)
    md.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    md.core.ruler.at("normalize", _normalize)
    md.core.ruler.at("inline", _read_inlines)
    md.core.ruler.at("text_join", _join_escapes)
    md.core.ruler.push("direction", _set_directions)
    for name, rule in RENDER_RULES.items():
        md.add_render_rule(name, rule)
    return md


def _normalize(state: StateCore) -> None:
    """Line ends and null characters as markdown-it wants them; nearly all texts have both already."""
    if "\r" in state.src:
        state.src = state.src.replace("\r\n", "\n").replace("\r", "\n")
    state.src = state.src.replace("\0", "\ufffd")


def _read_inlines(state: StateCore) -> None:
    """Parse every paragraph, heading and cell; the last one of a partial text knows that it may go on."""
    inlines = [token for token in state.tokens if token.type == "inline"]
    tail = _open_tail(state) if state.env["partial"] else None
    for token in inlines:
        state.env["at_tail"] = token is tail
        if token is tail:
            token.content = _without_unfinished_address(token.content)
        token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _join_escapes(state: StateCore) -> None:
    """Escapes and entities become one text with what stands around them; the rest is joined already."""
    for token in state.tokens:
        content = token.content
        if token.type == "inline" and ("\\" in content or "&" in content or "![" in content):
            text_join(StateCore("", state.md, {}, [token]))


def _set_directions(state: StateCore) -> None:
    """Each outermost block finds its direction by its own letters (R16). An inner ``dir`` would hide them from it."""
    if not has_right_to_left(state.src):
        return
    state.env["right_to_left"] = True
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1 and token.tag in DIRECTED_TAGS:
            token.attrSet("dir", "auto")


def _without_unfinished_address(text: str) -> str:
    if text.startswith("[") and _UNFINISHED_DEFINITION.fullmatch(text):
        return ""
    for start in (text.rfind("]("), text.rfind("<http")):
        if start >= 0 and _UNFINISHED_ADDRESS.fullmatch(text, start):
            return text[:start]
    return text


def _open_tail(state: StateCore) -> Token | None:
    """The inline token at whose end more text may arrive: only empty cells, tags and no blank line come after it."""
    for token in reversed(state.tokens):
        if token.type == "fence":
            _hide_open_fence(state, token)
        if token.nesting == 0 and (token.content or token.type != "inline"):
            return token if token.type == "inline" and not state.src.endswith("\n\n") else None
    return None


def _hide_open_fence(state: StateCore, token: Token) -> None:
    r"""A ``\`\`\`math`` fence without its closing line is not a formula yet (R14)."""
    last_line = state.src.rstrip().rpartition("\n")[2].strip(" \t>")
    first, end = token.map or [0, 0]
    token.meta["open"] = end - first < 2 or len(last_line) < len(token.markup) or bool(last_line.strip(token.markup[0]))
