"""How alike two titles are. Pure. Start at :func:`compare_titles`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from coolpapers.papers.identity.titles import fold_title, title_words
from search.text.words import GREEK_COMMANDS

_WORDS_WITHOUT_SUBJECT = "a an the of on in for and to with by at from"
FUNCTION_WORDS = frozenset(_WORDS_WITHOUT_SUBJECT.split())
_PART = re.compile(
    r".*\d.*|[ivx]+|parts?|vol|volume|book|chapter|edition|first|second|third|fourth|fifth|extended|revisited"
)
# Words that tell papers apart where nothing else differs: numbers, letters (Part B, hepatitis C), names of Greek ones.
_NUMBERS = "one two three four five six seven eight nine ten sixth seventh eighth ninth tenth sequel continued"
_GREEK = " ".join(command.removeprefix("\\") for command in GREEK_COMMANDS.values()).lower()
_FOREIGN = "erster erste zweiter zweite dritter dritte premiere deuxieme troisieme primera segunda tercera teil parte"
_LETTERS = re.compile(r"[^\W\d_]+")
_WRITTEN_UMLAUT = re.compile(r"(?<=[aou])e")  # Goedel is Gödel
_NAME_IN_FRONT = re.compile(r"\s*(\S{2,25})\s*(?::|--?|–|—)\s+(\S.*)")
_LIKE, _RELATED = 0.8, 0.5  # shares of words in common
_MIN_WORDS_OF_SLIP, _MIN_LETTERS_OF_SLIP = 5, 7


class TitleMatch(IntEnum):
    """How alike two titles are; the greater, the more."""

    OTHER = 0
    SIGNS = 1  # the same but for signs, digits or part numbers: two different papers
    RELATED = 2  # half of the words in common
    LIKE = 3  # most words in common
    VARIANT = 4  # one has a name in front: "BERT: Pre-training …" and "Pre-training …"
    NEAR = 5  # the same but for function words, plural, spelling or one slip of the pen
    EQUAL = 6


def compare_titles(one: str, other: str) -> TitleMatch:
    """How alike two titles are, in either order."""
    if one == other or fold_title(one) == fold_title(other):
        return TitleMatch.EQUAL
    first, second = loose_words(one), loose_words(other)
    joined, other_joined = "".join(first), "".join(second)
    if joined == other_joined:
        return TitleMatch.NEAR
    if _letters(joined) == _letters(other_joined):
        return TitleMatch.SIGNS
    return _compare_words(first, second) or _compare_names(one, other, share=_share(first, second))


@lru_cache(maxsize=4096)
def loose_words(title: str) -> tuple[str, ...]:
    """Words without function words, plural endings and the differences of British and American spelling."""
    return tuple(_loose(word) for word in title_words(title) if word not in FUNCTION_WORDS)


def _loose(word: str) -> str:
    if not word.isalpha() or len(word) < 4:
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = word.replace("z", "s").replace("ll", "l").replace("our", "or" if len(word) > 4 else "our")
    return _WRITTEN_UMLAUT.sub("", word)


def _compare_words(first: Sequence[str], second: Sequence[str]) -> TitleMatch | None:
    """SIGNS where a part or a sign differs, NEAR for one slip of the pen; None where the words say neither."""
    here, there = Counter(first), Counter(second)
    differing = [*(here - there).elements(), *(there - here).elements()]
    if any(_PART.fullmatch(word) or not word.isalpha() for word in differing) or _are_telling(differing):
        return TitleMatch.SIGNS if _share(first, second) >= _RELATED else TitleMatch.OTHER
    is_long = min(len(first), len(second)) >= _MIN_WORDS_OF_SLIP
    if is_long and len(first) == len(second) and len(differing) == 2 and _is_slip(*differing):
        return TitleMatch.NEAR
    return None


def _are_telling(words: Sequence[str]) -> bool:
    """Whether all words are numbers, single letters and the like."""
    return bool(words) and all(
        len(word) == 1 or word in _telling_words() or _PART.fullmatch(word) is not None for word in words
    )


@lru_cache(maxsize=1)
def _telling_words() -> frozenset[str]:
    return frozenset(map(_loose, f"{_NUMBERS} {_GREEK} {_FOREIGN}".split()))


def _compare_names(one: str, other: str, *, share: float) -> TitleMatch:
    if _has_name_in_front(one, of=other) or _has_name_in_front(other, of=one):
        return TitleMatch.VARIANT
    return TitleMatch.LIKE if share >= _LIKE else TitleMatch.RELATED if share >= _RELATED else TitleMatch.OTHER


def _has_name_in_front(title: str, *, of: str) -> bool:
    match = _NAME_IN_FRONT.fullmatch(title)
    return match is not None and loose_words(match[2]) == loose_words(of)


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text))


def _share(first: Sequence[str], second: Sequence[str]) -> float:
    common = (Counter(first) & Counter(second)).total()
    return common / max(len(first), len(second), 1)


def _is_slip(one: str, other: str) -> bool:
    """Whether two long words differ by one letter or two swapped ones, after their first two letters."""
    if min(len(one), len(other)) < _MIN_LETTERS_OF_SLIP or one[:2] != other[:2] or abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    here, there = one[start:], other[start:]
    return here[1:] == there[1:] or here[1:] == there or here == there[1:] or _are_swapped(here, there)


def _are_swapped(here: str, there: str) -> bool:
    return here[:2] == there[:2][::-1] and here[2:] == there[2:]
