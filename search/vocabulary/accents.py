r"""TeX accents in text become characters; formulas stay TeX.

``Schr\"odinger``, ``Erd{\H o}s``, ``\'{\i}`` are written as a reader sees them. What stands between math
marks (``$…$``, ``\(…\)``, ``\[…\]``, an environment) is returned byte for byte, and so is every command that
is not an accent or a letter: ``\emph{x}`` is the renderer's business. Start at :func:`decode_tex_accents`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Accent command → combining character (The TeXbook, chapter 9; \k and \r as in LaTeX's T1 encoding).
COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
LETTERS = {
    "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł",
    "ss": "ß", "SS": "ẞ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "i": "ı", "j": "ȷ",
}  # fmt: skip

_NAMES = "|".join(sorted(LETTERS, key=len, reverse=True))
# An accent and what it stands on. \b and \d take braces only: "\b black" is a broken \textbf more often than ḇ.
_ACCENT = re.compile(
    rf"""(?P<open>\{{\s*)?
    \\(?:(?P<sign>[`'^"~=.]) | (?P<name>[uvHckr](?=\s*[{{\\]|\s+[^\W\d_]) | [bd](?=\s*\{{)))\s*
    (?:\{{\s*(?P<braced>\\?[^\W\d_]{{1,2}})\s*\}} | (?P<command>\\(?:{_NAMES})(?![A-Za-z])\s?) | (?P<bare>[^\W\d_]))
    (?P<close>\s*\}})?""",
    re.VERBOSE,
)
_LETTER = re.compile(rf"(?P<open>\{{\s*)?\\(?P<name>{_NAMES})(?![A-Za-z])(?:\{{\}}|\s+(?=\w))?(?P<close>\s*\}})?")
# \rho that a converter took for the accent \r on "ho".
_BROKEN_GREEK = re.compile(r"\\(r\{ho|k\{appa|c\{hi|b\{eta|t\{heta|t\{au|d\{elta|u\{psilon|v\{arepsilon)\}")
_GREEK = {"rho": "ρ", "kappa": "κ", "chi": "χ", "beta": "β", "theta": "θ", "tau": "τ", "delta": "δ", "upsilon": "υ",
          "varepsilon": "ε"}  # fmt: skip
# \"word\": quotation marks that a program escaped, not an umlaut.
_ESCAPED_QUOTES = re.compile(r'(?<![A-Za-z{])\\"(?=\w)([^\\"]{1,80})\\"(?![A-Za-z{])')
_MATH = re.compile(
    r"""(?<!\\)(?:\\\\)*(?:
        \$\$.+?\$\$ | \$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$(?!\d) | \\\(.+?\\\) | \\\[.+?\\\]
      | \\begin\{(?P<env>(?:equation|align|gather|multline|eqnarray)\*?)\}.+?\\end\{(?P=env)\}
    )""",
    re.VERBOSE | re.DOTALL,
)


def decode_tex_accents(text: str) -> str:
    r"""Return ``text`` with TeX accents and letters outside math as Unicode characters (NFC).

    >>> print(decode_tex_accents(r'Schr\"odinger, S\'{\i}lvia, {\O}re, Erd\H{o}s'))
    Schrödinger, Sílvia, Øre, Erdős
    >>> print(decode_tex_accents(r'$\dot{x}$ and \v{C}ech'))
    $\dot{x}$ and Čech
    """
    return outside_math(text, _decode_prose) if "\\" in text else text


def outside_math(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to each stretch of text between formulas; formulas stay byte for byte."""
    pieces: list[str] = []
    start = 0
    for math in _MATH.finditer(text):
        pieces += [change(text[start : math.start()]), math.group()]
        start = math.end()
    pieces.append(change(text[start:]))
    return "".join(pieces)


def _decode_prose(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPED_QUOTES.sub(r'"\1"', text)
    text = _BROKEN_GREEK.sub(lambda match: _GREEK[match[1].replace("{", "")], text)
    return _LETTER.sub(_plain_letter, _ACCENT.sub(_accented_letter, text))


def _accented_letter(match: re.Match[str]) -> str:
    """One character for accent and base, or the text as it was where Unicode has no such character."""
    base = (match["braced"] or match["command"] or match["bare"]).strip()
    if base.startswith("\\"):
        base = base[1:] if base in ("\\i", "\\j") else LETTERS.get(base[1:], "")
    letter = unicodedata.normalize("NFC", base + COMBINING[match["sign"] or match["name"]])
    return _unbraced(match, letter) if len(base) == len(letter) == 1 else match.group()


def _plain_letter(match: re.Match[str]) -> str:
    return _unbraced(match, LETTERS[match["name"]])


def _unbraced(match: re.Match[str], letter: str) -> str:
    """Drop the braces around a letter where both are there; keep the odd one."""
    if match["open"] and match["close"]:
        return letter
    return (match["open"] or "") + letter + (match["close"] or "")
