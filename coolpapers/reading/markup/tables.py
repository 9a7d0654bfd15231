r"""GFM tables whose rows may hold formulas with pipes (R8).

A row is split at its plain pipes as GFM does. Only where that does not give as many cells as the delimiter row and
the split that keeps formulas whole fits better, the latter is taken. ``\|`` outside formulas is a pipe; inside it
stays ``\|``, the norm bar.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise

from markdown_it.rules_block import StateBlock

from coolpapers.reading.markup.math.spans import Formula, code_span_end, find_formulas
from coolpapers.reading.markup.math.wording import is_clear

_DELIMITER_ROW = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
# What a line can start with that begins another block, and so ends a table.
_BLOCK_STARTS = frozenset("$\\`~>#-+*_[0123456789")
_BACKTICKS = re.compile("`+")
# Cells made up for rows that are too short, at most: two short lines could else ask for millions (GFM's own limit
# is of this size).
_MAX_MADE_UP_CELLS = 65_536


def table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Header row, delimiter row of as many cells, body rows up to a blank line or another block."""
    if start_line + 2 > end_line or state.sCount[start_line + 1] < state.blkIndent:
        return False
    second = state.bMarks[start_line + 1] + state.tShift[start_line + 1]
    if state.src[second : second + 1] not in ("|", "-", ":"):
        return False
    if state.is_code_block(start_line) or state.is_code_block(start_line + 1):
        return False
    alignments = _alignments(_line(state, start_line + 1))
    header = _line(state, start_line)
    if not alignments or "|" not in header:
        return False
    cells = split_row(header, len(alignments))
    if len(cells) != len(alignments):
        return False
    if not silent:
        _push_table(state, start_line, end_line, cells, alignments)
    return True


def split_row(row: str, columns: int) -> list[str]:
    """The cells of a row, without the spaces around them; as many as there are, whatever ``columns`` says.

    >>> split_row("| $P(A|B)$ | 1 |", 2)
    ['$P(A|B)$', '1']
    >>> split_row("| a ($) | b ($) |", 2)
    ['a ($)', 'b ($)']
    """
    if "\\" not in row and "`" not in row:
        cells = _cut_at_all(row)
        if len(cells) == columns:
            return cells
    pipes = _pipes(row)
    cells = _cut(row, pipes)
    if len(cells) != columns and ("$" in row or "\\" in row or "`" in row):
        formulas = find_formulas(row)
        whole = _cut(row, _outside(pipes, formulas))
        if len(whole) == columns:
            cells = whole
        elif (
            "`" in row
            and columns < len(cells)
            and len(outside_code := _cut(row, _outside(_pipes_outside_code(row), formulas))) == columns
        ):
            cells = outside_code
        elif len(whole) < columns < len(cells):  # A cell is missing: better that than a formula cut in two.
            certain = [formula for formula in find_formulas(row) if is_clear(formula.tex) or " | " not in formula.tex]
            cells = _cut(row, _outside(pipes, certain))
    return [_unescape_pipes(cell) for cell in cells]


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip(" \t")


def _alignments(row: str) -> list[str]:
    if len(row) < 2 or row.startswith(("- ", "-\t")) or not _DELIMITER_ROW.fullmatch(row):
        return []
    cells = row.strip("| \t").split("|")
    sides = {(True, True): "center", (True, False): "left", (False, True): "right", (False, False): ""}
    return [sides[cell.strip().startswith(":"), cell.strip().endswith(":")] for cell in cells]


def _pipes(row: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\|", row) if row[match.start() - 1 : match.start()] != "\\"]


def _pipes_outside_code(row: str) -> list[int]:
    """The pipes that no code span holds: GFM cuts code as well, which breaks it and drops the last cells of the row."""
    spans, position = list[tuple[int, int]](), 0
    while opening := _BACKTICKS.search(row, position):
        position = code_span_end(row, opening)
        spans.append((opening.start(), position))
    starts = [start for start, _ in spans]
    return [pipe for pipe in _pipes(row) if (i := bisect_right(starts, pipe) - 1) < 0 or pipe >= spans[i][1]]


def _cut(row: str, pipes: list[int]) -> list[str]:
    edges = [-1, *pipes, len(row)]
    cells = [row[begin + 1 : end].strip(" \t") for begin, end in pairwise(edges)]
    if pipes and pipes[0] == 0:
        del cells[0]
    if cells and pipes and pipes[-1] == len(row) - 1:
        del cells[-1]
    return cells


def _cut_at_all(row: str) -> list[str]:
    """The cells of a row without escaped pipes."""
    cells = [cell.strip(" \t") for cell in row.split("|")]
    if row.startswith("|"):
        del cells[0]
    if row.endswith("|") and cells:
        del cells[-1]
    return cells


def _outside(pipes: list[int], formulas: list[Formula]) -> list[int]:
    """The pipes that no formula covers; both lists are in order."""
    outside, remaining = [], iter(formulas)
    formula = next(remaining, None)
    for pipe in pipes:
        while formula is not None and formula.end <= pipe:
            formula = next(remaining, None)
        if formula is None or pipe < formula.start:
            outside.append(pipe)
    return outside


def _unescape_pipes(cell: str) -> str:
    if "\\|" not in cell:
        return cell
    parts: list[str] = []
    position = 0
    for formula in find_formulas(cell):
        parts += [cell[position : formula.start].replace("\\|", "|"), cell[formula.start : formula.end]]
        position = formula.end
    return "".join([*parts, cell[position:].replace("\\|", "|")])


def _push_table(state: StateBlock, start_line: int, end_line: int, header: list[str], alignments: list[str]) -> None:
    parent, state.parentType = state.parentType, "table"
    opening = state.push("table_open", "table", 1)
    state.push("thead_open", "thead", 1)
    _push_row(state, start_line, "th", header, alignments)
    state.push("thead_close", "thead", -1)
    rows = _body_rows(state, start_line + 2, end_line, len(alignments))
    if rows:
        state.push("tbody_open", "tbody", 1)
        for line, cells in enumerate(rows, start_line + 2):
            _push_row(state, line, "td", cells, alignments)
        state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    state.parentType = parent
    state.line = start_line + 2 + len(rows)
    opening.map = [start_line, state.line]


def _body_rows(state: StateBlock, line: int, end_line: int, columns: int) -> list[list[str]]:
    rows: list[list[str]] = []
    terminators = state.md.block.ruler.getRules("blockquote")
    made_up = 0
    while line < end_line and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        start = state.src[state.bMarks[line] + state.tShift[line]]
        if state.is_code_block(line) or (
            start in _BLOCK_STARTS and any(rule(state, line, end_line, True) for rule in terminators)
        ):
            break
        cells = split_row(_line(state, line), columns)
        made_up += max(columns - len(cells), 0)
        if made_up > _MAX_MADE_UP_CELLS:
            break
        rows.append((cells + [""] * columns)[:columns])
        line += 1
    return rows


def _push_row(state: StateBlock, line: int, cell_tag: str, cells: list[str], alignments: list[str]) -> None:
    state.push("tr_open", "tr", 1)
    for cell, alignment in zip(cells, alignments, strict=True):
        tag = cell_tag if cell else "td"  # a heading without words heads nothing
        opening = state.push(f"{tag}_open", tag, 1)
        if alignment:
            opening.attrs = {"align": alignment}
        inline = state.push("inline", "", 0)
        inline.content = cell
        inline.map = [line, line + 1]
        inline.children = []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)
