"""What is visibly wrong with a rendered text, by kind, for :mod:`bench.reading.render_quality`.

The kinds of :func:`faults`:

``raw_tex``
    A TeX command, ``\\(`` or ``\\[`` is visible outside formulas and code. The path of a file is none.
``raw_dollars``
    ``$$`` is visible outside formulas and code.
``prose``
    A formula looks like prose: three words in a row outside ``\text{}`` and similar commands, or six Chinese
    characters.
``word_display``
    A display formula of words only stands in a sentence or a link (``\\[ICML 2025\\]``).

:func:`lost_operators` compares an abstract with its rendering.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

from coolpapers.reading.markup.markdown import rendered_formulas
from coolpapers.reading.markup.math.spans import split_math

_MATH = re.compile(r'<(span|div) class="math .*?</\1>', re.DOTALL)
_CODE = re.compile(r"<pre>.*?</pre>|<code.*?</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_PATH = re.compile(r"(?<!\w)(?:[A-Za-z]:|\\)(?:\\[\w .~-]+)+|\b[\w-]+(?:\\[\w-]+)+\.\w{1,5}\b")
_RAW_TEX = re.compile(r"\\[A-Za-z]|\\[()\[\]]")
_RAW_DOLLARS = re.compile(r"(?<!\$)\$\$(?!\$)")
_TEXT_ARGUMENT = re.compile(
    r"\\(?:text\w*|math\w*|mbox|hbox|operatorname|label|tag|begin|end|emph|ref|eqref|bm|boldsymbol|href)\*?"
    r"\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+"
)
_PROSE = re.compile(r"(?:[A-Za-z]{3,} +){2}[A-Za-z]{3,}|[\u4e00-\u9fff]{6,}")
_DISPLAY_IN_TEXT = re.compile(r'<span class="math math-display [^>]*>\\\[(.*?)\\\]</span>', re.DOTALL)
_WORDS_ONLY = re.compile(r"[\w\s.,:;!?'&@/()#-]*[^\W\d_]{2}[\w\s.,:;!?'&@/()#-]*")

# TeX's operators whose name is what a reader must see, and what stands for the commands that become signs.
_OPERATORS = (
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "det", "dim", "exp", "gcd", "hom", "inf", "ker",
    "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "sin", "sinh", "sup", "tan", "tanh",
)  # fmt: skip
_COMMAND = re.compile(r"(?<!\\)\\([A-Za-z]+)")
_FRACTION = re.compile(r"[/⁄½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")


def visible_text(html: str) -> str:
    """The visible text outside formulas and code."""
    return unescape(_TAG.sub("", _CODE.sub("", _MATH.sub("", html))))


def is_prose(tex: str) -> bool:
    """Whether a formula looks like prose."""
    return _PROSE.search(_TEXT_ARGUMENT.sub("", tex)) is not None


def faults(html: str) -> dict[str, str]:
    """The kinds of faults in rendered HTML, each with the place of the first one."""
    places: dict[str, str] = {}
    text = _PATH.sub("", visible_text(html))
    for kind, pattern in (("raw_tex", _RAW_TEX), ("raw_dollars", _RAW_DOLLARS)):
        if match := pattern.search(text):
            places[kind] = text[max(0, match.start() - 60) : match.end() + 60]
    for formula in rendered_formulas(html):
        if is_prose(formula.tex):
            places.setdefault("prose", formula.tex)
    for match in _DISPLAY_IN_TEXT.finditer(html):
        if _WORDS_ONLY.fullmatch(unescape(match[1]).strip()):
            places.setdefault("word_display", unescape(match[1]))
    return places


def lost_operators(source: str, html: str) -> list[str]:
    r"""Operators, ``\frac`` and ``\sqrt`` outside the formulas of an abstract that its HTML shows too rarely."""
    commands = Counter[str]()
    for piece in split_math(source):
        if piece.kind == "text":
            commands.update(_COMMAND.findall(piece.text))
    if not commands:
        return []
    text = visible_text(html)
    words = Counter(re.findall(r"[A-Za-z]+", text))
    lost = [name for name in _OPERATORS if words[name] < commands[name]]
    if len(_FRACTION.findall(text)) + words["frac"] < commands["frac"]:  # the name, where the arguments are broken
        lost.append("frac")
    if text.count("√") < commands["sqrt"]:
        lost.append("sqrt")
    return lost
