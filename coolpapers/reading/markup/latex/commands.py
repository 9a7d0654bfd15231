r"""Inline rules for TeX text commands in Markdown (R12) and for the three HTML tags a table cell may hold (R10).

``\textbf{…}`` is strong, ``\emph{…}`` and ``\textit{…}`` are emphasis, ``\texttt{…}`` is code, ``\textsc{…}`` and
the like lose their name; so do the groups ``{\bf …}``, and ``\href{…}{…}`` is a link. What is inside is read as
Markdown. A name without braces is no command.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from coolpapers.reading.markup.latex.symbols import PLAIN_COMMANDS, PLAIN_SWITCHES, SWITCHES, TAGS
from coolpapers.reading.markup.math.inline import FormulaState

_COMMAND = re.compile(r"\\(" + "|".join((*TAGS, *PLAIN_COMMANDS)) + r")[ \t]*\{")
_GROUP = re.compile(r"\{\\(" + "|".join((*SWITCHES, *PLAIN_SWITCHES)) + r")(?:\{\}|[ \t\n]+)")
_ADDRESS = re.compile(r"\\(?:(href)|url)[ \t]*\{(https?://[^\s{}<>\"\\]+)\}")
_TAG = re.compile(r"<(?P<name>br|sub|sup)[ \t]*/?>|</(?P<closing>sub|sup)[ \t]*>", re.IGNORECASE)


def text_command(state: StateInline, silent: bool) -> bool:
    r"""``\name{…}`` and ``{\name …}`` of R12."""
    if state.src[state.pos] not in "\\{" or not isinstance(state, FormulaState):
        return False
    is_group = state.src[state.pos] == "{"
    command = (_GROUP if is_group else _COMMAND).match(state.src, state.pos)
    if command is None:
        return False
    closing = state.closing_brace(state.pos if is_group else command.end() - 1)
    if closing is None and state.at_tail:
        closing = state.posMax  # Still being written: it ends where the text ends for now.
    elif closing is None or closing >= state.posMax:
        return False
    if not silent:
        _read_argument(state, (SWITCHES if is_group else TAGS).get(command[1]), command.end(), closing)
    state.pos = min(closing + 1, state.posMax)
    return True


def web_address(state: StateInline, silent: bool) -> bool:
    r"""``\url{https://…}`` and ``\href{https://…}{text}``."""
    if state.src[state.pos] != "\\" or not isinstance(state, FormulaState):
        return False
    command = _ADDRESS.match(state.src, state.pos, state.posMax)
    if command is None:
        return False
    end, shown = command.end(), None
    if command[1]:
        closing = state.closing_brace(end) if state.src.startswith("{", end) else None
        if closing is None or closing >= state.posMax:
            return False
        end, shown = closing + 1, (end + 1, closing)
    if not silent:
        _push_link(state, command[2], shown)
    state.pos = end
    return True


def _push_link(state: StateInline, address: str, shown: tuple[int, int] | None) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(address)}
    if shown is None:
        state.push("text", "", 0).content = address
    else:
        state.linkLevel += 1
        _read_argument(state, None, *shown)
        state.linkLevel -= 1
    state.push("link_close", "a", -1)


def _read_argument(state: StateInline, tag: str | None, start: int, end: int) -> None:
    outer_end = state.posMax
    state.pos, state.posMax = start, end
    if tag:
        state.push("text_command_open", tag, 1)
    else:
        state.level += 1  # Counted all the same, so that nesting is bounded.
    state.md.inline.tokenize(state)
    if tag:
        state.push("text_command_close", tag, -1)
    else:
        state.level -= 1
    state.posMax = outer_end


def inline_tag(state: StateInline, silent: bool) -> bool:
    """``<br>``, ``<sub>`` and ``<sup>`` without attributes; a pair only where both tags are there."""
    if state.src[state.pos] != "<" or not isinstance(state, FormulaState):
        return False
    match = _TAG.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    name = (match["name"] or match["closing"]).lower()
    if name == "br":
        if not silent:
            state.push("hardbreak", "br", 0)
    elif not _push_pair_tag(state, name, closing=match["closing"] is not None, silent=silent):
        return False
    state.pos = match.end()
    return True


def _push_pair_tag(state: FormulaState, name: str, *, closing: bool, silent: bool) -> bool:
    if silent:
        return True
    if closing:
        if state.open_tags[-1:] != [name]:
            return False
        state.open_tags.pop()
    elif not state.is_tag_closed(name):
        return False
    else:
        state.open_tags.append(name)
    token = state.push("html_inline", "", 0)
    token.content = f"</{name}>" if closing else f"<{name}>"
    return True
