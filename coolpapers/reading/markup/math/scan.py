r"""Where formulas could begin and end: one linear pass over a text.

The scanner pairs every opening mark (``$``, ``$$``, ``\(``, ``\[``, ``\begin{env}``) with the closing mark
that stands in the same brace group, so that ``\text{if $x$}`` inside a formula neither opens nor closes
anything, and a blank line ends what is open. Whether a pair *is* a formula is decided in
:mod:`coolpapers.reading.markup.math.acceptance`; walking a text from formula to formula is
:mod:`coolpapers.reading.markup.math.spans`. Start at :class:`DelimiterIndex`.

The rules named R1 to R16 here and in the neighbouring modules are those of ``docs/reference/markdown.md``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from coolpapers.reading.markup.math.delimiters import ENVIRONMENTS, LINE_PREFIX, Kind, Pair
from coolpapers.reading.markup.math.wording import is_display_over_blank_lines

# What stands between two tokens is skipped inside the pattern, in C: plain characters, line ends that end no
# paragraph, and escapes that are no delimiter (so that `\\(` and `\\\$` keep the parity of their backslashes).
# The empty alternative at the end lets every match succeed: a failing one would make the search quadratic.
_TOKEN = re.compile(
    r"""(?: [^\\${}\n]+ | \\(?!(?:begin|end)\{[A-Za-z]+\*?\})[^()\[\]\n] | \\(?=\n|\Z) | \n(?![ \t>]*\n) )*+
    (?: (?P<dollars>\$+) | (?P<open>\{) | (?P<close>\}) | \\(?P<mark>[()\[\]])
      | \\(?P<edge>begin|end)\{(?P<environment>[A-Za-z]+\*?)\} | (?P<blank>\n[ \t>]*\n[\s>]*) | \Z )""",
    re.VERBOSE,
)
_BACKTICKS = re.compile(r"(?<!`)(`{1,2})\$")

_QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_QUOTE_LINE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>")
_LINE_END = re.compile(r"[ \t]*(?:\n|\Z)")
# A longer formula is shown as code anyway (R15); so pairs that are looked at over blank lines cost no more than this.
MAX_SPAN_OVER_BLANK_LINES = 4_000


@dataclass(slots=True)
class _Group:
    """One brace group: the opening marks in it that still wait for their closing mark (-1: none)."""

    dollar: int = -1
    double: int = -1
    double_closed: bool = False  # the last $$ closed a display
    double_broken: bool = False  # the last $$ seems to end a display that its blank lines broke
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

    __slots__ = ("_backticks", "_blanks", "_crossings", "_groups", "_pairs", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pairs: dict[int, Pair] = {}
        self._groups: list[_Group | None] = [None]
        self._blanks: list[tuple[int, int]] = []
        self._backticks = _backtick_ends(text) if "$`" in text else {}
        self._crossings: tuple[list[int], list[int]] | None = None
        self._scan()

    def pair_at(self, position: int) -> Pair | None:
        """The pair whose opening mark begins at ``position``."""
        if self._backticks and self.text.startswith("$`", position):
            return self._backtick_pair(position)
        return self._pairs.get(position)

    def may_cross(self, line_start: int) -> bool:
        """Whether a pair begins before and ends behind this start of a line; True also where that is not known."""
        if self._backticks:
            return True
        starts, reaches = self._crossings = self._crossings or self._find_crossings()
        before = bisect_left(starts, line_start)
        return before > 0 and reaches[before - 1] > line_start

    def _find_crossings(self) -> tuple[list[int], list[int]]:
        """Where the pairs over several lines begin, in order, and how far they and those before them reach."""
        starts, reaches, reach, line_end = [], list[int](), 0, -1
        for start in sorted(self._pairs):
            end = self._pairs[start].end
            if line_end < start:
                line_end = self.text.find("\n", start)
                line_end = len(self.text) if line_end < 0 else line_end
            if line_end < end:
                reach = max(reach, end)
                starts.append(start)
                reaches.append(reach)
        return starts, reaches

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

    def _double_dollar(self, group: _Group, start: int, end: int) -> None:
        """A ``$$`` after another: it closes that one, unless a blank line keeps them apart.

        One that stands below something and fails to close over a blank line ends a broken display, or opens one itself
        if its content begins right below. One that closed a display opens none over a blank line.
        """
        opened, inner = group.double, group.double + 2
        is_apart = bisect_left(self._blanks, (opened,)) < bisect_left(self._blanks, (start,))
        may_open = not is_apart or not (group.double_closed or (group.double_broken and not self._hugs(inner, start)))
        may_close = may_open and self._may_close(Kind.DOUBLE_DOLLAR, opened, inner, start, end)
        if may_close:
            self._pair(Kind.DOUBLE_DOLLAR, opened, inner, start, end)
        was_end = group.double_closed or group.double_broken
        group.double_closed = may_close and (not was_end or is_apart)
        group.double_broken = not was_end and is_apart and not may_close and not self._begins_paragraph(start)

    def _dollars(self, group: _Group, start: int, end: int) -> None:
        """One run of dollars. ``$a$$b$`` is two formulas: half of a double run may close and half may open."""
        length = end - start
        if group.dollar >= 0 and length <= 2:
            self._pair(Kind.DOLLAR, group.dollar, group.dollar + 1, start, start + 1)
        group.dollar = end - 1 if length <= 2 else -1
        if length == 2:
            if group.double >= 0:
                self._double_dollar(group, start, end)
            else:
                group.double_closed = group.double_broken = False
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
            if self._may_close(Kind.BRACKET, group.bracket, group.bracket + 2, start, end):
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
            edge, end = token.start("edge") - 1, token.end()
            if self._may_close(Kind.ENVIRONMENT, start, start + end - edge + 2, edge, end):
                self._pair(Kind.ENVIRONMENT, start, start, end, end)

    def _blank_line(self, start: int, end: int) -> None:
        """A blank line ends inline formulas; displays wait for their closing mark, which decides (R3).

        A ``>`` alone on a line is blank in a quote only; in a formula elsewhere it is a relation.
        """
        if ">" in self.text[start : self.text.find("\n", start + 1)] and not self._is_in_quote(start):
            return
        self._blanks.append((start, end))
        group = self._groups[-1]
        fresh = None
        if group is not None and (group.double >= 0 or group.bracket >= 0 or group.environments):
            fresh = _Group(
                double=group.double,
                double_closed=group.double_closed,
                double_broken=group.double_broken,
                bracket=group.bracket,
                environments=group.environments,
            )
        self._groups[:] = [fresh]

    def _is_in_quote(self, position: int) -> bool:
        line = self.text.rfind("\n", 0, position) + 1
        return _QUOTE_LINE.match(self.text, line, position) is not None

    def _may_close(self, kind: Kind, start: int, inner: int, outer: int, end: int) -> bool:
        """Whether no blank line keeps the marks of a display apart.

        Over one reaches math between marks that stand alone on their lines; one at an edge of the content is nothing.
        """
        first = bisect_left(self._blanks, (start,))
        last = bisect_left(self._blanks, (outer,)) - 1
        if last < first:
            return True
        if outer - inner <= MAX_SPAN_OVER_BLANK_LINES and self._stand_alone(kind, start, inner, outer, end):
            return is_display_over_blank_lines(self._content(kind, start, inner, outer))
        if not self.text[inner : self._blanks[first][0]].strip():
            first += 1
        if first <= last and self._blanks[last][1] == outer:
            last -= kind is Kind.ENVIRONMENT or self._has_a_side(start, end)
        return last < first

    def _stand_alone(self, kind: Kind, start: int, inner: int, outer: int, end: int) -> bool:
        """Both marks have their lines for themselves; an environment begins and ends its lines."""
        if not self._starts_line(start) or not self._ends_line(end):
            return False
        return kind is Kind.ENVIRONMENT or (self._ends_line(inner) and self._starts_line(outer))

    def _content(self, kind: Kind, start: int, inner: int, outer: int) -> str:
        """What a display holds, without the marks of a quote around it."""
        content = self.text[start if kind is Kind.ENVIRONMENT else inner : outer]
        line = self.text.rfind("\n", 0, start) + 1
        return _QUOTE_MARKS.sub("", content) if ">" in self.text[line:start] else content

    def _has_a_side(self, start: int, end: int) -> bool:
        """The opening mark has a side of its line for itself, and after the closing mark nothing stands."""
        return (self._starts_line(start) or self._ends_line(start + 2)) and self._ends_line(end)

    def _hugs(self, inner: int, outer: int) -> bool:
        """No blank line stands right below the opening or right above the closing mark of a display."""
        first, last = (
            self._blanks[bisect_left(self._blanks, (inner,))],
            self._blanks[bisect_left(self._blanks, (outer,)) - 1],
        )
        return bool(self.text[inner : first[0]].strip() and self.text[last[1] : outer].strip())

    def _starts_line(self, position: int) -> bool:
        line = self.text.rfind("\n", 0, position) + 1
        return LINE_PREFIX.fullmatch(self.text, line, position) is not None

    def _begins_paragraph(self, position: int) -> bool:
        line = self.text.rfind("\n", 0, position) + 1
        above = self.text.rfind("\n", 0, max(line - 1, 0)) + 1
        return not self.text[above:line].strip(" \t>\n")

    def _ends_line(self, position: int) -> bool:
        return _LINE_END.match(self.text, position) is not None

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
