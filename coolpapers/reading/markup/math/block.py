r"""Block rules: display formulas on their own lines, and paragraphs that formulas hold together (R3 to R5).

``$$``, ``\[`` or ``\begin{env}`` at the start of a line, with nothing behind the closing mark, is a block and may
interrupt a paragraph. What a formula covers is TeX: a line inside it that looks like a list item, a heading,
a quote, a rule or an underline neither starts a block nor ends the paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from markdown_it.rules_block import StateBlock

from coolpapers.reading.markup.math.scan import MAX_SPAN_OVER_BLANK_LINES
from coolpapers.reading.markup.math.spans import Formula, FormulaFinder, code_span_end
from coolpapers.reading.markup.math.tex_repairs import mend_tex
from coolpapers.reading.markup.math.wording import is_display_over_blank_lines, reads_as_math

_DISPLAY_MARKS = ("$$", "\\[", "\\begin{")
_LIST_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)
# What a line can start with that begins another block; a table's header row can start with anything but has a pipe.
_BLOCK_STARTS = frozenset("$\\`~>#-+*_[|0123456789")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*")
_WALK = re.compile(r"`+|\$+|\\")


def block_finder(state: StateBlock) -> FormulaFinder:
    """The formulas of the whole source, found once a document."""
    finder: FormulaFinder | None = state.env.get("block_finder")
    if finder is None:
        finder = state.env["block_finder"] = FormulaFinder(
            state.src, partial=state.env["partial"], decided=state.env.setdefault("decided", {})
        )
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
    if not formula.display or not ends_line or not _is_contained(state, formula, last_line, end_line):
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
    token.content = mend_tex(inner)
    token.map = [start_line, last_line + 1]


def _hold_back(state: StateBlock, finder: FormulaFinder, start: int, end_line: int, silent: bool) -> bool:
    """In a text that is still being written, an open block hides until it is closed (R14)."""
    if not finder.partial or not finder.holds(start):
        return False
    if not silent:
        state.line = end_line
    return True


def _is_contained(state: StateBlock, formula: Formula, last_line: int, end_line: int) -> bool:
    """Whether a formula's lines belong to one quote or list item, with no blank line but at the formula's edges."""
    if last_line >= end_line:
        return False
    first_line = bisect_left(state.eMarks, formula.start)
    inner_line, outer_line = first_line + 1, last_line - 1
    opening, closing = _marks(state.src, formula)
    if not state.src[opening : state.eMarks[first_line]].strip():
        while inner_line < last_line and state.isEmpty(inner_line):
            inner_line += 1
    if not state.src[state.bMarks[last_line] : closing].strip():
        while outer_line > first_line and state.isEmpty(outer_line):
            outer_line -= 1
    has_blank = any(state.isEmpty(line) for line in range(inner_line, outer_line + 1))
    if has_blank and not _spans_blank_lines(state, formula, first_line, last_line):
        return False
    return not any(_leaves_container(state, line) for line in range(first_line + 1, last_line + 1))


def _spans_blank_lines(state: StateBlock, formula: Formula, first_line: int, last_line: int) -> bool:
    """Whether a display goes on after blank lines, of which the scanner does not see those of a quote (R3)."""
    opening, closing = _marks(state.src, formula)
    is_environment = state.src.startswith("\\begin", formula.start)
    stands_alone = not (
        state.src[opening : state.eMarks[first_line]] + state.src[state.bMarks[last_line] : closing]
    ).strip(" \t>")
    if not (is_environment or stands_alone) or formula.end - formula.start > MAX_SPAN_OVER_BLANK_LINES:
        return False
    lines = state.getLines(first_line, last_line + 1, state.blkIndent, False).strip()
    return is_display_over_blank_lines(lines if is_environment else lines[2:-2])


def _marks(source: str, formula: Formula) -> tuple[int, int]:
    """Offsets behind the opening and before the closing mark of a display formula."""
    if source.startswith("\\begin", formula.start):
        return source.index("}", formula.start) + 1, source.rindex("\\end", formula.start, formula.end)
    return formula.start + 2, formula.end - 2


def _leaves_container(state: StateBlock, line: int) -> bool:
    """A line left of the list item it should be in: tolerated (models lose indentation), but for the next item."""
    if state.isEmpty(line) or not 0 <= state.sCount[line] < state.blkIndent:
        return False
    start = state.bMarks[line] + state.tShift[line]
    return state.isEmpty(line - 1) or _LIST_MARKER.match(state.src, start, state.eMarks[line]) is not None


class _Bridges:
    """Formulas of one paragraph that reach across a line where it would end."""

    def __init__(self, state: StateBlock, start_line: int, end_line: int) -> None:
        self.state = state
        self.position = state.bMarks[start_line] + state.tShift[start_line]
        self.end_line = end_line

    def over(self, line: int) -> int | None:
        """The line after the formula that covers ``line``; None where none does. Call with growing lines."""
        source, limit = self.state.src, self.state.bMarks[line]
        if source.find("$", self.position, limit) < 0 and source.find("\\", self.position, limit) < 0:
            return None
        if not block_finder(self.state).index.may_cross(limit):
            return None
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
                return self._last_line(formula)
        return None

    def _last_line(self, formula: Formula) -> int | None:
        last_line = bisect_left(self.state.eMarks, formula.end)
        if not _is_contained(self.state, formula, last_line, self.end_line):
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
            ends = level > 0 or (not lazy and _is_interrupted(state, next_line, end_line))
        if ends:
            beyond = bridges.over(next_line)
            if beyond is None:
                return next_line, level
            next_line = beyond
        else:
            next_line += 1
    return end_line if next_line > end_line else next_line, 0


def _is_interrupted(state: StateBlock, line: int, end_line: int) -> bool:
    start = state.bMarks[line] + state.tShift[line]
    if state.src[start] not in _BLOCK_STARTS and "|" not in state.src[start : state.eMarks[line]]:
        return False
    return any(rule(state, line, end_line, True) for rule in state.md.block.ruler.getRules("paragraph"))


def _underline_level(state: StateBlock, line: int) -> int:
    if state.sCount[line] < state.blkIndent:
        return 0
    start = state.bMarks[line] + state.tShift[line]
    underline = _UNDERLINE.fullmatch(state.src, start, state.eMarks[line])
    if underline is None:
        return 0
    return 1 if underline[1][0] == "=" else 2
