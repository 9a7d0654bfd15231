"""Characters that LaTeX's standard fonts lack, as commands that print them. Pure.

pdfLaTeX stops at ``α``, ``∞`` and ``ṣ``. Greek letters and operators become ``\\ensuremath{\\alpha}``, which the import
reads as the character again; letters with rare accents become accents of TeX. Other scripts stay: they need fonts that
only a document can choose.
"""

from __future__ import annotations

import re
import unicodedata

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega"
)
_CAPITALS = "gamma delta theta lambda xi pi sigma upsilon phi psi omega"  # the others look like Latin letters
_OPERATORS = {
    "∞": "infty", "∈": "in", "∉": "notin", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "≡": "equiv",
    "∼": "sim", "≃": "simeq", "≅": "cong", "∝": "propto", "→": "rightarrow", "←": "leftarrow",
    "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow", "⇔": "Leftrightarrow", "↦": "mapsto",
    "↑": "uparrow", "↓": "downarrow", "∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "∫": "int",
    "√": "surd", "∀": "forall", "∃": "exists", "∅": "emptyset", "∩": "cap", "∪": "cup", "⊂": "subset",
    "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq", "∧": "wedge", "∨": "vee", "⊕": "oplus", "⊗": "otimes",
    "⊖": "ominus", "⊘": "oslash", "⊥": "perp", "∥": "parallel", "∠": "angle", "∗": "ast", "∘": "circ",
    "⋆": "star", "★": "bigstar", "∙": "bullet", "⋅": "cdot", "⋯": "cdots", "ℓ": "ell", "ℏ": "hbar", "ℜ": "Re",
    "ℑ": "Im", "ℵ": "aleph", "≪": "ll", "≫": "gg", "≺": "prec", "≻": "succ", "⊢": "vdash", "⊨": "models",
    "⟨": "langle", "⟩": "rangle", "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor", "′": "prime",
    "−": "-", "♯": "sharp", "♭": "flat", "♮": "natural", "□": "square", "◇": "Diamond", "△": "triangle",
    "▽": "triangledown", "⊤": "top", "⊙": "odot", "∖": "setminus", "ϕ": "phi", "ϵ": "epsilon", "ϑ": "vartheta",
    "ϱ": "varrho", "ϖ": "varpi", "ϰ": "varkappa", "µ": "mu",
}  # fmt: skip
_BLACKBOARD = {"ℝ": "R", "ℂ": "C", "ℕ": "N", "ℤ": "Z", "ℚ": "Q", "ℙ": "P", "ℍ": "H", "𝔽": "F", "𝔼": "E"}
_CALLIGRAPHIC = {"ℒ": "L", "ℋ": "H", "ℛ": "R", "ℱ": "F", "ℰ": "E", "ℬ": "B", "ℐ": "I", "ℳ": "M"}


def _greek() -> dict[str, str]:
    small = {
        unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}"): name for name in _SMALL.split()
    }
    capital = {
        unicodedata.lookup(f"GREEK CAPITAL LETTER {name.replace('lambda', 'lamda')}"): name.capitalize()
        for name in _CAPITALS.split()
    }
    # Unicode's ε and φ are TeX's \varepsilon and \varphi; ϵ and ϕ are \epsilon and \phi.
    return small | capital | {"ε": "varepsilon", "φ": "varphi", "ς": "varsigma"}


_NAMED = {**_greek(), **_OPERATORS}
MATH_OF_CHARACTER: dict[str, str] = {
    **{char: name if name == "-" else f"\\{name}" for char, name in _NAMED.items()},
    **{char: f"\\mathbb{{{letter}}}" for char, letter in _BLACKBOARD.items()},
    **{char: f"\\mathcal{{{letter}}}" for char, letter in _CALLIGRAPHIC.items()},
}
_CHARACTER_OF_MATH = {math: char for char, math in reversed(MATH_OF_CHARACTER.items())}
# Marks of letters; those of T1 and Latin Extended-A need no help.
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k",
    "\u0331": "b",
}  # fmt: skip
# Also a letter with marks that Unicode has no single character for.
_BEYOND = re.compile("[A-Za-z\u00c0-\u017f][\u0300-\u036f]+|[^\x00-\u017f\u0218-\u021b\u2010-\u2022]|µ")
_LATIN = re.compile(r"[A-Za-z]")


def encode_characters(text: str) -> str:
    """Text outside formulas in which each character that has a command is that command."""
    return text if text.isascii() else _BEYOND.sub(_encode, text)


def encode_math(math: str) -> str:
    """A formula with Greek letters and operators as commands."""
    if math.isascii():
        return math
    return _BEYOND.sub(
        lambda match: f"{MATH_OF_CHARACTER[match[0]]} " if match[0] in MATH_OF_CHARACTER else match[0], math
    )


def character_of(math: str) -> str:
    r"""The character that ``\alpha`` stands for; "" for other formulas.

    >>> character_of(r"\alpha"), character_of(r"\alpha_1")
    ('α', '')
    """
    return _CHARACTER_OF_MATH.get(math.strip(), "")


def _encode(match: re.Match[str]) -> str:
    character = match[0]
    if character in MATH_OF_CHARACTER:
        return f"\\ensuremath{{{MATH_OF_CHARACTER[character]}}}"
    if character == "\ufffc" or (len(character) == 1 and unicodedata.category(character) == "Cf"):  # prints nothing
        return ""
    letter, *marks = list(unicodedata.normalize("NFD", character))
    if not (marks and _LATIN.fullmatch(letter) and all(mark in _ACCENTS for mark in marks)):
        return character
    for mark in marks:
        letter = f"\\{_ACCENTS[mark]}{{{letter}}}"
    return f"{{{letter}}}"
