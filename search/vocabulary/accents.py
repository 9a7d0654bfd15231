r"""TeX accents in text as Unicode characters; formulas stay TeX. Start at :func:`decode_tex_accents`.

``Schr\"odinger``, ``Erd{\H o}s``, ``\'{\i}`` are decoded. Math (``$…$``, ``\(…\)``, ``\[…\]``, an environment) is
returned unchanged, and so is every command that is not an accent, a letter or a symbol: the renderer handles
``\emph{x}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

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
    "dbar": "đ", "Dbar": "Đ",
    "i": "ı", "j": "ȷ",
}  # fmt: skip
# Accents of other encodings and languages; they take braces only.
_RARE_COMBINING = {
    "h": "\u0309",  # Vietnamese (T5)
    "f": "\u0311",
    "U": "\u030e",
    "G": "\u030f",
    "textcommabelow": "\u0326",
    "textsubdot": "\u0323",
    # MathSciNet's
    "polhk": "\u0328",
    "ocirc": "\u030a",
    "udot": "\u0323",
    "lfhook": "\u0326",
    "uarc": "\u0311",
}
# Commands that stand for one character of text (The LaTeX Companion, tables of text symbols).
SYMBOLS = {
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”",
    "textquotesingle": "'", "textquotedbl": '"', "quotesinglbase": "‚", "quotedblbase": "„",
    "guillemotleft": "«", "guillemotright": "»", "guillemetleft": "«", "guillemetright": "»",
    "guilsinglleft": "‹", "guilsinglright": "›", "textendash": "–", "textemdash": "—", "textellipsis": "…",
    "ldots": "…", "dots": "…", "textbullet": "•", "textperiodcentered": "·", "textexclamdown": "¡",
    "textquestiondown": "¿", "textregistered": "®", "texttrademark": "™", "textcopyright": "©", "textdegree": "°",
    "textcelsius": "℃", "textsection": "§", "textparagraph": "¶", "textdagger": "†", "textdaggerdbl": "‡",
    "textsterling": "£", "pounds": "£", "texteuro": "€", "euro": "€", "textyen": "¥", "textcent": "¢",
    "textordfeminine": "ª", "textordmasculine": "º", "textonesuperior": "¹", "texttwosuperior": "²",
    "textthreesuperior": "³", "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "texttimes": "×",
    "textdiv": "÷", "textpm": "±", "textminus": "−", "textmu": "µ", "textless": "<", "textgreater": ">",
    "textbar": "|", "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`", "textunderscore": "_",
    "textnumero": "№", "textschwa": "ə", "textthorn": "þ", "textTHORN": "Þ", "textasteriskcentered": "∗",
    "textleftarrow": "←", "textrightarrow": "→", "textbackslash": "∖", "cprime": "'", "cdprime": '"',
}  # fmt: skip

_NAMES = "|".join(sorted(LETTERS, key=len, reverse=True))
_RARE_NAMES = "|".join(sorted(_RARE_COMBINING, key=len, reverse=True))
# An accent and what it stands on. \b and \d take braces only: "\b black" is a broken \textbf more often than ḇ.
_ACCENT = re.compile(
    rf"""(?P<open>\{{\s*)?
    \\(?:(?P<sign>[`'^"~=.]) | (?P<name>[uvHckr](?=\s*[{{\\]|\s+[^\W\d_]) | (?:[bd]|{_RARE_NAMES})(?=\s*\{{)))\s*
    (?:\{{\s*(?P<braced>\\?[^\W\d_]{{1,2}})\s*\}} | (?P<command>\\(?:{_NAMES})(?![A-Za-z])(?:\{{\}}|\s)?)
      | (?P<bare>[^\W\d_]))
    (?P<close>\s*\}})?""",
    re.VERBOSE,
)
_LETTER = re.compile(rf"(?P<open>\{{\s*)?\\(?P<name>{_NAMES})(?![A-Za-z])(?:\{{\}}|\s+(?=\w))?(?P<close>\s*\}})?")
_SYMBOL = re.compile(
    rf"(?P<open>\{{\s*)?\\(?P<name>{'|'.join(SYMBOLS)})(?![A-Za-z])(?:\{{\}}|\s+(?=\w))?(?P<close>\s*\}})?"
)
# What stands before the braces of an argument: \d{\^e}, \emph{\'e}. A brace behind \bf is a group.
_COMMAND_BEFORE = re.compile(r"\\[A-Za-z]+$")
_LONGEST_COMMAND = 24
_ALL_COMBINING = COMBINING | _RARE_COMBINING
# \'{\^e} takes one pass for each accent; more than three stand on no letter.
_MAX_STACKED = 3
# \rho that a converter took for the accent \r on "ho".
_BROKEN_GREEK = re.compile(r"\\(r\{ho|k\{appa|c\{hi|b\{eta|t\{heta|t\{au|d\{elta|u\{psilon|v\{arepsilon)\}")
_GREEK = {"rho": "ρ", "kappa": "κ", "chi": "χ", "beta": "β", "theta": "θ", "tau": "τ", "delta": "δ", "upsilon": "υ",
          "varepsilon": "ε"}  # fmt: skip
# \"word\": quotation marks that a program escaped, not an umlaut.
_ESCAPED_QUOTES = re.compile(r'(?<![A-Za-z{])\\"(?=\w)([^\\"]{1,80})\\"(?![A-Za-z{])')
# An opening mark that comes again before it is closed ends the attempt: a text of opening marks takes linear time.
_MATH = re.compile(
    r"""(?<!\\)(?:\\\\)*(?:
        \$\$(?:(?!\$\$).)+?\$\$ | \$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$(?!\d)
      | \\\((?:(?!\\\().)+?\\\) | \\\[(?:(?!\\\[).)+?\\\]
      | \\begin\{(?P<env>(?:equation|align|gather|multline|eqnarray)\*?)\}
        (?:(?!\\begin\{(?P=env)\}).)+?\\end\{(?P=env)\}
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


def split_math(text: str) -> Iterator[tuple[bool, str]]:
    """Stretches of the text in order: whether each is a formula, and the stretch, which may be empty."""
    start = 0
    for math in _MATH.finditer(text):
        yield False, text[start : math.start()]
        yield True, math.group()
        start = math.end()
    yield False, text[start:]


def outside_math(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to each stretch of text between formulas; formulas stay byte for byte."""
    return "".join(stretch if is_math else change(stretch) for is_math, stretch in split_math(text))


def _decode_prose(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPED_QUOTES.sub(r'"\1"', text)
    text = _BROKEN_GREEK.sub(lambda match: _GREEK[match[1].replace("{", "")], text)
    for _ in range(_MAX_STACKED):
        decoded = _LETTER.sub(_plain_letter, _ACCENT.sub(_accented_letter, text))
        if decoded == text:
            break
        text = decoded
    return _SYMBOL.sub(_symbol, text) if "\\" in text else text


def _accented_letter(match: re.Match[str]) -> str:
    """One character for accent and base; a mark behind its base where Unicode has no such character.

    What stands without braces may be no accent, so it is left as it was then.
    """
    base = (match["braced"] or match["command"] or match["bare"]).strip().removesuffix("{}")
    if base.startswith("\\"):
        base = base[1:] if base in ("\\i", "\\j") else LETTERS.get(base[1:], "")
    elif base in "ıȷ":  # decoded in an earlier pass
        base = "i" if base == "ı" else "j"
    accent = match["sign"] or match["name"]
    if accent == "." and base in ("i", "j"):  # they have their dot
        return _unbraced(match, base)
    letter = unicodedata.normalize("NFC", base + _ALL_COMBINING[accent])
    is_accent = len(base) == 1 and (len(letter) == 1 or bool(match["braced"]))
    return _unbraced(match, letter) if is_accent else match.group()


def _symbol(match: re.Match[str]) -> str:
    return _unbraced(match, SYMBOLS[match["name"]])


def _plain_letter(match: re.Match[str]) -> str:
    return _unbraced(match, LETTERS[match["name"]])


def _unbraced(match: re.Match[str], letter: str) -> str:
    """Drop the braces around a letter where both are there and no command takes them; keep the odd one."""
    if match["open"] and match["close"]:
        before = match.string[max(0, match.start() - _LONGEST_COMMAND) : match.start()]
        return f"{{{letter}}}" if _COMMAND_BEFORE.search(before) else letter
    return (match["open"] or "") + letter + (match["close"] or "")
