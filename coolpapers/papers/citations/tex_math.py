"""Formulas of foreign text in standard LaTeX, and whether LaTeX can set them. Pure.

Start at :func:`standard_math`, which every format uses, and :func:`is_settable`, for BibTeX: a formula with which
LaTeX stops is printed as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coolpapers.papers.citations.font_switches import write_switches_as_commands
from coolpapers.papers.citations.tex_safety import MATH_COMMANDS, TEXT_COMMANDS, defuse_math
from coolpapers.papers.records.tex_characters import encode_math


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Dollars with the usual guards, so that "$5 and $10" is money, or padded around what is plainly TeX; \(…\), \[…\], and
# environments of formulas.
_MATH = re.compile(
    r"""(?<!\\)\$\$(?:[^$\\]|\\.)+\$\$
      | (?<![\\$])\$(?=\S)(?:[^$\\]|\\.)*?(?<=\S)\$(?!\d)
      | (?<![\\$])\$(?!\d)(?=[^$]*[\\^_])(?:[^$\\]|\\.)*\$(?!\d)
      | \\\((?:(?!\\\().)+?\\\) | \\\[(?:(?!\\\[).)+?\\\]
      | \\begin\s*\{(?P<environment>(?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}
        (?:(?!\\begin\s*\{(?P=environment)\}).)+?\\end\s*\{(?P=environment)\}""",
    re.DOTALL | re.VERBOSE,
)
_ARGUMENT = r"\{(?:[^{}$]|\{[^{}$]*\})*\}"
# Symbols that authors write outside formulas, with arguments and scripts. A dollar beside them was to begin or end one.
_BARE_NAMES = "|".join(
    sorted(MATH_COMMANDS - TEXT_COMMANDS - {"begin", "end", "text", "left", "right"}, key=len, reverse=True)
)
_BARE_MATH = re.compile(
    rf"\$?((?:\\(?:{_BARE_NAMES}|[RNZQC])(?![A-Za-z])(?:{_ARGUMENT}){{0,2}}(?:[_^](?:{_ARGUMENT}|[A-Za-z0-9]))*)+)\$?"
)
_TWO_WAYS = re.compile(r"\\texorpdfstring\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{[^{}]*\}")  # in TeX and in plain text
# A style around formulas that stands in dollars itself: $\textbf{AGT$^{AO}$}$.
_STYLED_MATH = re.compile(r"(?<![\\$])\$(\\text[a-z]+\{[^{}$]*\$[^$]*\$[^{}$]*\})\$")
# A comment of TeX that ended a line, before the lines were joined; "50% of" is a number.
_LINE_COMMENT = re.compile(r"(?<![\\\d])%\s+")
_PADDED = re.compile(r"^\$\s*([^$]*?[^$\\\s])\s*\$$", re.DOTALL)
_ENSURED = re.compile(r"\\ensuremath\s*(?:\{((?:[^{}$]|\{[^{}$]*\})*)\}|(?![A-Za-z]))")
# Commands by the number of their arguments.
_ONE = (
    "sqrt mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathnormal boldsymbol pmb overline underline "
    "overbrace underbrace overrightarrow overleftarrow widehat widetilde hat tilde bar vec dot ddot dddot acute grave "
    "breve check mathring operatorname operatornamewithlimits smash phantom hphantom vphantom Bbb frak bold "
    "mathop mathbin mathrel mathord mathopen mathclose mathpunct pmod mod xrightarrow xleftarrow"
)
_TWO = "frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel"
_ARGUMENTS = {**dict.fromkeys(_ONE.split(), 1), **dict.fromkeys(_TWO.split(), 2)}
_TEXT_ARGUMENT = _names("text mbox hbox textrm textbf textit textsf texttt textsc textnormal textup")
# What stands alone in a formula: letters, operators, arrows.
SYMBOLS = MATH_COMMANDS - TEXT_COMMANDS - _ARGUMENTS.keys() - _TEXT_ARGUMENT - {"begin", "end", "substack"}
_OPTIONAL = frozenset({"sqrt", "xrightarrow", "xleftarrow", "cfrac"})
_DELIMITED = _names("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm")
_DELIMITERS = _names(
    "langle rangle lbrace rbrace lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil backslash uparrow "
    "downarrow updownarrow Uparrow Downarrow Updownarrow lbrack rbrack"
)
_INFIX = frozenset({"over", "choose", "atop"})
_TABULAR = re.compile(r"(?:[bpvVB]?matrix|smallmatrix|cases|aligned|gathered|split)")
_SIGNS = frozenset(" ,;:!>/{}|_&%#$")
_TEXT_SIGNS = frozenset(" ,_&#%$")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_MAX_DEPTH = 40


def split_math(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (piece, is_math) in order; the pieces joined are the text."""
    end = 0
    for match in _MATH.finditer(text):
        if match.start() > end:
            yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    if end < len(text):
        yield text[end:], False


def standard_math(text: str) -> str:
    r"""The text with its formulas as LaTeX with amsmath and amssymb sets them.

    Symbols outside formulas get dollars, macros of the author become what they usually print, Greek letters in formulas
    become commands.

    >>> standard_math(r"\alpha-stable in $\R^n$")
    '$\\alpha$-stable in $\\mathbb{R}^n$'
    """
    if "\\" not in text and "$" not in text:
        return text
    text = _STYLED_MATH.sub(r"\1", text)
    if "\\texorpdfstring" in text:
        text = _TWO_WAYS.sub(r"\1", text)
    if "\\ensuremath" in text:
        text = _ENSURED.sub(lambda match: f"${match[1]}$" if match[1] else "", text)
    return "".join(
        standard_formula(piece) if is_math else _BARE_MATH.sub(_dollars, piece) for piece, is_math in split_math(text)
    )


def standard_formula(math: str) -> str:
    """A formula, given with its dollars, of commands that LaTeX has, without space beside the dollars."""
    math = encode_math(defuse_math(write_switches_as_commands(_LINE_COMMENT.sub("", math))))
    return _PADDED.sub(r"$\1$", math) if math[1:2].isspace() or math[-2:-1].isspace() else math


def _dollars(match: re.Match[str]) -> str:
    return f"${defuse_math(match[1])}$"


def is_settable(math: str) -> bool:
    """Whether LaTeX sets a formula, given with its dollars, without an error."""
    inner = _inner(math)
    if inner is None or not inner.strip() or not math.isascii():
        return False
    signs = [sign for sign in _TOKEN.findall(inner) if not sign.isspace()]
    return _Formula(signs).is_valid()


def _inner(math: str) -> str | None:
    for start, end in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if math.startswith(start) and math.endswith(end) and len(math) > len(start) + len(end):
            return math[len(start) : -len(end)]
    return None


class _Invalid(ValueError):
    """LaTeX would stop here."""


@dataclass(slots=True)
class _Formula:
    """Reads signs as TeX does, far enough to tell what it refuses."""

    signs: list[str]
    place: int = 0

    def is_valid(self) -> bool:
        try:
            self._list(end="", depth=0)
        except _Invalid:
            return False
        return self.place == len(self.signs)

    def _peek(self) -> str:
        return self.signs[self.place] if self.place < len(self.signs) else ""

    def _next(self) -> str:
        sign = self._peek()
        self.place += 1
        return sign

    def _list(self, *, end: str, depth: int, tabular: bool = False) -> None:
        """Read up to the sign ``end``, which stays; scripts and fractions of a list are counted."""
        if depth > _MAX_DEPTH:
            raise _Invalid
        scripts: set[str] = set()
        n_infix = 0
        while (sign := self._peek()) != end:
            if not sign:
                raise _Invalid
            self.place += 1
            if sign in ("^", "_", "'"):
                self._script(sign, scripts, depth)
                continue
            scripts = set()
            if sign[1:] in _INFIX and sign[0] == "\\":
                n_infix += 1
                if n_infix > 1:
                    raise _Invalid
            else:
                self._atom(sign, depth, tabular=tabular)

    def _script(self, sign: str, scripts: set[str], depth: int) -> None:
        name = "^" if sign == "'" else sign
        if name in scripts and not (sign == "'" and "'" in scripts):
            raise _Invalid
        if sign == "'":
            scripts.add("'")
            if self._peek() not in ("'", "^"):
                scripts.add("^")
            return
        scripts.add(name)
        self._argument(depth)

    def _argument(self, depth: int) -> None:
        sign = self._next()
        if sign in ("", "}", "^", "_", "'", "&", "\\right", "\\over"):
            raise _Invalid
        self._atom(sign, depth, tabular=False)

    def _atom(self, sign: str, depth: int, *, tabular: bool) -> None:
        if sign == "{":
            self._list(end="}", depth=depth + 1)
            self.place += 1
        elif sign in ("&", "\\\\"):
            if not tabular:
                raise _Invalid
        elif sign in ("}", "#", "%", "$", "\\"):
            raise _Invalid
        elif sign[0] == "\\" and len(sign) > 1:
            self._command(sign[1:], depth)

    def _command(self, name: str, depth: int) -> None:
        if not name.isalpha():
            if name not in _SIGNS:
                raise _Invalid
        elif name not in MATH_COMMANDS or name in ("right", "middle", "end"):
            raise _Invalid
        elif name in _TEXT_ARGUMENT:
            self._text()
        elif name == "left":
            self._delimited(depth)
        elif name in _DELIMITED:
            self._delimiter()
        elif name == "begin":
            self._environment(depth)
        elif name in ("limits", "nolimits"):
            if self.place < 2 or not self.signs[self.place - 2][1:].isalpha():
                raise _Invalid
        elif name == "not":
            self._argument(depth)
        else:
            self._arguments(name, depth)

    def _arguments(self, name: str, depth: int) -> None:
        if name in _OPTIONAL and self._peek() == "[":
            self.place += 1
            self._list(end="]", depth=depth + 1)
            self.place += 1
        if name == "substack":
            if self._next() != "{":
                raise _Invalid
            self._list(end="}", depth=depth + 1, tabular=True)
            self.place += 1
            return
        for _ in range(_ARGUMENTS.get(name, 0)):
            self._argument(depth)

    def _text(self) -> None:
        """An argument of text: letters and signs that text can hold."""
        if self._next() != "{":
            raise _Invalid
        while (sign := self._next()) != "}":
            if not sign or sign in "{^_&#%$~" or (sign[0] == "\\" and sign[1:] not in _TEXT_SIGNS):
                raise _Invalid

    def _delimiter(self) -> None:
        sign = self._next()
        if not (sign and (sign in "()[]|/.<>" or sign in ("\\{", "\\}", "\\|") or sign[1:] in _DELIMITERS)):
            raise _Invalid

    def _delimited(self, depth: int) -> None:
        self._delimiter()
        while True:
            self._list_until(("\\right", "\\middle"), depth)
            sign = self._next()
            self._delimiter()
            if sign == "\\right":
                return

    def _list_until(self, ends: tuple[str, ...], depth: int) -> None:
        place = self._find(ends)
        self._list(end=self.signs[place], depth=depth + 1)

    def _find(self, ends: tuple[str, ...]) -> int:
        """The place of the next of the signs at this level of braces and delimiters."""
        level = 0
        for place in range(self.place, len(self.signs)):
            sign = self.signs[place]
            if level == 0 and sign in ends:
                return place
            level += (sign in ("{", "\\left")) - (sign in ("}", "\\right"))
        raise _Invalid

    def _environment(self, depth: int) -> None:
        name = self._name()
        if name == "array":
            if self._next() != "{":
                raise _Invalid
            while (sign := self._next()) != "}":
                if sign not in ("l", "c", "r", "|"):
                    raise _Invalid
        elif not _TABULAR.fullmatch(name):
            raise _Invalid
        self._list(end="\\end", depth=depth + 1, tabular=True)
        self.place += 1
        if self._name() != name:
            raise _Invalid

    def _name(self) -> str:
        if self._next() != "{":
            raise _Invalid
        name = ""
        while (sign := self._next()) != "}":
            if not sign.isalpha():
                raise _Invalid
            name += sign
        return name
