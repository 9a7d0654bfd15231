"""Completes names of authors: the names of an index that have a word that begins as typed. Pure.

Start at :class:`NameList`. It is compact, because a library has about two names for each paper: names are bytes in one
buffer, and the names of each word are numbers in one array.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

# The most frequent names are kept: of 500,000 names the list takes 40 MB.
MAX_NAMES = 500_000
# Names read per name wanted where the words before the last one are initials, which most names do not have.
INITIALS_DEPTH = 50


class NameList:
    """The names of an index, from readings as :func:`search.text.names.index_names` makes them.

    Parameters
    ----------
    readings : reading and number of papers, in any order; other tokens of the stream are ignored
    max_names : the most names that are kept
    """

    def __init__(self, readings: Iterable[tuple[str, int]], *, max_names: int = MAX_NAMES) -> None:
        names = ((n_papers, reading) for reading, n_papers in readings if _is_shortest(reading))
        ranked = heapq.nsmallest(max_names, names, key=lambda name: (-name[0], name[1]))
        # A name's number is its rank by papers, so the smallest numbers of a list are its most frequent names.
        numbers: dict[str, array[int]] = {}
        for number, (_, reading) in enumerate(ranked):
            for word in dict.fromkeys(words_of(reading)):
                numbers.setdefault(word, array("I")).append(number)
        self._names = _Strings(reading for _, reading in ranked)
        self._words = sorted(numbers)
        self._numbers = array("I")
        self._starts = array("Q", [0])
        for word in self._words:
            self._numbers.extend(numbers.pop(word))
            self._starts.append(len(self._numbers))

    def __len__(self) -> int:
        return len(self._names)

    def complete(self, typed: Sequence[str], *, limit: int) -> list[str]:
        """Readings of names that have all folded words typed, the last one maybe unfinished; most frequent first."""
        *whole, last = typed
        words = [word for word in whole if len(word) > 1]
        if words:
            rarest = min((self._named(word) for word in words), key=len)
            names = (name for name in map(self._names.__getitem__, rarest) if last in name)
        else:
            numbers = self._beginning(last, limit=limit * INITIALS_DEPTH if whole else limit)
            names = (self._names[number] for number in numbers)
        return list(islice((name for name in names if fits(words_of(name), typed)), limit))

    def _named(self, word: str) -> Sequence[int]:
        """The names that have a word."""
        place = bisect_left(self._words, word)
        is_known = place < len(self._words) and self._words[place] == word
        return self._numbers[self._starts[place] : self._starts[place + 1]] if is_known else array("I")

    def _beginning(self, prefix: str, *, limit: int) -> Iterator[int]:
        """The names that have a word with a prefix: at least ``limit`` in the right order, if there are so many.

        Each word brings at least one name, so only the words with the most frequent ones are read. A name can have two
        words with the prefix, hence twice as many words.
        """
        low, high = bisect_left(self._words, prefix), bisect_left(self._words, f"{prefix}\U0010ffff")
        words = heapq.nsmallest(2 * limit, range(low, high), key=lambda word: self._numbers[self._starts[word]])
        lists = (self._numbers[self._starts[word] : self._starts[word + 1]] for word in words)
        return (number for number, _ in groupby(heapq.merge(*lists)))


def words_of(reading: str) -> list[str]:
    """The folded words of a reading, family name first."""
    return [word for word in reading.replace("|", "_").split("_") if word]


def fits(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Whether a name has all words typed. The last one may be unfinished, and one letter is an initial."""
    left = list(words)
    for word in typed[:-1]:
        fitting = word if word in left else next((name for name in left if _is_initial(word, name)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return any(word.startswith(typed[-1]) for word in left)


def _is_initial(letter: str, name: str) -> bool:
    return len(letter) == 1 and name.startswith(letter)


def _is_shortest(reading: str) -> bool:
    """Whether a token is the one reading of a name whose family name has a single word."""
    family, bar, _ = reading.partition("|")
    return bool(bar and family) and "_" not in family


class _Strings:
    """A sequence of strings in one buffer."""

    def __init__(self, strings: Iterable[str]) -> None:
        encoded = [string.encode() for string in strings]
        self._buffer = b"".join(encoded)
        self._ends = array("Q", [0])
        for string in encoded:
            self._ends.append(self._ends[-1] + len(string))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return self._buffer[self._ends[number] : self._ends[number + 1]].decode()
