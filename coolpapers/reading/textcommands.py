r"""Inline rules for TeX text commands in Markdown (R12) and for the three HTML tags a table cell may hold (R10).

``\textbf{…}`` is strong, ``\emph{…}`` and ``\textit{…}`` are emphasis, ``\texttt{…}`` is code, ``\textsc{…}`` and
the like lose their name; what is inside is read as Markdown. A name without braces is no command.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from coolpapers.reading.mathinline import FormulaState
from coolpapers.reading.texsymbols import PLAIN_COMMANDS, TAGS

_COMMAND = re.compile(r"\\(" + "|".join((*TAGS, *PLAIN_COMMANDS)) + r")[ \t]*\{")
_TAG = re.compile(r"<(?P<name>br|sub|sup)[ \t]*/?>|</(?P<closing>sub|sup)[ \t]*>", re.IGNORECASE)


def text_command(state: StateInline, silent: bool) -> bool:
    r"""``\name{…}`` of R12."""
    if state.src[state.pos] != "\\" or not isinstance(state, FormulaState):
        return False
    command = _COMMAND.match(state.src, state.pos)
    closing = state.closing_brace(command.end() - 1) if command else None
    if command is None or closing is None or closing >= state.posMax:
        return False
    if not silent:
        _read_argument(state, TAGS.get(command[1]), command.end(), closing)
    state.pos = closing + 1
    return True


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
