"""Scripts without blanks between words, and their characters. Pure.

Chinese, Japanese and Korean characters stand alone. In Thai, Lao, Khmer and Burmese a *cluster* is a letter with the
vowels, tone marks and subscript letters that combine with it (Unicode Standard Annex 29 calls it a grapheme cluster).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

CJK = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
# Letters and marks, without digits and punctuation.
_THAI_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf"
_KHMER = "\u1780-\u17d3\u17d7\u17dc\u17dd"
_BURMESE = "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f"
SOUTHEAST_ASIAN = _THAI_LAO + _KHMER + _BURMESE
UNSPACED = CJK + SOUTHEAST_ASIAN

INVISIBLE = "\u00ad\u200b-\u200d\u2060"  # soft hyphen, zero-width characters
# Most marks of one cluster; more of them are garbage.
_MAX_MARKS = 16
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)  # they choose a glyph and are not part of the spelling


def _character_class(codes: Iterable[int]) -> str:
    """The inside of a regular expression's character class."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# Accents, vowel signs and tone marks that combine with the letter before them, in any script.
MARKS = _character_class(
    code
    for code in range(0x300, 0x10000)
    if unicodedata.category(chr(code)) in ("Mn", "Mc") and code not in _VARIATION_SELECTORS
)
# The vowel AM of Thai and Lao combines though Unicode calls it a letter; so does a letter below another one.
_COMBINING = (
    rf"[\u0e33\u0eb3]|\u0e4d[\u0e48-\u0e4b]?\u0e32|\u0ecd[\u0ec8-\u0ecb]?\u0eb2"
    rf"|\u17d2[\u1780-\u17b3]|[\u1039\u1060][\u1000-\u102a]|[{MARKS}{INVISIBLE}]"
)
UNSPACED_CLUSTER = rf"(?:[{CJK}]|[{SOUTHEAST_ASIAN}](?:{_COMBINING}){{0,{_MAX_MARKS}}})"
CLUSTER = re.compile(rf"[{CJK}]|.(?:{_COMBINING}){{0,{_MAX_MARKS}}}", re.DOTALL)
# A run of one kind of script. Zero-width spaces, which some writers put between words, do not end it.
UNSPACED_RUN = rf"[{CJK}]+|[{SOUTHEAST_ASIAN}](?:[{INVISIBLE}]*[{SOUTHEAST_ASIAN}])*"

_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
_IS_CJK = re.compile(rf"[{CJK}]")
_TONE_AFTER_NIKHAHIT = re.compile("([\u0e4d\u0ecd])([\u0e48-\u0e4b\u0ec8-\u0ecb])(?=[\u0e32\u0eb2])")


def is_unspaced(text: str) -> bool:
    """Whether a text begins with a letter or mark of a script without blanks between words."""
    return not text.isascii() and _IS_UNSPACED.match(text) is not None


def is_one_cluster(text: str) -> bool:
    """Whether a text is just one character as readers count them."""
    return CLUSTER.fullmatch(text) is not None


def first_cluster(text: str) -> str:
    match = CLUSTER.match(text)
    return match.group() if match else ""


def normalize_cluster(text: str) -> str:
    """Clusters in one form: the vowel AM decomposed, its tone mark first, no invisible characters.

    CJK characters stay as they are.
    """
    if _IS_CJK.match(text):
        return text
    decomposed = unicodedata.normalize("NFKC", text)
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in ("Cf", "Zs"))
    return _TONE_AFTER_NIKHAHIT.sub(r"\2\1", visible)
