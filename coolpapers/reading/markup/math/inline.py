r"""Inline rules: formulas inside a paragraph, heading, cell or link, as atoms that nothing else can enter (R1).

The parser and its state are markdown-it's own with three differences: a state knows the formulas of its text, the
plain-text rule stops only where a rule of ours can start, and a formula counts as a letter beside ``*`` and ``_``
(R9).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from coolpapers.reading.markup.math.spans import FormulaFinder

InlineRule = Callable[[StateInline, bool], bool]
# Elements inside one another in one paragraph; link labels are read once a level (markdown-it's own limit).
MAX_INLINE_NESTING = 20
# Where a rule of ours can start; "]" because link labels are read token by token.
_TERMINATORS = re.compile(r"[\n!$&*<\[\\\]_`~]|\{(?=\\)")
_CJK_CHARACTER = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_BOLD_BEGINNINGS = frozenset("\"'“‘«`[<!\\~_#@&")
_BOLD_ENDS = frozenset("\"'”’»`)]>%!?.,;:~_")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_UNFINISHED_BEGIN = re.compile(r"\\(?:b(?:e(?:g(?:i(?:n(?:\{[A-Za-z]*\*?)?)?)?)?)?)?")


class FormulaState(StateInline):
    """The text of one paragraph, heading or cell, and the formulas in it."""

    def __init__(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.at_tail: bool = env["partial"] and env["at_tail"]
        self.finder: FormulaFinder | None = None
        if "$" in src or "\\" in src:
            self.finder = FormulaFinder(src, partial=self.at_tail, decided=env.setdefault("decided", {}))
        self.formula_ends: set[int] = set()
        self.open_tags: list[str] = []

    @cached_property
    def _brace_pairs(self) -> dict[int, int]:
        pairs, waiting = {}, []
        for match in _BRACE.finditer(self.src):
            if match[0] == "{":
                waiting.append(match.start())
            elif match[0] == "}" and waiting:
                pairs[waiting.pop()] = match.start()
        return pairs

    @cached_property
    def _last_closing_tags(self) -> dict[str, int]:
        text = self.src.lower()
        return {name: text.rfind(f"</{name}") for name in ("sub", "sup")}

    def closing_brace(self, opening: int) -> int | None:
        """Offset of the brace that closes the one at ``opening``."""
        return self._brace_pairs.get(opening)

    def is_tag_closed(self, name: str) -> bool:
        """Whether ``</name>`` stands somewhere behind the present position."""
        return self._last_closing_tags[name] > self.pos

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - markdown-it's names
        """Whether the run of markers at ``start`` can open and close emphasis.

        CommonMark's rules for flanking, with a formula as a letter (R9), and with the two amendments that text without
        spaces needs: Chinese, Japanese and Korean punctuation is no hindrance, and beside other punctuation a
        character of those scripts does what a space does ("采用**缓存（caching）**的").
        """
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        is_formula_before, is_formula_after = start in self.formula_ends, self._has_formula_at(end)
        before = _LETTER if is_formula_before else _character_class(self.src[start - 1] if start > 0 else " ")
        after = _LETTER if is_formula_after else _character_class(self.src[end] if end < self.posMax else " ")
        left = after != _SPACE and (after != _PUNCTUATION or before != _LETTER)
        right = before != _SPACE and (before != _PUNCTUATION or after != _LETTER)
        can_open = left and (canSplitWord or not right or before in (_PUNCTUATION, _CJK_PUNCTUATION))
        can_close = right and (canSplitWord or not left or after in (_PUNCTUATION, _CJK_PUNCTUATION))
        if end - start >= 2 and self.src[start] == "*" and left != right and self._has_cjk:
            can_open = can_open or (before == _LETTER and after == _PUNCTUATION and self._begins_bold(end))
            can_close = can_close or (before == _PUNCTUATION and after == _LETTER and self._ends_bold(start, end))
        return Scanned(can_open, can_close, end - start)

    def _begins_bold(self, position: int) -> bool:
        """After a Latin letter or a digit: a quotation mark, code, a link or a bracket around CJK begins bold text.

        ``2**(n-1)`` is a power.
        """
        if self.src[position] == "(":
            return _CJK_CHARACTER.match(self.src, position + 1) is not None
        return self.src[position] in _BOLD_BEGINNINGS

    def _ends_bold(self, start: int, end: int) -> bool:
        """Before a Latin letter or a digit: such a sign ends bold text; a digit after a bracket is an exponent."""
        before, after = self.src[start - 1], self.src[end]
        return before in _BOLD_ENDS and not (before in ")]" and after.isdigit())

    @cached_property
    def _has_cjk(self) -> bool:
        return _CJK_CHARACTER.search(self.src) is not None

    def _has_formula_at(self, position: int) -> bool:
        if self.finder is None or position >= self.posMax or self.src[position] not in "$\\":
            return False
        formula = self.finder.formula_at(position)
        return formula is not None and formula.end <= self.posMax


_SPACE, _LETTER, _PUNCTUATION, _CJK_LETTER, _CJK_PUNCTUATION = range(5)


# ① ⑴ Ⅲ ❶ and their kin, which number Chinese lists without a space.
_LIST_NUMBER = re.compile(r"[\u2160-\u2188\u2460-\u24ff\u2776-\u2793]")


@lru_cache(maxsize=4096)
def _character_class(character: str) -> int:
    if isWhiteSpace(ord(character)):
        return _SPACE
    is_punctuation = isMdAsciiPunct(ord(character)) or isPunctChar(character)
    if unicodedata.east_asian_width(character) in "WFH" or _LIST_NUMBER.match(character):
        return _CJK_PUNCTUATION if is_punctuation else _CJK_LETTER
    return _PUNCTUATION if is_punctuation else _LETTER


class FormulaParser(ParserInline):
    """markdown-it's inline parser on :class:`FormulaState`, with the rules looked up by the character they start at.

    Parameters
    ----------
    rules : mapping from character to rules
        Tried in order; where none takes the character it is text. The ruler's own list is not used.
    """

    def __init__(self, rules: Mapping[str, Sequence[InlineRule]]) -> None:
        super().__init__()
        self._rules = rules

    def parse(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> list[Token]:
        if _TERMINATORS.search(src) is None:  # Half of all cells and headings: plain text.
            if src:
                tokens.append(Token("text", "", 0, content=src))
            return tokens
        state = FormulaState(src, md, env, tokens)
        self.tokenize(state)
        if state.delimiters or any(state.tokens_meta):  # without emphasis nothing is to pair or to join
            for rule in self.ruler2.getRules(""):
                rule(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        """Read from the state's position to its end."""
        src, end, search, rules = state.src, state.posMax, _TERMINATORS.search, self._rules
        while (start := state.pos) < end:
            stop = search(src, start, end)
            mark = stop.start() if stop else end
            if mark > start:
                state.append_pending(src[start:mark])
                state.pos = mark
            if mark < end and not (state.level < MAX_INLINE_NESTING and _take(state, rules.get(src[mark], ()))):
                state.append_pending(src[mark])
                state.pos = mark + 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 - markdown-it's name
        """Move over one token without making it; remembered, as link labels are looked at again and again."""
        start = state.pos
        cached_end = state.cache.get(start)
        if cached_end is not None:
            state.pos = cached_end
            return
        if state.level >= MAX_INLINE_NESTING:
            state.pos = state.posMax
        else:
            state.level += 1
            if not self._skip(state):
                state.pos += 1
            state.level -= 1
        state.cache[start] = state.pos

    def _skip(self, state: StateInline) -> bool:
        stop = _TERMINATORS.search(state.src, state.pos, state.posMax)
        end = stop.start() if stop else state.posMax
        if end > state.pos:
            state.pos = end
            return True
        return _take(state, self._rules.get(state.src[end], ()), silent=True)


def _take(state: StateInline, rules: Sequence[InlineRule], *, silent: bool = False) -> bool:
    for rule in rules:  # noqa: SIM110 - a generator costs more than the rule
        if rule(state, silent):
            return True
    return False


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
