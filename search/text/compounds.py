"""Hyphenated compounds and their closed forms, two spellings of one word: ``pre-training`` and ``pretraining``. Pure.

A compound of the parts ``a-b-c`` has the closed forms ``abc``, ``ab`` and ``bc``, the shorter ones without stop words.
:func:`closed_stream` puts them into a separate stream, so that the positions of the main stream stay the same.
:func:`closed_readings` gives the other spellings of a word of a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from search.text.analysis import LETTER, MAX_TOKEN_CHARS, Token, fold, lower, query_tokens, stem
from search.text.recent import RecentWords
from search.text.scripts import INVISIBLE, MARKS, is_unspaced
from search.text.words import STOP_WORDS

# A longer chain of hyphens is a phrase or an identifier, and nobody writes it closed.
MAX_PARTS = 4
# Cached stretches of texts: compounds for highlighting, some 600 bytes each, and their stems for indexing, some 200.
# Computing one takes 20 µs.
_COMPOUND_LIMIT = 16_384
_STEM_LIMIT = 65_536
_READINGS = 1_024  # cached words of queries

_PART = rf"{LETTER}(?:{LETTER}|[{MARKS}{INVISIBLE}])*"
_COMPOUND = re.compile(rf"(?<![\w-]){_PART}(?:-{_PART})+")
_ASCII_COMPOUND = re.compile(r"(?<![a-z0-9-])[a-z0-9]+(?:-[a-z0-9]+)+")


class ClosedForm(NamedTuple):
    """Parts of a compound written as one word; ``start`` and ``end`` are offsets into the compound."""

    stemmed: str
    folded: str
    start: int
    end: int


class Compound(NamedTuple):
    """A hyphenated compound in a text, ``start`` its offset, and its closed forms."""

    start: int
    forms: tuple[ClosedForm, ...]


def find_compounds(text: str) -> Iterator[Compound]:
    """The compounds of a text that have a closed form."""
    for start, word in hyphenated(text):
        for compound in compounds_of(word):
            yield Compound(start + compound.start, compound.forms)


def compounds_of(word: str) -> tuple[Compound, ...]:
    """The compounds of a stretch without blanks (:func:`hyphenated`) that have a closed form."""
    return _COMPOUNDS[word]


def hyphenated(text: str) -> Iterator[tuple[int, str]]:
    """The stretches between blanks that have a hyphen, with their offsets. The rest of a text need not be read."""
    if not text.isascii():
        text = text.replace("\u2010", "-").replace("\u2011", "-")
    hyphen = text.find("-")
    while hyphen >= 0:
        start = text.rfind(" ", 0, hyphen) + 1
        end = text.find(" ", hyphen)
        end = len(text) if end < 0 else end
        yield start, text[start:end]
        hyphen = text.find("-", end)


def _pattern(word: str) -> re.Pattern[str]:
    return _ASCII_COMPOUND if word.isascii() else _COMPOUND


def closed_forms(compound: str) -> tuple[ClosedForm, ...]:
    """The closed forms of one compound; none of a long chain, of numbers alone or of an overlong word."""
    parts = compound.split("-")
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part) + 1)
    return tuple(
        ClosedForm(stem(folded), folded, starts[first], starts[end] - 1) for first, end, folded in _closed_words(parts)
    )


def _closed_words(parts: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The first part, the end and the folded word of each closed form."""
    n_parts = len(parts)
    if not 2 <= n_parts <= MAX_PARTS:
        return
    spans = [(0, n_parts)]
    if n_parts > 2:
        spans += [(n, n + 2) for n in range(n_parts - 1) if STOP_WORDS.isdisjoint(parts[n : n + 2])]
    for first, end in spans:
        folded = fold("".join(parts[first:end]))
        if is_closed_form(folded):
            yield first, end, folded


def is_closed_form(folded: str) -> bool:
    """Whether a word can be the closed form of a compound: letters and digits, and not digits alone."""
    return not is_unspaced(folded) and folded.isalnum() and not folded.isdigit() and 1 < len(folded) <= MAX_TOKEN_CHARS


def closed_pair(first: str, second: str) -> Token | None:
    """Two words of a query written as one: ``data set`` is also ``dataset``. None of stop words and other scripts."""
    words = [*query_tokens(first), *query_tokens(second)]
    if len(words) != 2 or any(word.is_stop_word or not word.folded.isalnum() for word in words):
        return None
    folded = words[0].folded + words[1].folded
    return Token(stem(folded), folded, folded, 0, len(folded)) if is_closed_form(folded) else None


def closed_stream(text: str) -> str:
    """The stems of the closed forms of a text's compounds, each once, joined by blanks."""
    stems = set[str]()
    for _, word in hyphenated(text):
        stems.update(_STEMS[word])
    return " ".join(stems)


def _closed_stems(word: str) -> tuple[str, ...]:
    """The stems of the closed forms of a stretch of text without blanks."""
    lowered = lower(word)
    compounds = _pattern(lowered).findall(lowered)
    return tuple(stem(folded) for compound in compounds for _, _, folded in _closed_words(compound.split("-")))


def _read_compounds(word: str) -> tuple[Compound, ...]:
    word = lower(word)
    matches = ((match.start(), closed_forms(match.group())) for match in _pattern(word).finditer(word))
    return tuple(Compound(start, forms) for start, forms in matches if forms)


_COMPOUNDS = RecentWords(_read_compounds, limit=_COMPOUND_LIMIT)
_STEMS = RecentWords(_closed_stems, limit=_STEM_LIMIT)


def closed_readings(text: str) -> Sequence[tuple[Token, ...]]:
    """The tokens of a query's word with parts of one compound closed: ``multi-task`` is also ``multitask``."""
    if "-" not in text and text.isascii():
        return ()
    return _readings(text)


@lru_cache(maxsize=_READINGS)
def _readings(text: str) -> tuple[tuple[Token, ...], ...]:
    tokens = query_tokens(text)
    readings = []
    for compound in find_compounds(text):
        for form in compound.forms:
            start, end = compound.start + form.start, compound.start + form.end
            closed = Token(form.stemmed, form.folded, form.folded, start, end)
            before = [token for token in tokens if token.end <= start]
            readings.append((*before, closed, *(token for token in tokens if token.start >= end)))
    return tuple(dict.fromkeys(readings))
