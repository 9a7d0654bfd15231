r"""An inline rule for mathematics that stands outside formulas in Markdown: ``|\nabla u|``, ``O(n \log n)`` (R12).

It is shown as in an abstract: a sign, the name of an operator, a fraction. Names that are not mathematics stay, and so
does what may be the path of a file.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from coolpapers.reading.markup.latex.operators import BINOMIALS, FRACTIONS, MATH_ACCENTS, OPERATORS
from coolpapers.reading.markup.latex.signs import MORE_SIGNS
from coolpapers.reading.markup.latex.symbols import GREEK, SIGNS
from coolpapers.reading.markup.latex.text import shown_text
from coolpapers.reading.markup.math.packages import QUANTITY_COMMANDS, read_arguments

_ALPHABETS = ("mathcal", "mathbb", "mathrm", "mathbf", "mathsf", "mathfrak", "mathscr", "mathit", "boldsymbol")
# Name → the arguments it must have. The signs of texts and lists are no mathematics.
_ARGUMENTS: dict[str, int] = {
    **dict.fromkeys((*GREEK, *MORE_SIGNS, *SIGNS, *OPERATORS), 0),
    **dict.fromkeys((*FRACTIONS, *BINOMIALS), 2),
    **dict.fromkeys((*MATH_ACCENTS, *_ALPHABETS, "sqrt"), 1),
    **QUANTITY_COMMANDS,
}
for _name in ("item", "ie", "eg", "etal", "etc", "wrt", "P", "S", "backslash", "textbackslash", "lbrace", "rbrace"):
    _ARGUMENTS.pop(_name, None)
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_BEFORE = re.compile(r"\S{0,200}\Z")
_AFTER_DOLLAR = re.compile(r"(?<!\\)\$\Z")
_PATH = re.compile(r"[A-Za-z]:\\|\\\\|://|^\\[A-Za-z]+\\[a-z]+\\|[\w.]\\[A-Z]\w*\\")


def bare_command(state: StateInline, silent: bool) -> bool:
    """A command of mathematics with its arguments, as an abstract would show it."""
    command = _COMMAND.match(state.src, state.pos, state.posMax)
    count = _ARGUMENTS.get(command[1]) if command else None
    if command is None or count is None or _AFTER_DOLLAR.search(state.src, max(state.pos - 2, 0), state.pos):
        return False  # Behind a dollar it belongs to a formula whose end nobody can tell.
    before = _BEFORE.search(state.src, max(state.pos - 200, 0), state.pos)
    if before and _PATH.search(before[0] + command[0]):
        return False
    arguments, end = read_arguments(state.src, command.end(), count)
    if arguments is None or end > state.posMax:
        return False
    if not silent:
        shown = shown_text(state.src[state.pos : end])
        is_word = shown[:1].isalnum() and command[1] not in GREEK
        beside = state.pending[-1:].isalnum() and is_word
        following = state.src[end : end + 1]
        state.append_pending((" " if beside else "") + shown + (" " if is_word and following.isalnum() else ""))
    state.pos = end + 2 if state.src.startswith("{}", end) else end
    return True
