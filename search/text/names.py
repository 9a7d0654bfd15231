"""Author names as single tokens, so that family and given names match within one and the same author.

A name is indexed once for every word at which the family name may begin: ``geoffrey everest hinton`` yields
``hinton|geoffrey_everest`` and ``everest_hinton|geoffrey``. A queried author (family ``Hinton``, given ``G``) is then a
prefix or a pattern of such tokens. Everything is folded to ASCII and not stemmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.text.analysis import accented_words, index_folded, tokenize

# Longer "names" are collaborations or noise; only their last words are read as a family name.
MAX_NAME_WORDS = 6
_CACHE_LIMIT = 100_000


def index_names(names: Iterable[str]) -> tuple[str, str]:
    """The main stream (the words of all names) and the exact stream (readings, and words with accents) of some authors.

    Tokens are joined by spaces. ``|`` between the words of two names keeps phrases within one author. A name of one
    word has the reading ``word|``.
    """
    streams = [_NAMES[name] for name in names]
    exact = [readings for _, readings, _ in streams]
    exact += [accented for _, _, accented in streams if accented]
    return " | ".join([words for words, _, _ in streams]), " ".join(exact)


def name_readings(name: str) -> list[str]:
    """The readings of one name, as they stand in the exact stream of :func:`index_names`."""
    return _NAMES[name][1].split()


def whole_name(name: str) -> str:
    """The reading that two names share only if they have the same words in the same roles; "" for no word.

    >>> whole_name("Wang, Wei"), whole_name("Wei Wang"), whole_name("Weiqi Wang")
    ('wang|wei', 'wang|wei', 'wang|weiqi')
    """
    readings = name_readings(name)
    return readings[-1] if readings else ""


def name_pattern(family: str, given: str) -> tuple[str, str]:
    """The prefix and the pattern of a queried author among the tokens of :func:`index_names`.

    Every match begins with the prefix. The pattern is a regular expression for the whole token, "" where the prefix
    is enough; it uses only the syntax that Python and tantivy share. Both consist of folded words.
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


def _make(name: str) -> tuple[str, str]:
    """The words of a name joined by spaces, and its readings."""
    words = index_folded(name)
    if "," in name:
        family, _, given = name.partition(",")
        last, first = index_folded(family).split(), index_folded(given).split()[:MAX_NAME_WORDS]
        return words, " ".join(_reading(last[i:], first + last[:i]) for i in range(len(last)))
    parts = words.split()[-MAX_NAME_WORDS:]
    if len(parts) == 2:  # most names: the fast path
        return words, f"{parts[1]}|{parts[0]}"
    if len(parts) < 2:
        return words, f"{words}|" if words else ""
    return words, " ".join(_reading(parts[i:], parts[:i]) for i in range(1, len(parts)))


def _reading(family: list[str], given: list[str]) -> str:
    return f"{'_'.join(family)}|{'_'.join(given)}"


class _NameCache(dict[str, tuple[str, str, str]]):
    """Name → its words, its readings, and its words with accents."""

    def __missing__(self, name: str) -> tuple[str, str, str]:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[name] = value = (*_make(name), "" if name.isascii() else " ".join(accented_words(name)))
        return value


_NAMES = _NameCache()
