r"""What the name of a command that no table explains says: how it is shown in a title or an abstract.

TeX's own names only format and go. Names that swallowed their braces (``\emphany``, ``\sqrtT``, ``\Deltax``) are taken
apart. All others are the authors' own (``\ours``, ``\methodname``) and are shown.
"""

from __future__ import annotations

import re
from enum import Enum

from coolpapers.reading.markup.latex.operators import FRACTIONS, MATH_ACCENTS, OPERATORS
from coolpapers.reading.markup.latex.symbols import GLUED_NAMES, GREEK, PLAIN_SWITCHES, SWITCHES
from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from search.vocabulary.accents import COMBINING

# Names of LaTeX for text and layout, beyond those that MathJax knows.
_LAYOUT = frozenset({
    *COMBINING, *SWITCHES, *PLAIN_SWITCHES,  # without what they stand on or hold for
    "be", "ee", "bea", "eea", "beq", "eeq", "ben", "een", "beno", "eeno", "noi",
    "appendix", "author", "bfseries", "bibitem", "boldmath", "caption", "centerline", "clearpage", "date",
    "displaymath", "doublespacing", "em", "enquote", "ensuremath", "fontfamily", "fontseries", "foreignlanguage",
    "frenchspacing", "hskip", "item", "itshape", "keywords", "leavevmode", "maketitle", "mdseries", "newblock",
    "nobreakdash", "nocite", "noindent", "normalfont", "pagebreak", "pageref", "paragraph", "protect", "raggedright",
    "relax", "rmfamily", "romannumeral", "scshape", "section", "selectfont", "sffamily", "singlespacing", "sl",
    "slshape", "subsection", "tableofcontents", "texorpdfstring", "textls", "title", "ttfamily", "unboldmath",
    "upshape", "vfill", "vskip", "xspace",
})  # fmt: skip
_ENVIRONMENT_EDGE = re.compile(
    r"(?:begin|end)(?:itemize|enumerate|description|align|equation|abstract|quote|center|proof)"
)
# \\cA, \\calA, \\bfx, \\Acal: a letter of some alphabet.
_ALPHABET = re.compile(r"(?:c|cal|bf|bb|frak|scr)([A-Z])|bf([a-z])|([A-Z])cal")
_ICON = re.compile(r"fa[A-Z]\w*")
_LOST_LINE_END = re.compile(r"n([A-Z][a-z]+)")  # "\nOur", a line end that JSON escaped
# Names that go with the word glued to them; longest first.
_PREFIXES = tuple(sorted(GLUED_NAMES, key=len, reverse=True))
_SPLIT_NAMES = tuple(sorted({*GREEK, *MATH_ACCENTS, *FRACTIONS, "sqrt", "partial", "times"}, key=len, reverse=True))


class Naming(Enum):
    """How a name is shown: not at all, by itself, or as another command with what follows."""

    LOST = "lost"
    SHOWN = "shown"
    SPLIT = "split"


def unknown_name(name: str) -> tuple[Naming, str, str]:
    r"""How a name is shown, what is shown or the command it begins with, and what it swallowed.

    >>> unknown_name("ours")[:2] == (Naming.SHOWN, "ours")
    True
    >>> unknown_name("sqrtT") == (Naming.SPLIT, "sqrt", "T")
    True
    """
    if letter := _ALPHABET.fullmatch(name):
        return Naming.LOST, "", letter[1] or letter[2] or letter[3]
    if name in KNOWN_COMMANDS or name in _LAYOUT or _ENVIRONMENT_EDGE.fullmatch(name) or _ICON.fullmatch(name):
        return Naming.LOST, "", ""
    for prefix in _SPLIT_NAMES:
        if len(prefix) > 2 and name.startswith(prefix) and _may_split(prefix, name.removeprefix(prefix)):
            return Naming.SPLIT, prefix, name.removeprefix(prefix)
    for operator in OPERATORS:
        if name.startswith(operator) and len(name) == len(operator) + 1 and name[-1].isupper():
            return Naming.SPLIT, operator, name[-1]
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return Naming.LOST, "", name.removeprefix(prefix)
    if line_end := _LOST_LINE_END.fullmatch(name):
        return Naming.LOST, "", f" {line_end[1]}"
    return Naming.SHOWN, name, ""


def _may_split(prefix: str, rest: str) -> bool:
    """A letter may have been glued to any of them; a root or a fraction swallows words."""
    return len(rest) == 1 or prefix == "sqrt" or (prefix in FRACTIONS and len(rest) <= 2)
