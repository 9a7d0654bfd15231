"""Author names as one token each, so that family and given names are matched within one and the same author.

A name of the words ``w1 … wn`` is indexed once for every reading of it: ``geoffrey everest hinton`` gives
``hinton|geoffrey_everest``, ``everest_hinton|geoffrey`` and, since many names put the family first,
``geoffrey|everest_hinton``. A wanted author (family ``Hinton``, given ``G``) is then a prefix or a pattern of
such tokens. Everything is folded to ASCII and not stemmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from search.analysis import index_folded, tokenize

# Longer "names" are collaborations or debris; only their last words are read as a family name.
MAX_NAME_WORDS = 6
_CACHE_LIMIT = 100_000


def name_tokens(name: str) -> str:
    """Every reading of a name as a token, joined by blanks; a name of one word has the reading ``word|``."""
    return _READINGS[name]


def name_words(names: Iterable[str]) -> str:
    """The words of all names, joined by blanks; ``|`` between two names keeps phrases within one author."""
    return " | ".join(map(_WORDS.__getitem__, names))


def name_pattern(family: str, given: str) -> tuple[str, str]:
    """What a wanted author looks like among :func:`name_tokens`.

    Returns a prefix that every match begins with, and a regular expression for the whole token or "" where
    the prefix says all. Both are made of folded words: the expression uses only what the regular expressions
    of Python and of tantivy's term dictionary have in common.
    """
    family_words = "_".join(token.folded for token in tokenize(family))
    parts = [token.folded for token in tokenize(given)]
    if not family_words:
        return "", ""
    first = f"{family_words}|{parts[0]}" if parts else f"{family_words}|"
    if len(parts) < 2:
        return first, ""
    later = "".join(f"[^_]*_{re.escape(part)}" for part in parts[1:])
    return first, f"{re.escape(first)}{later}.*"


def _readings(name: str) -> list[str]:
    if "," in name:
        family, _, given = name.partition(",")
        last = [token.folded for token in tokenize(family)]
        first = [token.folded for token in tokenize(given)][:MAX_NAME_WORDS]
        return [_reading(last[i:], first + last[:i]) for i in range(len(last))]
    words = _WORDS[name].split()[-MAX_NAME_WORDS:]
    readings = [_reading(words[i:], words[:i]) for i in range(1, len(words))]
    return [*readings, _reading(words[:1], words[1:])] if words else []


def _reading(family: list[str], given: list[str]) -> str:
    return f"{'_'.join(family)}|{'_'.join(given)}"


class _NameCache(dict[str, str]):
    def __init__(self, make: Callable[[str], str]) -> None:
        self.make = make

    def __missing__(self, name: str) -> str:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[name] = value = self.make(name)
        return value


_READINGS = _NameCache(lambda name: " ".join(_readings(name)))
_WORDS = _NameCache(index_folded)
