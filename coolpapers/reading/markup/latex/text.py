r"""Titles and abstracts: TeX as authors write it in running text, and no Markdown at all (R13).

``\emph{x}``, ``{\bf x}``, ``\%``, ``Fig.~3``, ``\url{…}``, TeX quotes and ``\cite{…}`` are read into a flat list
of events (:mod:`coolpapers.reading.markup.latex.events`) around the formulas of
:func:`~coolpapers.reading.markup.math.spans.split_math`. One pass with an explicit stack: linear, and no depth of
braces can overflow it. Start at :func:`read_text`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from coolpapers.reading.markup.latex.events import Event
from coolpapers.reading.markup.latex.symbols import (
    DROPPED_WITH_ARGUMENT,
    ESCAPES,
    GLUED_NAMES,
    HIDDEN_ARGUMENTS,
    NAMED,
    SWITCHES,
    TAGS,
)
from coolpapers.reading.markup.math.spans import split_math
from search.vocabulary.accents import COMBINING, LETTERS

_SPECIAL = re.compile(r"[$\\{}~]|``|''|\n\s*\n")
_SIGNS = ("$", "\\", "{", "}", "~", "``", "''", "\n")  # without any nothing is special, which is quicker seen
_TOKEN = re.compile(
    r"""\\(?P<name>[A-Za-z]+)\*? | \\(?P<symbol>[\s\S]) | (?P<brace>[{}]) | (?P<tie>~+) | (?P<quote>``|'')
      | (?P<address>https?://(?:[^\s{}\\$<>"']|\\[_%&\#~])+) | (?P<blank>\n\s*\n)""",
    re.VERBOSE,
)
_ACCENT_BASE = re.compile(
    r"\s*(?:\{\s*(?:\\(?P<letter>[ij])|(?P<braced>[^\W\d_]{1,2}))?\s*\}|\\(?P<command>[ij])(?![A-Za-z])(?:\{\}|\s)?|(?P<bare>[^\W\d_]))"
)
_POSSESSIVE = re.compile(r"(?:s|t|d|re|ll|ve)(?![A-Za-z])")
_QUOTED = re.compile(r'\w[^\\"]{0,80}\\"(?![A-Za-z{])')
_SWITCH = re.compile(r"\s*\\(" + "|".join(sorted(SWITCHES, key=len, reverse=True)) + r")(?![A-Za-z])\s*")
_OPTIONS = re.compile(r"(?:\s*\[[^\[\]{}]{0,200}\])*(?=\s*\{)")
_LETTER_END = re.compile(r"\{\}|\s(?=\w)")
_SPACE = re.compile(r"\s")
_LABEL = re.compile(r"\s*\[([^\[\]{}$\\]{0,40})\]")
_LINE_END_OPTION = re.compile(r"\*?\[[\d.]+\s*[a-z]{2}\]")
_ARGUMENT = re.compile(r"\s*\{")
_ADDRESS_ARGUMENT = re.compile(r"\s*\{\s*([^{}\s]*)\s*\}")
_ENVIRONMENT_ARGUMENTS = re.compile(r"\s*\{[A-Za-z]+\*?\}(?:\[[^\[\]]{0,80}\])?(?:\{[lcrpX@|.\d\s]{1,40}\})?")
_NAME_GROUP = re.compile(r"\{(?=[^{}]{0,80}?[^\W\d_])[^{}$\\,;|<>=^_]{1,80}\}")
_WEB_ADDRESS = re.compile(r"https?://[^\s\"<>]+")


@dataclass(slots=True)
class _Group:
    """An open brace: the elements its closing brace ends, and what became of its content."""

    closes: list[str] = field(default_factory=list)
    literal: bool = False
    drop_from: int = -1  # index into the events: what came since is dropped
    hidden: int = -1  # arguments after this one that are not shown; -1: no argument follows


def read_text(text: str, *, links: bool = True) -> list[Event]:
    """The events of a title (``links=False``) or an abstract, in order; opens and closes are balanced."""
    if not any(map(text.__contains__, _SIGNS)) or _SPECIAL.search(text) is None:
        return [Event("text", text)] if text else []
    return _Reader(text, links=links).read()


