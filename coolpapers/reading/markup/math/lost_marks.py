r"""Formulas that lost the backslashes of their marks, or never had marks: ``[ \frac{a}{b} ]``, ``\boxed{42}`` (R4).

Text copied from a chat has ``[`` and ``]`` alone on lines where ``\[`` and ``\]`` stood. They count only around what is
certain to be TeX: a command that MathJax knows and no word.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from coolpapers.reading.markup.math.inline import FormulaState
from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from coolpapers.reading.markup.math.tex_repairs import mend_tex
from coolpapers.reading.markup.math.wording import has_command, has_word, is_wordless

MAX_LINES = 40
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_ONE_LINE = re.compile(r"\[[ \t]*(\\?[^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*)\]")
_BOXED = re.compile(r"\\boxed[ \t]*(?=\{)")


def lost_display(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """``[`` alone on a line up to ``]`` alone on a line, or both around one line, with certain TeX between them."""
    line = _line(state, start_line)
    if state.is_code_block(start_line) or not line.startswith("["):
        return False
    if line == "[":
        content, last_line = _content(state, start_line, end_line)
    else:
        match = _ONE_LINE.fullmatch(line)
        content, last_line = (match[1] if match else ""), start_line
    if last_line is None:
        return _hold_back(state, content, end_line, silent)
    if not _is_certain(content):
        return False
    if not silent:
        token = state.push("math_block", "div", 0)
        token.content = mend_tex(f"\n{content}\n" if last_line > start_line else content)
        token.map = [start_line, last_line + 1]
    state.line = last_line + 1
    return True


def boxed_formula(state: StateInline, silent: bool) -> bool:
    r"""``\boxed{…}`` without marks: a display if it is the whole paragraph."""
    command = _BOXED.match(state.src, state.pos, state.posMax) if isinstance(state, FormulaState) else None
    if command is None or not isinstance(state, FormulaState):
        return False
    closing = state.closing_brace(command.end())
    if closing is None or closing >= state.posMax:
        if state.at_tail:
            state.pos = state.posMax  # Still being written (R14).
        return state.at_tail
    if not silent:
        content = state.src[command.end() + 1 : closing].replace("$", "")
        is_text = has_word(content) and not has_command(content)
        token = state.push("math_inline", "span", 0)
        token.content = mend_tex(f"\\boxed{{\\text{{{content}}}}}" if is_text else f"\\boxed{{{content}}}")
        token.meta = {"display": state.pos == 0 and not state.src[closing + 1 :].strip(" \t.。")}
        state.formula_ends.add(closing + 1)
    state.pos = closing + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _content(state: StateBlock, start_line: int, end_line: int) -> tuple[str, int | None]:
    """What stands below ``[``, and the line of the ``]`` that ends it; None where there is none."""
    for line in range(start_line + 1, min(end_line, start_line + MAX_LINES)):
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return "", start_line
        if _line(state, line) == "]":
            return state.getLines(start_line + 1, line, state.blkIndent, False).strip("\n"), line
    return state.getLines(start_line + 1, end_line, state.blkIndent, False).strip("\n"), None


def _is_certain(content: str) -> bool:
    names = _COMMAND.findall(content)
    return bool(names) and KNOWN_COMMANDS.issuperset(names) and is_wordless(content)


def _hold_back(state: StateBlock, content: str, end_line: int, silent: bool) -> bool:
    """In a text that is still being written the closing bracket may yet come (R14)."""
    if not state.env["partial"] or (content.strip() and not is_wordless(content)):
        return False
    if not silent:
        state.line = end_line
    return True
