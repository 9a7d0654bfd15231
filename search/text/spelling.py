"""Spelling suggestions from the words of an index. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

# A shorter word has too many neighbours at two edits.
LONG_WORD_CHARS = 6


class WordList:
    """All words of an index with their document frequency, grouped by first letter and length."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self.frequencies = frequencies
        self._lists: dict[tuple[str, int], list[str]] = {}
        for word in frequencies:
            if word.isalpha():
                self._lists.setdefault((word[0], len(word)), []).append(word)

    def nearest(self, word: str, *, limit: int) -> list[str]:
        """Words within two edits (one for short words), by edit distance, document frequency, then alphabetically.

        Words with the same first letter are tried first, because few people mistype it; then all words.
        """
        if not word:
            return []
        max_edits = 2 if len(word) >= LONG_WORD_CHARS else 1
        lengths = range(len(word) - max_edits, len(word) + max_edits + 1)
        for firsts in ({word[0]}, {first for first, _ in self._lists}):
            choices = [choice for first in firsts for n in lengths for choice in self._lists.get((first, n), ())]
            scored = process.extract_iter(word, choices, scorer=OSA.distance, score_cutoff=max_edits)
            similar = [(distance, -self.frequencies[hit], hit) for hit, distance, _ in scored if hit != word]
            if similar:
                return [hit for _, _, hit in sorted(similar)[:limit]]
        return []
