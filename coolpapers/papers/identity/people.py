"""Authors compared: whether two names are one person's, and how far two lists agree. Pure.

Start at :func:`compare_authors`. Order within a name (``Vaswani Ashish``, ``Vaswani, A.``), initials, accents and the
ways of writing them (*ø* and *o*, *ł* and *l*, *ü* and *ue*) do not count; other given names do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "a", "œ": "o", "ı": "i", "ħ": "h", "ŧ": "t",
     "’": "", "'": "", "`": "", "‘": "", "ʼ": ""}
)  # fmt: skip
_ACCENTS = re.compile("[\u0300-\u036f]")
_WRITTEN_UMLAUT = re.compile(r"(?<=[aou])e|(?<=a)a")  # Mueller is Müller, Aarhus is Århus
_PARENTHESES = re.compile(r"\([^()]*\)")
_SEPARATORS = re.compile(r"\.-?|[\s,;~_/]+|(?<=\b\w)-")
_JOINING = frozenset({"and", "&"})  # between two parts of an organisation's name: Barnes & Noble
_SUFFIX = re.compile(r"jr|sr|i{2,3}|iv|phd|md|dr|prof|0\d{3}")
_INITIALS = re.compile(r"[A-Z]{2,3}")
_GROUP = re.compile(
    r"\b(?:collaboration|consortium|team|group|committee|organi[sz]ation|society|institute)\b", re.IGNORECASE
)
_NOBODY = frozenset(
    {"anonymous", "anonymous author", "anonymous authors", "anonymous authors et al", "unknown", "various", "others",
     "various authors", "et al", "etal", "n/a", "none"}
)  # fmt: skip
_MIN_SHORT_FORM, _MIN_CUT = 3, 2  # Dan is Daniel; Jin is not Jing
# Short forms that are no beginnings of the full name.
_SHORT_FORMS = (
    "larry lawrence, larry laurence, mike michael, bob robert, bill william, jim james, tony anthony, dick richard, "
    "rick richard, liz elizabeth, beth elizabeth, betty elizabeth, kate katherine, kathy katherine, jack john, "
    "hank henry, ted edward, ned edward, chuck charles, andy andrew, dave david, steve stephen, steve steven, "
    "sasha alexander, misha mikhail, kolya nikolai, peggy margaret, meg margaret, tina christina, alex aleksandr"
)
_COMPARED = 60  # names of a list; the largest have 5,000


class AuthorMatch(IntEnum):
    """How far two lists of authors agree; the greater, the more."""

    OTHER = 0  # nobody in common
    PARTLY = 1  # somebody in common, but not the first or not half of the others
    UNKNOWN = 2  # a list is empty, or names a group only
    AGREE = 3  # the same first author and half of the others in the shorter list, or the same people in another order
    ALL = 4  # the same people in the same order


def compare_authors(one: Sequence[str], other: Sequence[str]) -> AuthorMatch:
    """How far two lists of names agree; a list may be cut (*et al.*)."""
    first, second = _people(tuple(one[:_COMPARED])), _people(tuple(other[:_COMPARED]))
    if not first or not second:
        return AuthorMatch.UNKNOWN
    if first == second:
        return AuthorMatch.ALL
    n_common = _count_common(first, second)
    if not n_common:
        return AuthorMatch.UNKNOWN if _is_group_only(one) != _is_group_only(other) else AuthorMatch.OTHER
    n_shorter = min(len(first), len(second))
    same_first = is_same_person(first[0], second[0])
    if same_first and n_common == len(first) == len(second):
        return AuthorMatch.ALL
    if (same_first and 2 * (n_common - 1) >= n_shorter - 1) or n_common == n_shorter > 1:
        return AuthorMatch.AGREE
    return AuthorMatch.PARTLY


def is_same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names as :func:`name_parts` gives them can be one person's.

    Each part of the shorter name stands in the longer one, whole, as its initial or as its short form, and one part
    that is no initial stands there whole.
    """
    if one == other or "".join(one) == "".join(other):
        return True
    one, other = _joined_like(one, other), _joined_like(other, one)
    shorter, longer = (one, list(other)) if len(one) <= len(other) else (other, list(one))
    rest = []
    has_whole = False
    for part in shorter:
        if part in longer:
            longer.remove(part)
            has_whole |= len(part) > 1
        else:
            rest.append(part)
    for part in rest:
        full = next((there for there in longer if _is_form_of(part, there)), None)
        if full is None:
            return False
        longer.remove(full)
    return has_whole


@lru_cache(maxsize=50_000)
def name_parts(name: str) -> tuple[str, ...]:
    """The folded words of a name without suffixes; initials written together are taken apart.

    >>> name_parts("Müller, Jörg")
    ('muller', 'jorg')
    >>> name_parts("Mueller JA")
    ('muller', 'j', 'a')
    """
    words = [word for word in _SEPARATORS.split(_PARENTHESES.sub(" ", name)) if word]
    if any(not word.isupper() for word in words):
        words = [part for word in words for part in (word if _INITIALS.fullmatch(word) else (word,))]
    parts = [fold_word(word) for word in words]
    kept = [part for n, part in enumerate(parts) if part and not (n and (part in _JOINING or _SUFFIX.fullmatch(part)))]
    return tuple(kept)


def fold_word(word: str) -> str:
    """A word of a name in lower case without accents, hyphens and written-out umlauts."""
    word = word.lower()
    if not word.isascii():
        word = _ACCENTS.sub("", unicodedata.normalize("NFKD", word))
    word = word.translate(_LETTERS).replace("-", "")
    return _WRITTEN_UMLAUT.sub("", word) if len(word) > 2 else word


def is_nobody(name: str) -> bool:
    """Whether a name stands for nobody in particular: *Anonymous*, *et al.*"""
    return " ".join(name.lower().replace(".", "").split()) in _NOBODY


@lru_cache(maxsize=4096)
def _people(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(parts for name in names if not is_nobody(name) and (parts := name_parts(name)))


def _count_common(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]) -> int:
    free = list(second)
    count = 0
    for person in first:
        same = next((there for there in free if is_same_person(person, there)), None)
        if same is not None:
            free.remove(same)
            count += 1
    return count


def _joined_like(name: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    """The name with two parts joined where the other name has them as one: *Le Cun* beside *LeCun*."""
    for place in range(len(name) - 1):
        joined = name[place] + name[place + 1]
        if joined in other and len(name[place]) > 1:
            return (*name[:place], joined, *name[place + 2 :])
    return name


@lru_cache(maxsize=1)
def _short_forms() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(map(fold_word, pair.split())) for pair in _SHORT_FORMS.split(", "))


def _is_form_of(part: str, other: str) -> bool:
    """Whether one is the other's initial or short form: ``g`` and ``geoffrey``, ``dan`` and ``daniel``."""
    short, full = (part, other) if len(part) <= len(other) else (other, part)
    if not full.startswith(short):
        return frozenset((short, full)) in _short_forms()
    return len(short) == 1 or (len(short) >= _MIN_SHORT_FORM and len(full) - len(short) >= _MIN_CUT)


def _is_group_only(names: Sequence[str]) -> bool:
    return all(_GROUP.search(name) for name in names)
