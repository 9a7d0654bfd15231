r"""Where formulas could begin and end: one linear pass over a text.

The scanner pairs every opening mark (``$``, ``$$``, ``\(``, ``\[``, ``\begin{env}``) with the closing mark
that stands in the same brace group, so that ``\text{if $x$}`` inside a formula neither opens nor closes
anything, and a blank line ends what is open. Whether a pair *is* a formula is decided in
:mod:`coolpapers.reading.markup.math.acceptance`; walking a text from formula to formula is
:mod:`coolpapers.reading.markup.math.spans`. Start at :class:`DelimiterIndex`.

The rules named R1 to R15 here and in the neighbouring modules are those of ``docs/reference/markdown.md``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

# Display environments of amsmath that stand without outer marks (R5). Text environments (itemize, tabular) do not.
ENVIRONMENTS = frozenset(
    name + star
    for name in (
        "equation", "align", "gather", "multline", "flalign", "alignat", "xalignat", "eqnarray", "displaymath",
        "aligned", "alignedat", "gathered", "multlined", "split", "cases", "dcases", "rcases", "drcases", "numcases",
        "array", "subarray", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix",
        "smallmatrix", "psmallmatrix", "bsmallmatrix", "Bsmallmatrix", "vsmallmatrix", "Vsmallmatrix",
    )
    for star in ("", "*")
)  # fmt: skip

# What stands between two tokens is skipped inside the pattern, in C: plain characters, line ends that end no
# paragraph, and escapes that are no delimiter (so that `\\(` and `\\\$` keep the parity of their backslashes).
# The empty alternative at the end lets every match succeed: a failing one would make the search quadratic.
_TOKEN = re.compile(
    r"""(?: [^\\${}\n]+ | \\(?!(?:begin|end)\{[A-Za-z]+\*?\})[^()\[\]\n] | \\(?=\n|\Z) | \n(?![ \t]*\n) )*+
    (?: (?P<dollars>\$+) | (?P<open>\{) | (?P<close>\}) | \\(?P<mark>[()\[\]])
      | \\(?P<edge>begin|end)\{(?P<environment>[A-Za-z]+\*?)\} | (?P<blank>\n[ \t]*\n\s*) | \Z )""",
    re.VERBOSE,
)
_BACKTICKS = re.compile(r"(?<!`)(`{1,2})\$")
# What may stand before a display mark that has a line for itself: quote marks, list markers, spaces.
LINE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*")


class Kind(Enum):
    """The marks a formula can stand in."""

    DOLLAR = "$"
    BACKTICK = "$`"
    DOUBLE_DOLLAR = "$$"
    PAREN = "\\("
    BRACKET = "\\["
    ENVIRONMENT = "\\begin"


class Pair(NamedTuple):
    r"""An opening mark and the closing mark of its brace group; offsets into the scanned text.

    The content is ``text[inner:outer]``; for an environment that includes ``\begin`` and ``\end``.
    """

    kind: Kind
    start: int
    inner: int
    outer: int
    end: int


@dataclass(slots=True)
class _Group:
    """One brace group: the opening marks in it that still wait for their closing mark (-1: none)."""

    dollar: int = -1
    double: int = -1
    paren: int = -1
    bracket: int = -1
    environments: dict[str, list[int]] = field(default_factory=dict)


class DelimiterIndex:
    r"""The pairs of one text, found in a single pass.

    Parameters
    ----------
    text : str
        Line ends are ``\n``.

    Notes
    -----
    Each token is looked at once and each waiting mark is dropped once, so building is O(len(text)) and
    :meth:`pair_at` is a dictionary lookup.
    """

    __slots__ = ("_backticks", "_groups", "_pairs", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pairs: dict[int, Pair] = {}
        self._groups: list[_Group | None] = [None]
        self._backticks = _backtick_ends(text) if "$`" in text else {}
        self._scan()

    def pair_at(self, position: int) -> Pair | None:
        """The pair whose opening mark begins at ``position``."""
        if self._backticks and self.text.startswith("$`", position):
            return self._backtick_pair(position)
        return self._pairs.get(position)

    def open_marks(self) -> dict[int, Kind]:
        """Opening marks that found no closing mark and that no blank line cut off: where more text may close them."""
        waiting: dict[int, Kind] = {}
        for group in filter(None, self._groups):
            marks = [
                (group.dollar, Kind.DOLLAR),
                (group.double, Kind.DOUBLE_DOLLAR),
                (group.paren, Kind.PAREN),
                (group.bracket, Kind.BRACKET),
                *((start, Kind.ENVIRONMENT) for starts in group.environments.values() for start in starts),
            ]
            waiting.update((start, kind) for start, kind in marks if start >= 0)
        return waiting

    def _scan(self) -> None:
        groups = self._groups
        for token in _TOKEN.finditer(self.text):
            name = token.lastgroup
            if name == "open":
                groups.append(None)
            elif name == "close":
                groups.pop()
                if not groups:  # A stray brace ends the outermost group: nothing pairs across it.
                    groups.append(None)
            elif name == "blank":
                self._blank_line(*token.span("blank"))
            elif name is not None:
                group = groups[-1]
                if group is None:
                    group = groups[-1] = _Group()
                if name == "dollars":
                    self._dollars(group, *token.span("dollars"))
                elif name == "mark":
                    self._bracket(group, token["mark"], token.end())
                else:
                    self._environment(group, token)

    def _pair(self, kind: Kind, start: int, inner: int, outer: int, end: int) -> None:
        self._pairs[start] = Pair(kind, start, inner, outer, end)

    def _dollars(self, group: _Group, start: int, end: int) -> None:
        """One run of dollars. ``$a$$b$`` is two formulas: half of a double run may close and half may open."""
        length = end - start
        if group.dollar >= 0 and length <= 2:
            self._pair(Kind.DOLLAR, group.dollar, group.dollar + 1, start, start + 1)
        group.dollar = end - 1 if length <= 2 else -1
        if length == 2:
            if group.double >= 0:
                self._pair(Kind.DOUBLE_DOLLAR, group.double, group.double + 2, start, end)
            group.double = start
        elif length > 2:
            group.double = -1

    def _bracket(self, group: _Group, mark: str, end: int) -> None:
        start = end - 2
        if mark == "(":
            group.paren = start
        elif mark == "[":
            group.bracket = start
        elif mark == ")" and group.paren >= 0:
            self._pair(Kind.PAREN, group.paren, group.paren + 2, start, end)
            group.paren = -1
        elif mark == "]" and group.bracket >= 0:
            self._pair(Kind.BRACKET, group.bracket, group.bracket + 2, start, end)
            group.bracket = -1

    def _environment(self, group: _Group, token: re.Match[str]) -> None:
        name = token["environment"]
        if name not in ENVIRONMENTS:
            return
        waiting = group.environments.setdefault(name, [])
        if token["edge"] == "begin":
            waiting.append(token.start("edge") - 1)
        elif waiting:
            start = waiting.pop()
            self._pair(Kind.ENVIRONMENT, start, start, token.end(), token.end())

    def _blank_line(self, start: int, end: int) -> None:
        """A blank line ends everything, but may follow the opening or precede the closing mark of a display (R3)."""
        group, fresh = self._groups[-1], _Group()
        self._groups[:] = [fresh]
        if group is None:
            return
        if group.double >= 0 and self._spans_blank(Kind.DOUBLE_DOLLAR, group.double, "$$", start, end):
            fresh.double = group.double
        if group.bracket >= 0 and self._spans_blank(Kind.BRACKET, group.bracket, "\\]", start, end):
            fresh.bracket = group.bracket
        for name, waiting in group.environments.items():
            if waiting and self._environment_spans_blank(name, waiting[-1], start, end):
                fresh.environments[name] = [waiting[-1]]

    def _spans_blank(self, kind: Kind, opened: int, closing: str, start: int, end: int) -> bool:
        """Whether the mark stays open over the blank line; pairs it with a closing mark right behind that line."""
        inner = opened + 2
        if not self.text[inner:start].strip():
            return True
        if self.text.startswith(closing, end) and self._is_alone(opened, end + 2):
            self._pair(kind, opened, inner, end, end + 2)
        return False

    def _environment_spans_blank(self, name: str, opened: int, start: int, end: int) -> bool:
        closing = f"\\end{{{name}}}"
        if not self.text[opened + len(closing) + 2 : start].strip():
            return True
        if self.text.startswith(closing, end):
            self._pair(Kind.ENVIRONMENT, opened, opened, end + len(closing), end + len(closing))
        return False

    def _is_alone(self, opened: int, closed: int) -> bool:
        """The opening mark has a side of its line for itself, and behind the closing mark nothing stands."""
        line = self.text.rfind("\n", 0, opened) + 1
        starts_line = LINE_PREFIX.fullmatch(self.text, line, opened) is not None
        return (starts_line or not self._rest_of_line(opened + 2)) and not self._rest_of_line(closed)

    def _rest_of_line(self, position: int) -> str:
        end = self.text.find("\n", position)
        return self.text[position : end if end >= 0 else None].strip()

    def _backtick_pair(self, position: int) -> Pair | None:
        """``$`…`$`` with as many backticks on both sides; no blank line inside."""
        ticks = 2 if self.text.startswith("``", position + 1) else 1
        inner = position + 1 + ticks
        closing = self._backticks.get(ticks, [])
        following = bisect_right(closing, inner)
        if following == len(closing) or "\n\n" in self.text[inner : closing[following]]:
            return None
        outer = closing[following]
        return Pair(Kind.BACKTICK, position, inner, outer, outer + ticks + 1)


def _backtick_ends(text: str) -> dict[int, list[int]]:
    """Offsets of the closing marks of GitHub's form, by their number of backticks."""
    ends: dict[int, list[int]] = {1: [], 2: []}
    for match in _BACKTICKS.finditer(text):
        ends[len(match[1])].append(match.start())
    return ends
