"""Spelling suggestions from the words of an index. Pure. Start at :class:`WordList`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_lowercase
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

# A shorter word has too many neighbours at two edits.
LONG_WORD_CHARS = 6
# How much more frequent a word has to be to make up for a second edit, and for another first letter, which few people
# mistype. Of 600 misspelt words of titles 96 % have the right offer with any of 30 to 1000, and of 1 to 10.
SECOND_EDIT = 100.0
OTHER_FIRST_LETTER = 4.0


class Neighbour(NamedTuple):
    """A word of the list near another one; ``likelihood`` is its frequency, divided by the cost of the edits."""

    word: str
    likelihood: float


class WordList:
    """All words of an index with their document frequency, grouped by first letter and length."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self.frequencies = frequencies
        self._lists: dict[tuple[str, int], list[str]] = {}
        for word in frequencies:
            if word.isalpha():
                self._lists.setdefault((word[0], len(word)), []).append(word)

    def nearest(self, word: str, *, limit: int, max_edits: int = 2) -> list[str]:
        """Words within two edits (one for short words), or ``max_edits``, most likely first."""
        return [neighbour.word for neighbour in self.neighbours(word, max_edits=max_edits)[:limit]]

    def neighbours(self, word: str, *, max_edits: int = 2) -> list[Neighbour]:
        """As :meth:`nearest`, with likelihoods. One edit is looked up, two are searched for, which takes milliseconds.

        At two edits, words with another first letter are considered only if there are no others.
        """
        if not word:
            return []
        similar = dict(self._one_edit_away(word))
        if max_edits > 1 and len(word) >= LONG_WORD_CHARS:
            for firsts in ({word[0]}, {first for first, _ in self._lists} - {word[0]}):
                for other in self._within_two_edits(word, firsts):
                    similar.setdefault(other, self.frequencies[other] / SECOND_EDIT / _first_letter_cost(word, other))
                if similar:
                    break
        ranked = sorted(similar.items(), key=lambda item: (-item[1], item[0]))
        return [Neighbour(*item) for item in ranked]

    def _one_edit_away(self, word: str) -> Iterator[tuple[str, float]]:
        """Words one edit away: of ASCII words all edits are looked up, which is faster than comparing all words."""
        if word.isascii():
            others = {edit for edit in _edits(word) if edit in self.frequencies and edit.isalpha()} - {word}
        else:
            lists = (of_length for (_, length), of_length in self._lists.items() if abs(length - len(word)) <= 1)
            others = {other for choices in lists for other in _within(word, choices, 1)}
        for other in others:
            yield other, self.frequencies[other] / _first_letter_cost(word, other)

    def _within_two_edits(self, word: str, firsts: set[str]) -> Iterator[str]:
        lengths = range(len(word) - 2, len(word) + 3)
        for first in firsts:
            for length in lengths:
                yield from _within(word, self._lists.get((first, length), ()), 2)


def _within(word: str, choices: list[str] | tuple[()], distance: int) -> Iterator[str]:
    scored = process.extract_iter(word, choices, scorer=OSA.distance, score_cutoff=distance)
    return (other for other, _, _ in scored if other != word)


def _edits(word: str) -> Iterator[str]:
    """Every word that results from one edit: a letter dropped, added or replaced, or two neighbours swapped."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _first_letter_cost(word: str, other: str) -> float:
    is_swap = word[:2] == other[1::-1]
    return 1.0 if word[0] == other[0] or is_swap else OTHER_FIRST_LETTER
