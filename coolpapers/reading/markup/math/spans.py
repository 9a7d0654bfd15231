r"""From a text to its formulas and the text between them, the same for every kind of text.

:func:`split_math` is the token stream that titles and abstracts are rendered from and that highlighting and
truncation reuse, so that a search mark never enters a formula and a snippet never cuts one. The Markdown
rules ask :class:`FormulaFinder` for the formula at a position.

A formula reaches the page as ``<span class="math math-inline notranslate" translate="no">\(…\)</span>``
(or ``math-display`` and ``\[…\]``), its TeX unchanged but for the repairs of R7 and R11.
"""

from __future__ import annotations

import re
import sys
from html import escape
from typing import Literal, NamedTuple

from coolpapers.reading.markup.math.acceptance import is_formula, is_settled, may_become_formula
from coolpapers.reading.markup.math.delimiters import Kind, Pair
from coolpapers.reading.markup.math.mathjax_repairs import MAX_FORMULA_CHARACTERS
from coolpapers.reading.markup.math.scan import DelimiterIndex
from coolpapers.reading.markup.math.tex_repairs import mend_tex

# R15: MathJax needs 3.7 s for 400 nested exponents; real formulas have less than ten levels.
MAX_BRACE_LEVELS = 100

_INLINE_KINDS = (Kind.DOLLAR, Kind.BACKTICK, Kind.PAREN)
_MARK = re.compile(r"\$+|\\")
_MARK_OR_CODE = re.compile(r"\$+|\\|`+")


class Formula(NamedTuple):
    """One formula of a text: ``text[start:end]`` with its marks, and the TeX between them."""

    start: int
    end: int
    tex: str
    display: bool


class Piece(NamedTuple):
    """A stretch of the source: ``kind`` says whether ``text`` (as it stands there, marks included) is a formula."""

    kind: Literal["text", "math"]
    text: str
    start: int
    end: int
    formula: Formula | None = None


class FormulaFinder:
    """The formulas of one text by position, decided once each.

    ``partial`` means that the text may go on: a formula at its very end that more text could turn into
    something else is not one yet. ``markdown`` is False for the TeX of titles and abstracts. ``decided`` is shared by
    the finders of a document and of its paragraphs, which would otherwise decide on the same dollars twice.
    """

    __slots__ = ("_decided", "_formulas", "_open_marks", "index", "markdown", "partial", "text")

    def __init__(
        self, text: str, *, partial: bool = False, markdown: bool = True, decided: dict[str, str | None] | None = None
    ) -> None:
        self.text = text
        self.partial = partial
        self.markdown = markdown
        self.index = DelimiterIndex(text)
        self._formulas: dict[int, Formula | None] = {}
        self._decided: dict[str, str | None] = {} if decided is None else decided
        self._open_marks: dict[int, Kind] | None = None

    def formula_at(self, position: int) -> Formula | None:
        """The formula whose opening mark begins at ``position``."""
        if position not in self._formulas:
            self._formulas[position] = self._decide(position)
        return self._formulas[position]

    def holds(self, position: int) -> bool:
        """In a text still being written: whether an unfinished formula begins at ``position`` (R14)."""
        pair = self.index.pair_at(position)
        if pair is not None:
            return is_formula(self.text, pair, markdown=self.markdown) and not is_settled(self.text, pair)
        if self._open_marks is None:
            self._open_marks = self.index.open_marks()
        kind = self._open_marks.get(position)
        return kind is not None and may_become_formula(self.text, position, kind)

    def _decide(self, position: int) -> Formula | None:
        pair = self.index.pair_at(position)
        tex = None if pair is None else self._tex(pair)
        if pair is None or tex is None or (self.partial and not is_settled(self.text, pair)):
            return None
        return Formula(pair.start, pair.end, tex, pair.kind not in _INLINE_KINDS)

    def _tex(self, pair: Pair) -> str | None:
        """The TeX of a formula, None where the pair is none. For dollars the characters beside them decide as well."""
        if pair.kind is not Kind.DOLLAR:
            return self._mended(pair)
        key = self.text[max(pair.start - 1, 0) : pair.end + 1]
        if key not in self._decided:
            self._decided[key] = self._mended(pair)
        return self._decided[key]

    def _mended(self, pair: Pair) -> str | None:
        if not is_formula(self.text, pair, markdown=self.markdown):
            return None
        return mend_tex(self.text[pair.inner : pair.outer])


def find_formulas(text: str, *, code_spans: bool = True) -> list[Formula]:
    """The formulas of a text in order; in Markdown (``code_spans``) not those inside code that starts before them."""
    if "$" not in text and "\\" not in text:
        return []
    finder, formulas, position = FormulaFinder(text, markdown=code_spans), list[Formula](), 0
    marks = _MARK_OR_CODE if code_spans and "`" in text else _MARK
    while mark := marks.search(text, position):
        if mark[0][0] == "`":
            position = code_span_end(text, mark)
            continue
        formula = finder.formula_at(mark.start()) if len(mark[0]) <= 2 else None
        if formula is None:
            position = mark.end() + (mark[0] == "\\")
        else:
            formulas.append(formula)
            position = formula.end
    return formulas


def code_span_end(text: str, opening: re.Match[str], limit: int = sys.maxsize) -> int:
    """Where the code span ends that a run of backticks opens; the end of the run where none closes it."""
    closing = re.compile(rf"(?<!`){opening[0]}(?!`)").search(text, opening.end(), limit)
    return closing.end() if closing else opening.end()


def split_math(text: str) -> list[Piece]:
    """Cut a title or an abstract into text and formulas; the pieces' ``text`` joined is ``text``.

    >>> [(piece.kind, piece.text) for piece in split_math("from $5 to $10 for $x_1$.")]
    [('text', 'from $5 to $10 for '), ('math', '$x_1$'), ('text', '.')]
    """
    pieces, position = list[Piece](), 0
    for formula in find_formulas(text, code_spans=False):
        if position < formula.start:
            pieces.append(Piece("text", text[position : formula.start], position, formula.start))
        pieces.append(Piece("math", text[formula.start : formula.end], formula.start, formula.end, formula))
        position = formula.end
    if position < len(text):
        pieces.append(Piece("text", text[position:], position, len(text)))
    return pieces


def is_oversize(tex: str) -> bool:
    """Too long or too deep for MathJax to typeset in good time (R15); such a formula is shown as code."""
    if len(tex) > MAX_FORMULA_CHARACTERS:
        return True
    if tex.count("{") <= MAX_BRACE_LEVELS:
        return False
    depth = deepest = 0
    for character in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(character, 0)
        deepest = max(deepest, depth)
    return deepest > MAX_BRACE_LEVELS


def math_html(tex: str, *, display: bool, tag: Literal["span", "div"] = "span", states_direction: bool = False) -> str:
    """The element of one formula; its text is what MathJax will find. ``states_direction`` adds ``dir="ltr"`` (R16)."""
    if is_oversize(tex):
        code = f"<code>{escape(tex, quote=False)}</code>"
        return f"<pre>{code}</pre>" if tag == "div" else code
    kind, opening, closing = ("display", "\\[", "\\]") if display else ("inline", "\\(", "\\)")
    shown = f"{opening}{escape(tex, quote=False)}{closing}"
    direction = ' dir="ltr"' if states_direction else ""
    return f'<{tag} class="math math-{kind} notranslate" translate="no"{direction}>{shown}</{tag}>'
