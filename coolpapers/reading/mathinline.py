r"""Inline rules: formulas inside a paragraph, heading, cell or link, as atoms that nothing else can enter (R1).

The parser and its state are markdown-it's own with three differences: a state knows the formulas of its text, the
plain-text rule stops only where a rule of ours can start, and a formula counts as a letter beside ``*`` and ``_``
(R9).
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from coolpapers.reading.mathspans import FormulaFinder

# Where a rule of ours can start; "]" because link labels are read token by token.
_TERMINATORS = re.compile(r"[\n!$&*<\[\\\]_`~]")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_UNFINISHED_BEGIN = re.compile(r"\\(?:b(?:e(?:g(?:i(?:n(?:\{[A-Za-z]*\*?)?)?)?)?)?)?")


class FormulaState(StateInline):
    """The text of one paragraph, heading or cell, and the formulas in it."""

    def __init__(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.at_tail: bool = env["partial"] and env["at_tail"]
        self.formula_ends: set[int] = set()
        self.open_tags: list[str] = []
        self._last_tags: dict[str, int] = {}
        self._braces: dict[int, int] | None = None
        has_marks = "$" in src or "\\" in src
        self.finder = FormulaFinder(src, partial=self.at_tail) if has_marks else None

    def closing_brace(self, opening: int) -> int | None:
        """Offset of the brace that closes the one at ``opening``."""
        if self._braces is None:
            self._braces, waiting = {}, []
            for match in _BRACE.finditer(self.src):
                if match[0] == "{":
                    waiting.append(match.start())
                elif match[0] == "}" and waiting:
                    self._braces[waiting.pop()] = match.start()
        return self._braces.get(opening)

    def is_tag_closed(self, name: str) -> bool:
        """Whether ``</name>`` stands somewhere behind the present position."""
        if name not in self._last_tags:
            self._last_tags[name] = self.src.lower().rfind(f"</{name}")
        return self._last_tags[name] > self.pos

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """CommonMark's flanking rules for the run of markers at ``start``, with a formula as a letter."""
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "
        if start in self.formula_ends:
            before = "x"
        if after in "$\\" and self.finder is not None and self.finder.formula_at(end) is not None:
            after = "x"
        space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        punctuation_before, punctuation_after = _is_punctuation(before), _is_punctuation(after)
        left = not space_after and (not punctuation_after or space_before or punctuation_before)
        right = not space_before and (not punctuation_before or space_after or punctuation_after)
        can_open = left and (canSplitWord or not right or punctuation_before)
        can_close = right and (canSplitWord or not left or punctuation_after)
        return Scanned(can_open, can_close, end - start)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


class FormulaParser(ParserInline):
    """markdown-it's inline parser on :class:`FormulaState`."""

    def parse(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> list[Token]:
        state = FormulaState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def text(state: StateInline, silent: bool) -> bool:
    """Plain characters up to where a rule can start; markdown-it's own does not stop at the end of an argument."""
    stop = _TERMINATORS.search(state.src, state.pos, state.posMax)
    end = stop.start() if stop else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def math_inline(state: StateInline, silent: bool) -> bool:
    """A formula, or a run of dollars that is none and stays together as text."""
    if state.src[state.pos] not in "$\\" or not isinstance(state, FormulaState) or state.finder is None:
        return False
    formula = state.finder.formula_at(state.pos)
    if formula is None or formula.end > state.posMax:
        return _text_or_hold(state, silent)
    if not silent:
        token = state.push("math_inline", "span", 0)
        token.content = formula.tex
        token.meta = {"display": formula.display}
        state.formula_ends.add(formula.end)
    state.pos = formula.end
    return True


def _text_or_hold(state: FormulaState, silent: bool) -> bool:
    """No formula here: nothing for now in a text that is still being written, else the dollars as text."""
    if state.at_tail and state.finder is not None:
        unfinished = _UNFINISHED_BEGIN.fullmatch(state.src, state.pos)
        if unfinished or state.finder.holds(state.pos):
            state.pos = state.posMax
            return True
    if state.src[state.pos] != "$":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == "$":
        end += 1
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def unfinished_code(state: StateInline, silent: bool) -> bool:
    """A code span that is still being written holds all the rest (R14)."""
    if state.src[state.pos] != "`" or not isinstance(state, FormulaState) or not state.at_tail:
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == "`":
        end += 1
    ticks = state.src[state.pos : end]
    if re.compile(rf"(?<!`){ticks}(?!`)").search(state.src, end):
        return False
    if not silent:
        token = state.push("code_inline", "code", 0)
        token.content = state.src[end:].replace("\n", " ").strip()
    state.pos = state.posMax
    return True
