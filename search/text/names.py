"""Author names as one token each, so that family and given names are matched within one and the same author.

A name of the words ``w1 … wn`` is indexed once for every place where the family name may begin:
``geoffrey everest hinton`` gives ``hinton|geoffrey_everest`` and ``everest_hinton|geoffrey``. A wanted author
(family ``Hinton``, given ``G``) is then a prefix or a pattern of such tokens. Everything is folded to ASCII and not
stemmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.text.analysis import accented_words, index_folded, tokenize

# Longer "names" are collaborations or debris; only their last words are read as a family name.
MAX_NAME_WORDS = 6
_CACHE_LIMIT = 100_000


def index_names(names: Iterable[str]) -> tuple[str, str]:
    """The words of all names; and every reading of each as one token, with the words that carry accents.

    All joined by blanks. ``|`` between the words of two names keeps phrases within one author. A name of one word has
    the reading ``word|``.
    """
    found = [_NAMES[name] for name in names]
    exact = [readings for _, readings, _ in found]
    exact += [accented for _, _, accented in found if accented]
    return " | ".join([words for words, _, _ in found]), " ".join(exact)


def name_pattern(family: str, given: str) -> tuple[str, str]:
    """What a wanted author looks like among :func:`index_names`.

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


def _make(name: str) -> tuple[str, str]:
    """The words of a name joined by blanks, and its readings."""
    words = index_folded(name)
    if "," in name:
        family, _, given = name.partition(",")
        last, first = index_folded(family).split(), index_folded(given).split()[:MAX_NAME_WORDS]
        return words, " ".join(_reading(last[i:], first + last[:i]) for i in range(len(last)))
    parts = words.split()[-MAX_NAME_WORDS:]
    if len(parts) == 2:  # most names, so without the loop
        return words, f"{parts[1]}|{parts[0]}"
    if len(parts) < 2:
        return words, f"{words}|" if words else ""
    return words, " ".join(_reading(parts[i:], parts[:i]) for i in range(1, len(parts)))


def _reading(family: list[str], given: list[str]) -> str:
    return f"{'_'.join(family)}|{'_'.join(given)}"


class _NameCache(dict[str, tuple[str, str, str]]):
    """Name → its words, its readings and its words with accents."""

    def __missing__(self, name: str) -> tuple[str, str, str]:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[name] = value = (*_make(name), "" if name.isascii() else " ".join(accented_words(name)))
        return value


_NAMES = _NameCache()
