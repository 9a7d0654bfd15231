r"""Block rules: display formulas on their own lines, and paragraphs that formulas hold together (R3 to R5).

``$$``, ``\[`` or ``\begin{env}`` at the start of a line, with nothing behind the closing mark, is a block and may
interrupt a paragraph. What a formula covers is TeX: a line inside it that looks like a list item, a heading,
a quote, a rule or an underline neither starts a block nor ends the paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from markdown_it.rules_block import StateBlock

from coolpapers.reading.acceptance import reads_as_math
from coolpapers.reading.mathspans import Formula, FormulaFinder, code_span_end, mend_tex

_DISPLAY_MARKS = ("$$", "\\[", "\\begin{")
_LIST_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*")
_WALK = re.compile(r"`+|\$+|\\")


def block_finder(state: StateBlock) -> FormulaFinder:
    """The formulas of the whole source, found once a document."""
    finder: FormulaFinder | None = state.env.get("block_finder")
    if finder is None:
        finder = state.env["block_finder"] = FormulaFinder(state.src, partial=state.env["partial"])
    return finder


def math_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A display formula that has its lines for itself."""
    start = state.bMarks[start_line] + state.tShift[start_line]
    if not state.src.startswith(_DISPLAY_MARKS, start) or state.is_code_block(start_line):
        return False
    finder = block_finder(state)
    formula = finder.formula_at(start)
    if formula is None:
        return _hold_back(state, finder, start, end_line, silent)
    last_line = bisect_left(state.eMarks, formula.end)
    ends_line = not state.src[formula.end : state.eMarks[last_line]].strip()
    if not formula.display or not ends_line or not _is_contained(state, start_line, last_line, end_line):
        return False
    if not silent:
        _push_math(state, formula, start_line, last_line)
    state.line = last_line + 1
    return True


def _push_math(state: StateBlock, formula: Formula, start_line: int, last_line: int) -> None:
    lines = state.getLines(start_line, last_line + 1, state.blkIndent, False)
    content = lines[: len(lines) - (state.eMarks[last_line] - formula.end)].strip()
    inner = content if content.startswith("\\begin") else content[2:-2]
    token = state.push("math_block", "div", 0)
    token.content = mend_tex(inner, display=True)
    token.map = [start_line, last_line + 1]


def _hold_back(state: StateBlock, finder: FormulaFinder, start: int, end_line: int, silent: bool) -> bool:
    """In a text that is still being written, an open block hides until it is closed (R14)."""
    if not finder.partial or not finder.holds(start):
        return False
    if not silent:
        state.line = end_line
    return True


def _is_contained(state: StateBlock, start_line: int, last_line: int, end_line: int) -> bool:
    """Whether the lines belong to one quote or list item and have no blank line but at the formula's edges."""
    if last_line >= end_line:
        return False
    after_blank = False
    for line in range(start_line + 1, last_line + 1):
        if state.isEmpty(line):
            after_blank = True
        elif 0 <= state.sCount[line] < state.blkIndent:
            start = state.bMarks[line] + state.tShift[line]
            if after_blank or _LIST_MARKER.match(state.src, start, state.eMarks[line]):
                return False
    if not after_blank:
        return True
    lines = state.getLines(start_line, last_line + 1, state.blkIndent, False).strip()
    inner = lines[lines.index("}") + 1 : lines.rindex("\\end")] if lines.startswith("\\begin") else lines[2:-2]
    return _BLANK_LINE.search(inner.strip()) is None


class _Bridges:
    """Formulas of one paragraph that reach across a line where it would end."""

    def __init__(self, state: StateBlock, start_line: int, end_line: int) -> None:
        self.state = state
        self.position = state.bMarks[start_line] + state.tShift[start_line]
        self.end_line = end_line

    def over(self, line: int) -> int | None:
        """The line after the formula that covers ``line``; None where none does. Call with growing lines."""
        source, limit = self.state.src, self.state.bMarks[line]
        while mark := _WALK.search(source, self.position, limit):
            if mark[0][0] == "`":
                self.position = code_span_end(source, mark, limit)
                continue
            formula = block_finder(self.state).formula_at(mark.start()) if len(mark[0]) <= 2 else None
            if formula is None:
                self.position = mark.end() + (mark[0] == "\\")
            elif formula.end <= limit:
                self.position = formula.end
            else:
                self.position = mark.end()
                return self._last_line(formula, line)
        return None

    def _last_line(self, formula: Formula, line: int) -> int | None:
        last_line = bisect_left(self.state.eMarks, formula.end)
        if not _is_contained(self.state, line - 1, last_line, self.end_line):
            return None
        if not formula.display and not reads_as_math(formula.tex):
            return None
        self.position = formula.end
        return last_line + 1


def paragraph(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A paragraph or an underlined heading: up to a blank line or a line that starts another block."""
    del silent  # Nothing comes after this rule, so that it is never asked ahead.
    end_line = state.lineMax
    parent, state.parentType = state.parentType, "paragraph"
    next_line, level = _paragraph_end(state, start_line, end_line)
    state.parentType = parent
    state.line = next_line + (level > 0)
    tag, name = (f"h{level}", "heading") if level else ("p", "paragraph")
    opening = state.push(f"{name}_open", tag, 1)
    opening.map = [start_line, state.line]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start_line, next_line, state.blkIndent, False).strip(" \t\n")
    inline.map = [start_line, state.line]
    inline.children = []
    state.push(f"{name}_close", tag, -1)
    return True


def _paragraph_end(state: StateBlock, start_line: int, end_line: int) -> tuple[int, int]:
    """The line after the paragraph's text, and the heading level if an underline follows there (else 0)."""
    bridges = _Bridges(state, start_line, end_line)
    terminators = state.md.block.ruler.getRules("paragraph")
    next_line = start_line + 1
    while next_line < end_line:
        level = 0
        if state.isEmpty(next_line):
            ends = True
        elif state.sCount[next_line] - state.blkIndent > 3:
            ends = False  # Never indented code right after text.
        else:
            level = _underline_level(state, next_line)
            lazy = state.sCount[next_line] < 0  # The quote rule has looked at this line already.
            ends = level > 0 or (not lazy and any(rule(state, next_line, end_line, True) for rule in terminators))
        if ends:
            beyond = bridges.over(next_line)
            if beyond is None:
                return next_line, level
            next_line = beyond
        else:
            next_line += 1
    return end_line if next_line > end_line else next_line, 0


def _underline_level(state: StateBlock, line: int) -> int:
    if state.sCount[line] < state.blkIndent:
        return 0
    start = state.bMarks[line] + state.tShift[line]
    underline = _UNDERLINE.fullmatch(state.src, start, state.eMarks[line])
    if underline is None:
        return 0
    return 1 if underline[1][0] == "=" else 2
