"""Where the words of a cloud stand: pure arithmetic for an SVG. Start at :func:`place_words`.

Sizes are classes (``size-1`` to ``size-5``) whose letters :file:`static/css/keeping/words.css` makes as high as
:data:`HEIGHTS` says, so no element carries a style. Letters are as wide as in common sans-serif fonts, rounded up.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from coolpapers.people.keywords.counting import CountedWord

WIDTH = 480  # of the picture; a phone shows it at three quarters
HEIGHTS = (15, 19, 25, 33, 44)  # of letters by size, as in words.css
GAP = 3  # between words
_NARROW, _WIDE = frozenset("fijlrt.,:;'|-I "), frozenset("mwMW@%")
_STEP = 0.35  # radians on the spiral
_GROWTH = 2.2  # by which it opens a radian


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word, its size, and the middle of its base line."""

    word: str
    size: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """Words of a picture ``WIDTH`` wide and ``height`` high."""

    words: tuple[PlacedWord, ...]
    height: float
    width: int = WIDTH


def place_words(words: Iterable[CountedWord]) -> Cloud:
    """The words around the middle, each on a spiral at the first place where it covers no other; largest first."""
    boxes: list[tuple[CountedWord, float, float, float, float]] = []  # word, left, top, right, bottom
    for word in sorted(words, key=lambda one: -one.size):
        height = HEIGHTS[word.size - 1]
        half = min(text_width(word.word, height), WIDTH) / 2 + GAP
        angle = 0.0
        while True:
            radius = _GROWTH * angle
            # Flatter than round, and never over the edges: what is too long is pushed down, not out.
            x = min(max(radius * math.cos(angle), half - WIDTH / 2), WIDTH / 2 - half)
            y = 0.6 * radius * math.sin(angle)
            box = (x - half, y - height / 2 - GAP, x + half, y + height / 2 + GAP)
            if not any(_overlap(box, other[1:]) for other in boxes):
                boxes.append((word, *box))
                break
            angle += _STEP
    top = min((box[2] for box in boxes), default=0.0)
    bottom = max((box[4] for box in boxes), default=0.0)
    placed = tuple(
        PlacedWord(word.word, word.size, round((left + right) / 2 + WIDTH / 2, 1), _base_line(upper, lower, top, word))
        for word, left, upper, right, lower in boxes
    )
    return Cloud(placed, round(bottom - top, 1))


def text_width(text: str, height: float) -> float:
    """About how wide letters of a height are."""
    return height * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.98
    return 0.76 if letter.isupper() else 0.62


def _base_line(upper: float, lower: float, top: float, word: CountedWord) -> float:
    """Letters stand on a line a third of their height below the middle."""
    return round((upper + lower) / 2 - top + HEIGHTS[word.size - 1] * 0.34, 1)


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
