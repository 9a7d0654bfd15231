"""Lay out a keyword cloud for an SVG. Pure arithmetic; start at :func:`place_words`.

Sizes are CSS classes (``size-1`` to ``size-5``), for which :file:`static/css/people/keywords.css` sets the
letter heights of :data:`HEIGHTS`; no element has inline style. Letter widths are those of common sans-serif fonts,
rounded up.
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
_STEP = 0.35  # radians between two tries on the spiral
_GROWTH = 2.2  # growth of the spiral's radius per radian


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word, its size, and the centre of its baseline."""

    word: str
    size: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """The placed words; ``width`` and ``height`` are those of the picture."""

    words: tuple[PlacedWord, ...]
    height: float
    width: int = WIDTH


def place_words(words: Iterable[CountedWord]) -> Cloud:
    """Place the words, largest first, each at the first free place on a spiral around the centre."""
    boxes: list[tuple[CountedWord, float, float, float, float]] = []  # word, left, top, right, bottom
    for word in sorted(words, key=lambda word: -word.size):
        height = HEIGHTS[word.size - 1]
        half = min(text_width(word.word, height), WIDTH) / 2 + GAP
        angle = 0.0
        while True:
            radius = _GROWTH * angle
            # An ellipse rather than a circle, clamped to the width: long words move down instead of over the edge.
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
        PlacedWord(word.word, word.size, round((left + right) / 2 + WIDTH / 2, 1), _baseline(upper, lower, top, word))
        for word, left, upper, right, lower in boxes
    )
    return Cloud(placed, round(bottom - top, 1))


def text_width(text: str, height: float) -> float:
    """The approximate width of a text set in letters of this height."""
    return height * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.98
    return 0.76 if letter.isupper() else 0.62


def _baseline(upper: float, lower: float, top: float, word: CountedWord) -> float:
    """The baseline lies a third of the letter height below the centre of the box."""
    return round((upper + lower) / 2 - top + HEIGHTS[word.size - 1] * 0.34, 1)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
