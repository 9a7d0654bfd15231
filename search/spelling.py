"""Words near a misspelt one. Pure: the words of the index come through a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rapidfuzz.distance import OSA

# A short word has too many neighbours at two edits.
LONG_WORD_CHARS = 6


def nearest_words(word: str, words_from: Callable[[str], Mapping[str, int]], *, limit: int) -> list[str]:
    """Words within two edits (one for short words), by edit distance, then document frequency, then alphabet.

    Words with the same first letter are looked through first, since few people get that one wrong; all words
    where none of those is near. ``words_from(prefix)`` gives words with their document frequency.
    """
    if not word:
        return []
    furthest = 2 if len(word) >= LONG_WORD_CHARS else 1
    for prefix in (word[0], ""):
        near = [
            (distance, -frequency, candidate)
            for candidate, frequency in words_from(prefix).items()
            if abs(len(candidate) - len(word)) <= furthest
            and candidate.isalpha()
            and 0 < (distance := OSA.distance(word, candidate, score_cutoff=furthest)) <= furthest
        ]
        if near:
            return [candidate for _, _, candidate in sorted(near)[:limit]]
    return []
