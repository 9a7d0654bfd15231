r"""What mathematics outside formulas shows: an operator, a fraction, a root, an accent, a quantity with its unit (R13).

:class:`coolpapers.reading.markup.latex.text.AbstractReader` reads the other commands.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod

from coolpapers.reading.markup.latex import operators
from coolpapers.reading.markup.latex.events import Event
from coolpapers.reading.markup.latex.reader import Reader
from coolpapers.reading.markup.latex.symbols import GREEK
from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from coolpapers.reading.markup.math.packages import QUANTITY_COMMANDS, UNIT_NAMES, read_arguments, unit_words

EMPTY_BRACES = re.compile(r"\{\}")
_MATH_ACCENT_BASE = re.compile(r"\s*\{\s*(?:\\(?P<command>[A-Za-z]+)|(?P<braced>\w))\s*\}|(?=\\)\\(?P<bare>[A-Za-z]+)")


class MathematicsReader(Reader, ABC):
    """A reader that knows the commands of mathematics; a subclass reads a whole text."""

    @abstractmethod
    def read(self) -> list[Event]:
        """The events of the whole text."""

    def shown_text(self, source: str) -> str:
        """What an argument of an operator, a fraction or a root shows; as short as those are, it holds few others."""
        if "\\" not in source and "{" not in source:
            return source
        return "".join(event.value for event in type(self)(source, links=False).read() if event.kind == "text")

    def mathematics(self, name: str) -> bool:
        """Show an operator, a fraction, a root, an accent or a quantity; False where the name is none of them."""
        if name in operators.OPERATORS:
            self._operator(operators.OPERATORS[name])
        elif name in operators.FRACTIONS or name in operators.BINOMIALS:
            self._fraction(name, "/" if name in operators.FRACTIONS else " choose ")
        elif name == "sqrt":
            self._root()
        elif name in QUANTITY_COMMANDS or (name in UNIT_NAMES and name not in KNOWN_COMMANDS):
            return self._quantity(name)
        else:
            return name in operators.MATH_ACCENTS and self._math_accent(operators.MATH_ACCENTS[name])
        return True

    def _operator(self, word: str) -> None:
        """``n\\log n`` is "n log n"; ``\\log(n)`` needs no space."""
        before = self.last_character()
        self.say(f" {word}" if before.isalnum() or before in (")", "|") else word)
        self.skip(EMPTY_BRACES)
        if operators.is_word_beside(self.text[self.position : self.position + 1]):
            self.say(" ")

    def _fraction(self, name: str, bar: str) -> None:
        """``\\frac{a+1}{b}`` is "(a+1)/b"; its name says that there is one whose arguments nobody can tell."""
        above = operators.read_argument(self.text, self.position, self.end)
        below = operators.read_argument(self.text, above[1], self.end) if above else None
        if above is None or below is None:
            self.say_apart(name.removeprefix("t").removeprefix("d"))
            return
        self.position = below[1]
        shown = bar.join(operators.in_brackets(self.shown_text(source)) for source in (above[0], below[0]))
        self.say_apart(shown if bar == "/" else f"({shown})")

    def _root(self) -> None:
        """``\\sqrt{n+1}`` is "√(n+1)"."""
        degree, start = operators.read_option(self.text, self.position, self.end)
        under = operators.read_argument(self.text, start, self.end)
        if under is None:
            self.say("√")
            return
        self.position = under[1]
        radicand = operators.in_brackets(self.shown_text(under[0]))
        sign = operators.ROOTS.get(degree)
        self.say(f"{sign}{radicand}" if sign else f"{radicand}^(1/{degree})")

    def say_apart(self, shown: str) -> None:
        """With spaces to letters and digits beside."""
        self.say(f" {shown}" if self.last_character().isalnum() else shown)
        following = self.text[self.position : self.position + 2]
        if following[:1].isalnum() or (following[:1] == "\\" and following[1:].isalpha()):
            self.say(" ")

    def _math_accent(self, accent: str) -> bool:
        """``\\tilde{O}`` is "Õ"; over several letters the accent is left out."""
        argument = operators.read_argument(self.text, self.position, self.end)
        if argument and self.text.startswith("{", self.position):
            shown = self.shown_text(argument[0]).strip()
            if len(shown) == 1 and shown.isalpha():
                self.position = argument[1]
                self.say(unicodedata.normalize("NFC", shown + accent))
                return True
        base = _MATH_ACCENT_BASE.match(self.text, self.position, self.end)
        if base is None:
            letter = self.text[self.position : self.position + 1]
            if not letter.isalpha():
                return False
            self.position += 1
        else:
            command = base["command"] or base["bare"]
            letter = GREEK.get(command, "") if command else base["braced"]
            if not letter:
                return False
            self.position = base.end()
        self.say(unicodedata.normalize("NFC", letter + accent))
        return True

    def _quantity(self, name: str) -> bool:
        """``\\SI{5}{\\metre\\per\\second}`` is "5 metre per second", a unit by itself its name."""
        if name in UNIT_NAMES:
            self.say_apart(unit_words(f"\\{name}"))
            self.skip(EMPTY_BRACES)
            return True
        arguments, end = read_arguments(self.text, self.position, QUANTITY_COMMANDS[name])
        if arguments is None or end > self.end:
            return False
        self.position = end
        *numbers, units = arguments if not name.startswith(("num", "ang")) else [*arguments, ""]
        words = unit_words(units) if units else ("°" if name == "ang" else "")
        amount = " to ".join(map(self.shown_text, numbers))
        self.say(f"{amount} {words}".strip() if words not in ("°", "%") else f"{amount}{words}")
        return True
