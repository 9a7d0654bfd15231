r"""Titles of papers folded and compared. Pure. Start at :func:`fold_title`; comparing is :mod:`.title_matches`'.

Punctuation, case, accents, hyphens and layout do not count; signs, digits and operators do: *W+* is not *W−*, *C++* is
not *C#*, *2/3* is not *23*. TeX, HTML and Unicode spell one sign in different ways (``$W^{+}$``, ``W<sup>+</sup>``,
``W⁺``) and give the same text here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

from search.text.words import GREEK_COMMANDS, LAYOUT_COMMANDS

# What the fast way of fold_title cannot read: marks of TeX and HTML, signs, minus signs, digits with something between.
_MARKS = re.compile(r"[$\\{}^_+#*=<>&%/\[]")
_MINUS_SIGN = re.compile(r"-(?:(?![A-Za-z0-9])|(?=\d)(?<![\w)]-))")
_APART = re.compile(r"\d\W+\d")
_RETRACTED = re.compile(r"^\W*(?:retracted|withdrawn)(?:\s+article)?\s*(?:[\])]|:)\s*", re.IGNORECASE)
_TAG = re.compile(r"</?(?:i|b|em|strong|su[bp]|span|tt|sc|mml:\w+|inline-formula)\b[^<>]*>", re.IGNORECASE)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?|\\[,;:!> ]")
_NEGATED = re.compile(r"\\not\s*(=|<|>|\\[A-Za-z]+)")
_ESCAPED = re.compile(r"\\([&%#_$])")
_SUPERSCRIPT_SIGN = re.compile(r"\^\s*\{?\s*([-–−]+)")
_MINUS = "−"
# "W-" and "e-" end in a minus, "pre- and post-training" and "(In-)Consistency" have hyphens.
_MINUS_AFTER = re.compile(r"(?<!\w)([^\W_]|[^\W_]?[A-Z0-9][^\W_]?|[A-Z][a-z])-(?![\w-]|\)\w)")
_MINUS_BEFORE = re.compile(r"(?<![\w)])-(?=\d)")
_LOWER = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())
_PUNCTUATION = bytes(code for code in range(128) if not chr(code).isalnum())
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DIGIT_GAP = re.compile(r"(?<=\d)([^\w+#*=<>%−]+)(?=\d)")
_FOOTNOTE = re.compile(r"(?<=\w\w\w)\s*[*†‡§]+\s*$")
_LONG_DASH = re.compile(r"---|—|\s-+\s")
_ACCENTS = re.compile("[\u0300-\u0336\u0339-\u036f]")  # without the strokes of ≠ and ∉
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_SIGNS = str.maketrans({"×": "x", "∗": "*", "⋆": "*", "∼": " ", "∘": " ", "|": " ", "~": " ", "/": " ", "&": " and "})
_TEX_SIGNS = {
    "infty": "∞", "to": "→", "rightarrow": "→", "times": "x", "pm": "±", "mp": "∓", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "sim": " ", "cdot": " ", "circ": " ", "ell": "l", "prime": " ",
    "ast": "*", "star": "*", "partial": "∂", "nabla": "∇", "otimes": "⊗", "oplus": "⊕", "wedge": "∧", "cap": "∩",
    "cup": "∪", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇",
    "nleq": "≰", "ngeq": "≱", "nsubseteq": "⊈", "sum": "∑", "prod": "∏", "int": "∫", "setminus": "∖", "div": "÷",
    "leftarrow": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "equiv": "≡", "cong": "≅", "ll": "≪", "gg": "≫",
    "perp": "⊥", "parallel": "∥", "emptyset": "∅", "forall": "∀", "exists": "∃", "propto": "∝",
    "hbar": "h", "ss": "ß", "o": "ø", "l": "ł", "ae": "æ", "i": "i", "j": "j",
}  # fmt: skip
_GREEK = {char: command.removeprefix("\\") for char, command in GREEK_COMMANDS.items()}
_GREEK_NAMES = str.maketrans(_GREEK | {"ς": "sigma", "ϵ": "epsilon"})
# What stands between two digits is kept: its stand-in survives the removal of punctuation.
_GAPS = {"/": "\ue000", ".": "\ue001", ":": "\ue002"}
_OTHER_GAP = "\ue003"
_GAP_SIGNS = str.maketrans({"\ue000": "/", "\ue001": ".", "\ue002": ":", "\ue003": "-"})
_KEPT = frozenset("+#*=<>%\ue000\ue001\ue002\ue003")

_MIN_WORDS, _MIN_LETTERS = 3, 16  # a shorter title says too little: Vision, Deep learning
_LONG_WORDS, _LONG_LETTERS, _LONG_CJK = 6, 40, 12  # a longer title is hardly given twice
_GENERAL_WORDS = frozenset(
    {"survey", "review", "overview", "introduction", "tutorial", "report", "proceedings", "perspectives"}
)


def fold_title(title: str) -> str:
    r"""Letters, digits, signs and operators of a title in lower case.

    >>> fold_title("Measurement of the $W^{-}$ boson mass")
    'measurementofthew−bosonmass'
    >>> fold_title("Measurement of the W-boson mass")
    'measurementofthewbosonmass'
    >>> fold_title(r"Deep $\ell_2$ Regression: 2/3 of C++")
    'deepl2regression2/3ofc++'
    """
    if title.isascii() and not _is_special(title):
        return title.encode().translate(_LOWER, _PUNCTUATION).decode()
    return "".join(_read_words(title))


def title_words(title: str) -> tuple[str, ...]:
    """The words of a title, each folded as :func:`fold_title` does; hyphens do not separate."""
    return _read_words(title)


@lru_cache(maxsize=4096)
def is_short(title: str) -> bool:
    """Whether a title says so little that authors alone do not make a match of it."""
    has_few_words = len(_read_words(title)) < _MIN_WORDS and not _n_cjk(title)
    return has_few_words or len(fold_title(title)) < _shortest(title)


@lru_cache(maxsize=4096)
def is_distinctive(title: str) -> bool:
    """Whether a title is so long and special that hardly two works have it."""
    words = _read_words(title)
    if _n_cjk(title) >= _LONG_CJK:
        return True
    return len(words) >= _LONG_WORDS and sum(map(len, words)) >= _LONG_LETTERS and not _GENERAL_WORDS & {*words}


def _is_special(title: str) -> bool:
    return bool(_MARKS.search(title) or _MINUS_SIGN.search(title) or _APART.search(title) or _RETRACTED.match(title))


def _n_cjk(title: str) -> int:
    return 0 if title.isascii() else sum("\u3040" <= char <= "\u9fff" for char in title)


def _shortest(title: str) -> int:
    return _LONG_CJK // 2 if _n_cjk(title) else _MIN_LETTERS


@lru_cache(maxsize=4096)
def _read_words(title: str) -> tuple[str, ...]:
    words = ("".join(char for char in word if _counts(char)) for word in _plain(title).split())
    return tuple(word.translate(_GAP_SIGNS) for word in words if word)


def _counts(char: str) -> bool:
    """Letters, digits, marks of scripts that need them, and mathematical signs."""
    return char.isalnum() or char in _KEPT or (not char.isascii() and unicodedata.category(char) in ("Sm", "Mn", "Mc"))


def _plain(title: str) -> str:
    """The title in lower case without TeX, HTML and accents; a minus sign is U+2212, other hyphens are still there."""
    text = _FOOTNOTE.sub("", _TAG.sub("", _RETRACTED.sub("", title)))
    text = _SUPERSCRIPT_SIGN.sub(lambda match: _MINUS * len(match[1]), text)
    text = _NEGATED.sub("\\1\u0338", _ESCAPED.sub(r"\1", text))
    text = _COMMAND.sub(_read_command, text)
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    text = re.sub(r"[$^{}\\_]", "", text)
    text = text.lower() if text.isupper() else text  # where all is in capitals, they tell no sign from a word
    text = _MINUS_BEFORE.sub(_MINUS, _MINUS_AFTER.sub(rf"\1{_MINUS}", text))
    text = _DIGIT_GAP.sub(_gap, _THOUSANDS.sub("", _LONG_DASH.sub(" ", text)))
    return text.translate(_SIGNS).lower().translate(_LETTERS).translate(_GREEK_NAMES)


def _gap(match: re.Match[str]) -> str:
    return _GAPS.get(match[1].strip(), _OTHER_GAP)


def _read_command(match: re.Match[str]) -> str:
    r"""What a TeX command stands for: nothing for layout, a sign, a Greek letter's name, or its own name."""
    name = match[1] or ""
    if not name or name in LAYOUT_COMMANDS:
        return ""
    return _TEX_SIGNS.get(name, name.removeprefix("var") if name.removeprefix("var") in _GREEK.values() else name)
