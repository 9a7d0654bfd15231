r"""Mathematics that stands outside formulas in titles and abstracts: ``O(n \log n)``, ``\frac{1}{2}``, ``\sqrt n``.

What is shown must state what the author stated: operators keep their names, fractions their bars, roots their
brackets. Tables and pure functions for :mod:`coolpapers.reading.markup.latex.text`.
"""

from __future__ import annotations

import re

# \name → the word that is shown.
OPERATORS = {
    **{name: name for name in (
        "log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh",
        "cosh", "tanh", "coth", "max", "min", "sup", "inf", "lim", "det", "dim", "gcd", "lcm", "hom", "ker", "arg",
        "mod", "polylog", "poly", "sgn", "sign", "tr", "Tr", "rank", "diag", "supp", "span", "conv", "vol",
        "dist", "diam", "erf", "div", "curl", "grad", "Pr", "Var", "Cov", "Hom", "Ext", "Aut", "choose",
    )},
    "limsup": "lim sup", "liminf": "lim inf", "varlimsup": "lim sup", "varliminf": "lim inf", "injlim": "inj lim",
    "projlim": "proj lim", "argmax": "arg max", "argmin": "arg min", "bmod": "mod",
}  # fmt: skip
del OPERATORS["div"]  # the sign ÷
FRACTIONS = frozenset({"frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac", "unitfrac"})
BINOMIALS = frozenset({"binom", "tbinom", "dbinom"})
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
MATH_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303",
    "widetilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "mathring": "\u030a",
    "check": "\u030c", "breve": "\u0306",
}  # fmt: skip
BLACKBOARD = {
    **dict.fromkeys(("R", "RR", "Real", "Reals", "reals", "Rset", "IR", "bR"), "ℝ"), "N": "ℕ", "NN": "ℕ", "Z": "ℤ",
    "ZZ": "ℤ", "Q": "ℚ", "QQ": "ℚ", "C": "ℂ", "CC": "ℂ",
}  # fmt: skip

# Abbreviations of authors that mean the same to everyone, as in math-macros.js.
ABBREVIATIONS = {
    **dict.fromkeys(("ep", "eps", "ve", "veps", "vepsi"), "ε"), "al": "α", "lam": "λ", "om": "ω", "Om": "Ω", "De": "Δ",
    **dict.fromkeys(("part", "pa", "prt"), "∂"), **dict.fromkeys(("infin", "infinity", "infity"), "∞"), "empty": "∅",
    "half": "1/2", "Otilde": "Õ", "tildeO": "Õ", "bigo": "O", "bigO": "O", "Div": "div", "divg": "div",
}  # fmt: skip

_BRACED = r"\{(?:[^{}\\]|\\[\s\S]|\{(?:[^{}\\]|\\[\s\S]|\{(?:[^{}\\]|\\[\s\S]){0,200}\}){0,200}\}){0,400}\}"
_PREFIX = "|".join(sorted(OPERATORS, key=len, reverse=True))
_LETTER = r"[^\s\\{}()\[\]|,.;:+\-=<>/*^_&%$~\"'`]"
# An argument as TeX takes it, and, as braces get lost, an operator with what it stands before, and what stands between
# bars or round brackets.
_ARGUMENT = re.compile(
    rf"\s*(?:{_BRACED}|\|[^|{{}}]{{1,40}}\||\([^()]{{1,80}}\)"
    rf"|\\(?:{_PREFIX}|sqrt)(?![A-Za-z])\s*(?:{_BRACED}|\([^()]{{0,80}}\)|\\[A-Za-z]+|{_LETTER})"
    rf"|\\(?P<command>[A-Za-z]+)(?:{_BRACED})*|{_LETTER})"
)
_MAX_NESTED_FRACTIONS = 3
_OPTION = re.compile(r"\s*\[([^\[\]{}]{0,20})\]")
_SIMPLE = re.compile(r"[\w.∞'′%√∛∜\u0300-\u036f\u20d7]+|\|[^|]*\||\([^()]*\)")


def read_argument(text: str, position: int, end: int, *, depth: int = 0) -> tuple[str, int] | None:
    """The source of the next argument, without its braces, and where it ends; None where there is none."""
    match = _ARGUMENT.match(text, position, end)
    if match is None:
        return None
    stop = match.end()
    if match["command"] in FRACTIONS and not match[0].endswith("}") and depth < _MAX_NESTED_FRACTIONS:
        for _ in range(2):
            inner = read_argument(text, stop, end, depth=depth + 1)
            stop = inner[1] if inner else stop
    source = text[position:stop].strip()
    return (source[1:-1] if source.startswith("{") else source), stop


def read_option(text: str, position: int, end: int) -> tuple[str, int]:
    """What stands in square brackets, and where they end; nothing where there are none."""
    match = _OPTION.match(text, position, end)
    return (match[1].strip(), match.end()) if match else ("", position)


def in_brackets(shown: str) -> str:
    """``n + 1`` in brackets, ``n`` without: what goes above or below a bar or under a root."""
    shown = shown.strip()
    return shown if _SIMPLE.fullmatch(shown) else f"({shown})"


def is_word_beside(character: str) -> bool:
    """Whether an operator's name needs a space beside this character."""
    return character.isalnum() or character in ("\\", "{", "∞", "√", "|")
