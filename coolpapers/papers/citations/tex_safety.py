"""Which TeX commands of foreign text may stand in an exported bibliography. Pure.

A title is data, but TeX runs what it reads: ``\\input`` and ``\\openout`` read and write files; ``\\catcode``,
``\\csname`` and ``\\def`` can spell them in other ways. Only commands that print stay, in text and in formulas; the
others are printed as names. So nothing depends on a list of what could act.
"""

from __future__ import annotations

import re
from pathlib import Path

# Commands of text that print: styles, letters, accents by name, punctuation, logos. LaTeX itself defines them.
_TEXT = (
    "emph textbf textit textsc texttt textrm textsf textsl textup textnormal textmd mbox em it bf sc tt rm "
    "sf sl bfseries itshape scshape ttfamily rmfamily sffamily textsuperscript textsubscript underline "
    "MakeUppercase MakeLowercase ss SS ae AE oe OE o O l L aa AA i j dh DH th TH dj DJ ng NG c v u H "
    "r k d b t LaTeX TeX LaTeXe dots ldots textellipsis textendash textemdash textquoteleft "
    "textquoteright textquotedblleft textquotedblright textquotesingle textquotedbl textbackslash "
    "textasciitilde textasciicircum textless textgreater textbar textbraceleft textbraceright textunderscore "
    "textdollar textregistered texttrademark textcopyright textdegree textmu texteuro textperiodcentered "
    "textbullet textordfeminine textordmasculine textperthousand textpertenthousand textsection textparagraph "
    "textdagger textdaggerdbl textsterling textyen textcent textonehalf textonequarter textthreequarters texttimes "
    "textdiv textpm textminus textnumero textcommabelow S P pounds copyright dag ddag slash quad qquad enspace "
    "thinspace space url"
)
TEXT_COMMANDS = frozenset(_TEXT.split())
# Commands of formulas that LaTeX with amsmath and amssymb defines, one by one compiled.
MATH_COMMANDS = frozenset((Path(__file__).parent / "math_commands.txt").read_text(encoding="ascii").split())
# Macros that many authors define, by what they print.
_SETS = "R N Z Q C F E RR NN ZZ QQ CC FF EE Real"
_MACROS = {
    **{name: f"\\mathbb{{{name[0]}}}" for name in _SETS.split()},
    **dict.fromkeys(("mathds", "mathbbm", "mathbbmss", "matbb"), "\\mathbb"),
    "mathscr": "\\mathcal", "bm": "\\boldsymbol", "eps": "\\varepsilon",
}  # fmt: skip
_NAMED = re.compile(r"\\([A-Za-z@]+)")
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\s*\{\s*(?!(?:[a-z]*matrix|array|cases|aligned|gathered|split|smallmatrix|substack|alignedat)\*?\s*\})"
)


def is_text_command(command: str) -> bool:
    """Whether a command of text outside formulas may stay; commands of one character (accents, ``\\&``) always may.

    ``command`` begins with its backslash and may end in a star.
    """
    name = command[1:].rstrip("*")
    return not name.isalpha() or name in TEXT_COMMANDS


def defuse_math(math: str) -> str:
    """A formula in which nothing acts: commands that LaTeX's formulas do not have become their names, printed.

    ``^^5c`` is a way to write a backslash, so no circumflex stays beside another.
    """
    math = re.sub(r"\^(?=\^)", "^{}", math)
    math = _NAMED.sub(_printed, math)
    return _ENVIRONMENT.sub(lambda match: rf"\backslash {match[1]}{{", math)


def _printed(match: re.Match[str]) -> str:
    name = match[1]
    if name in MATH_COMMANDS:
        return match[0]
    return _MACROS.get(name) or f"\\mathrm{{{name.replace('@', '')}}}"