class _Reader:
    """Reads one text; ``position`` is where the next token is looked for."""

    def __init__(self, text: str, *, links: bool) -> None:
        self.text = text
        self.links = links
        self.events: list[Event] = []
        self.groups: list[_Group] = []
        self.position = 0

    def read(self) -> list[Event]:
        for piece in split_math(self.text):
            if piece.formula is not None:
                self.events.append(Event("math", formula=piece.formula))
                self.position = max(self.position, piece.end)
            else:
                self._read_piece(max(piece.start, self.position), piece.end)
        while self.groups:
            self._close_elements(self.groups.pop())
        return self.events

    def _read_piece(self, start: int, end: int) -> None:
        self.position = start
        while self.position < end:
            token = _TOKEN.search(self.text, self.position, end)
            if token is None:
                self._say(self.text[self.position : end])
                self.position = end
                return
            self._say(self.text[self.position : token.start()])
            self.position = token.end()
            self._token(token)

    def _token(self, token: re.Match[str]) -> None:
        kind, value = token.lastgroup, token[0]
        if kind == "name":
            self._command(token["name"])
        elif kind == "symbol":
            self._symbol(token["symbol"])
        elif kind == "brace":
            self._open_brace(token.start()) if value == "{" else self._close_brace()
        elif kind == "tie":
            self._say(" " if self._is_tie(token.start(), token.end()) else value)
        elif kind == "quote":
            self._say("“" if value == "``" else "”")
        elif kind == "address":
            self._say(re.sub(r"\\(.)", r"\1", value))
        elif self.links:
            self.events.append(Event("break"))
        else:
            self._say(" ")

    def _say(self, text: str) -> None:
        if text:
            self.events.append(Event("text", text))

    def _is_tie(self, start: int, end: int) -> bool:
        """Between two non-space characters, but not "(~10 %" nor "5~10", where it says "about" and "to"."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        if not before or not after or before.isspace() or after.isspace():
            return False
        return before not in "([{+/%" and not (before.isdigit() and after.isdigit())

    # ---- commands -----------------------------------------------------------------------------------

    def _command(self, name: str) -> None:
        if name in COMBINING and self._accent(name):
            return
        if name in LETTERS:
            self._say(LETTERS[name])
            self._skip(_LETTER_END)
        elif name in TAGS:
            self._open_argument(TAGS[name])
        elif name.startswith("cite") or name in DROPPED_WITH_ARGUMENT:
            self._drop_argument()
        elif name in ("url", "path", "href"):
            self._address(name)
        elif name in ("begin", "end"):
            self._skip(_ENVIRONMENT_ARGUMENTS)
            self._say(" ")
        elif name in NAMED:
            self._named(NAMED[name])
        else:
            self._unknown(name)

    def _named(self, sign: str) -> None:
        if sign.endswith(".") and self.text.startswith(".", self.position):
            sign = sign.removesuffix(".")  # "\eg." at the end of a sentence
        self._say(sign)
        if sign in ("“", "‘"):
            self._skip(_SPACE)
        elif sign == "•" and (label := _LABEL.match(self.text, self.position)):
            self._say(f" {label[1]}")
            self.position = label.end()
        self._keep_arguments(hidden=0)

    def _unknown(self, name: str) -> None:
        """Lose the name, keep the argument; a name that swallowed its lost braces gives the rest back."""
        for known in GLUED_NAMES:
            if name.startswith(known) and name != known and name not in HIDDEN_ARGUMENTS:
                self._say(name.removeprefix(known))
                return
        self._keep_arguments(hidden=HIDDEN_ARGUMENTS.get(name, 0))

    def _symbol(self, symbol: str) -> None:
        if symbol == '"' and not self.text[self.position - 3 : self.position - 2].isalpha() and self._opens_quote():
            self._say('"')
        elif symbol == "'" and self._is_possessive():
            self._say("'")
        elif symbol not in COMBINING or not self._accent(symbol):
            self._say(ESCAPES.get(symbol, symbol))
            if symbol == "\\":
                self._skip(_LINE_END_OPTION)

    def _opens_quote(self) -> bool:
        """A program escaped the quotation mark of a word: no umlaut."""
        return _QUOTED.match(self.text, self.position) is not None

    def _is_possessive(self) -> bool:
        before = self.text[self.position - 3 : self.position - 2]
        return before.isalpha() and _POSSESSIVE.match(self.text, self.position) is not None

    def _accent(self, accent: str) -> bool:
        base = _ACCENT_BASE.match(self.text, self.position)
        if base is None or (base["bare"] and accent.isalpha() != base[0][:1].isspace()):
            return False  # A letter needs a space before its base (\v s), a sign stands on it (\'e).
        if accent in "bd" and base["bare"]:
            return False  # "\b black" is a broken \textbf more often than a letter with a bar.
        letters = base["letter"] or base["command"] or base["braced"] or base["bare"] or ""
        self._say(unicodedata.normalize("NFC", letters[:1] + COMBINING[accent] + letters[1:]) if letters else "")
        self.position = base.end()
        return True

    def _address(self, name: str) -> None:
        r"""``\url{…}`` and ``\href{…}{text}``: a link where links are wanted and the address is one of the web."""
        argument = _ADDRESS_ARGUMENT.match(self.text, self.position)
        if argument is None:
            self._keep_arguments(hidden=HIDDEN_ARGUMENTS.get(name, 0))
            return
        address = re.sub(r"\\([_%&#~{}])", r"\1", argument[1])
        linked = self.links and _WEB_ADDRESS.fullmatch(address) is not None
        self.position = argument.end()
        shown = name != "href" or not self._skip(_ARGUMENT)
        if linked:
            self.events.append(Event("link", address))
        if shown:
            self._say(address)
            if linked:
                self.events.append(Event("close", "a"))
        else:
            self.groups.append(_Group(closes=["a"] if linked else []))

    # ---- braces -------------------------------------------------------------------------------------

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match is not None

    def _open_argument(self, tag: str) -> None:
        if self._skip(_ARGUMENT):
            group = _Group()
            self._open_element(group, tag)
            self._open_switches(group)
            self.groups.append(group)

    def _drop_argument(self) -> None:
        self._skip(_OPTIONS)
        if self._skip(_ARGUMENT):
            self.groups.append(_Group(drop_from=len(self.events)))

    def _keep_arguments(self, *, hidden: int) -> None:
        self._skip(_OPTIONS)
        if self.text.startswith("{", self.position):
            self.position += 1
            self._push_argument(hidden)

    def _push_argument(self, hidden: int) -> None:
        group = _Group(drop_from=len(self.events) if hidden > 0 else -1, hidden=max(hidden - 1, 0))
        self._open_switches(group)
        self.groups.append(group)

    def _open_element(self, group: _Group, tag: str) -> None:
        self.events.append(Event("open", tag))
        group.closes.append(tag)

    def _open_switches(self, group: _Group) -> None:
        while switch := _SWITCH.match(self.text, self.position):
            self._open_element(group, SWITCHES[switch[1]])
            self.position = switch.end()

    def _open_brace(self, start: int) -> None:
        group = _Group()
        self._open_switches(group)
        if not group.closes and not self.text.startswith("\\", self.position) and not self._is_name_group(start):
            group.literal = True
            self._say("{")
        self.groups.append(group)

    def _is_name_group(self, start: int) -> bool:
        """``{BERT}`` and ``Schr{ö}dinger``: braces for a typesetter, not a set or an index."""
        if self.text[start - 1 : start] in ("^", "_") and start > 0:
            return False
        return _NAME_GROUP.match(self.text, start) is not None

    def _close_brace(self) -> None:
        if not self.groups:
            self._say("}")
            return
        group = self.groups.pop()
        self._close_elements(group)
        if group.literal:
            self._say("}")
        if group.drop_from >= 0:
            del self.events[group.drop_from :]
            self._trim_before_gap()
        if group.hidden >= 0 and self.text.startswith("{", self.position):
            self.position += 1
            self._push_argument(group.hidden)

    def _close_elements(self, group: _Group) -> None:
        self.events += [Event("close", tag) for tag in reversed(group.closes)]

    def _trim_before_gap(self) -> None:
        """The space before a citation that was dropped goes where none is needed: "as in \\cite{x}." """
        following = self.text[self.position : self.position + 1]
        if self.events and self.events[-1].kind == "text" and (not following or following in " \n.,;:!?)"):
            self.events[-1] = Event("text", self.events[-1].value.rstrip(" ~\n"))
