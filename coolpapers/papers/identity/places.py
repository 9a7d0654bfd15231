"""Where a paper was published, compared: names of venues, years, volumes and pages. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+")
_SAY_NOTHING = (
    "the a an of on in for and to at by with de la le du des der die und proceedings proc conference conf "
    "international intl int annual workshop symposium meeting th st nd rd first second third volume vol series"
)
_EMPTY_WORDS = frozenset(_SAY_NOTHING.split())
_MIN_SHARE = 0.7  # of the shorter name's words


class VenueMatch(IntEnum):
    """How two places of publication agree."""

    OTHER = 0  # two venues
    UNSURE = 1  # names that share too little
    MISSING = 2  # one record names none
    SAME = 3


@lru_cache(maxsize=4096)
def venue_words(name: str) -> tuple[str, ...]:
    """Words of a venue's name that say something, folded."""
    text = unicodedata.normalize("NFKD", name).lower()
    return tuple(word for word in _WORD.findall(text) if word not in _EMPTY_WORDS)


def is_same_name(one: str, other: str) -> bool:
    """Whether one name abbreviates the other: *J. Mach. Learn. Res.* and *Journal of Machine Learning Research*."""
    shorter, longer = sorted((venue_words(one), venue_words(other)), key=len)
    if not shorter:
        return False
    if len(shorter) == 1 and len(longer) > 1:
        return shorter[0] == "".join(word[0] for word in longer)
    rest = list(longer)
    n_common = 0
    for word in shorter:
        full = next((there for there in rest if there.startswith(word) or word.startswith(there)), None)
        if full is not None:
            rest.remove(full)
            n_common += 1
    return n_common >= _MIN_SHARE * len(longer) and n_common >= _MIN_SHARE * len(shorter)


def years_apart(one: tuple[int, int] | None, other: tuple[int, int] | None) -> int | None:
    """Years between two spans of years; None where one is not known."""
    if one is None or other is None:
        return None
    return max(0, one[0] - other[1], other[0] - one[1])
