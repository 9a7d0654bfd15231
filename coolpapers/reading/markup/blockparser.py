r"""Which block rules can take a line, by its first character.

markdown-it asks all its rules at every line; nine in ten paragraphs start with a letter, which no rule but the
paragraph's and a table's header row can take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock

BlockRule = Callable[[StateBlock, int, int, bool], bool]


class FirstCharacterParser(ParserBlock):
    """markdown-it's block parser with the rules looked up by the first character of the line.

    Parameters
    ----------
    code, formula, table, paragraph : rule
        For indented lines, for lines that start with a dollar or a backslash, for lines with a pipe, and for what no
        other rule takes.
    rules : mapping from character to rules
        Tried in order, after ``table``. The ruler's own list is used by markdown-it's rules to interrupt each other.
    """

    def __init__(
        self,
        *,
        code: BlockRule,
        formula: BlockRule,
        table: BlockRule,
        paragraph: BlockRule,
        rules: Mapping[str, Sequence[BlockRule]],
    ) -> None:
        super().__init__()
        self._code = code
        self._formula = formula
        self._table = table
        self._paragraph = paragraph
        self._rules = rules

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803 - markdown-it's names
        """Read blocks up to ``endLine``, or to a line that leaves the container."""
        line, saw_blank = startLine, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                return
            if state.level >= state.md.options.maxNesting:
                state.line = endLine
                return
            self._read_block(state, line, endLine)
            state.tight = not saw_blank  # A list is loose when a blank line came before its last block.
            line = state.line
            if state.isEmpty(line - 1):
                saw_blank = True
            if line < endLine and state.isEmpty(line):
                saw_blank = True
                line += 1
                state.line = line

    def _read_block(self, state: StateBlock, line: int, end_line: int) -> None:
        if state.is_code_block(line) and self._code(state, line, end_line, False):
            return
        start = state.bMarks[line] + state.tShift[line]
        character = state.src[start]
        if character in "$\\" and self._formula(state, line, end_line, False):
            return
        if "|" in state.src[start : state.eMarks[line]] and self._table(state, line, end_line, False):
            return
        for rule in self._rules.get(character, ()):
            if rule(state, line, end_line, False):
                return
        self._paragraph(state, line, end_line, False)
