"""Where a text shows what a query asks for: the spans to highlight. Pure; HTML is made in ``search.display.highlight``.

Start at :func:`make_matcher`. A word is shown wherever the analysis makes the same token of it, so ``training``
shows ``trained`` and ``Schrodinger`` shows ``Schrödinger``, just as the engines find them. Stop words and
single letters are shown only as a part of a phrase or of a word such as ``k-means``, unless nothing else is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from rapidfuzz.distance import OSA

from search.language.query import Author, Fuzzy, Node, Phrase, Prefix, Term, wanted_text
from search.text.analysis import Token, lower, query_tokens, stem_pieces, tokenize
from search.text.compounds import ClosedForm, closed_readings, find_compounds
from search.text.scripts import first_cluster

# Runs of characters between those that no token holds: each is analysed once and then looked up.
_BETWEEN = '!"$%&()*,-./:;<=>?@[]^_`{|}~'
_RUN = re.compile(rf"[^\s{re.escape(_BETWEEN)}]+")
_BLANKS = str.maketrans(dict.fromkeys(_BETWEEN, " "))
_RUN_CACHE = 100_000


class Span(NamedTuple):
    """Characters ``start`` to ``end`` of a text; ``word`` is which of the wanted words is shown there."""

    start: int
    end: int
    word: int


@dataclass(slots=True)
class Matcher:
    """What to show in one field. Words are numbered in the order asked, so that a snippet can count different ones."""

    words: dict[str, int] = field(default_factory=dict)  # stemmed token → number
    characters: dict[str, int] = field(default_factory=dict)  # single ones of scripts without blanks
    beginnings: list[tuple[str, int]] = field(default_factory=list)
    near: list[tuple[str, int, int]] = field(default_factory=list)  # folded word, edits, number
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = field(default_factory=dict)  # by their first token
    _shown: dict[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)  # run → start, end, number
    _stemmed: set[str] = field(default_factory=set)  # runs met so far with the stem of a word
    _n_seen: int = -1  # how many runs had been met then

    def __bool__(self) -> bool:
        return bool(self.words or self.characters or self.beginnings or self.near or self.phrases)

    def find(self, text: str) -> list[Span]:
        """The spans in order; they do not overlap, but may touch."""
        lowered = lower(text)
        # The same runs; to translate and split is three times as fast, but only for ASCII.
        runs = set(lowered.translate(_BLANKS).split() if lowered.isascii() else _RUN.findall(lowered))
        spans = self._word_spans(lowered, runs)
        if self.phrases:
            spans.extend(self._phrase_spans(lowered, runs))
        if self.words or self.beginnings:
            spans.extend(self._compound_spans(lowered))
        return _merged(sorted(spans))

    def _word_spans(self, lowered: str, runs: set[str]) -> list[Span]:
        """The single words shown. What a run shows is worked out once a query; most runs show nothing."""
        return [
            Span(place + start, place + end, number)
            for run in self._telling(runs)
            for place in _places(lowered, run)
            for start, end, number in self._shown[run]
        ]

    def _compound_spans(self, lowered: str) -> Iterator[Span]:
        """The hyphenated compounds whose closed form is wanted: ``multi-task`` where ``multitask`` is asked for."""
        for compound in find_compounds(lowered):
            for form in compound.forms:
                number = self._judge_closed(form)
                if number >= 0:
                    yield Span(compound.start + form.start, compound.start + form.end, number)

    def _judge_closed(self, form: ClosedForm) -> int:
        if form.stemmed in self.words:
            return self.words[form.stemmed]
        return next((number for beginning, number in self.beginnings if form.stemmed.startswith(beginning)), -1)

    def _telling(self, runs: set[str]) -> list[str]:
        """The runs that show something."""
        shown = self._shown
        candidates = self._candidates(runs)
        for run in candidates:
            if run not in shown:
                shown[run] = tuple(self._judged(run))
        return [run for run in candidates if shown[run]]

    def _candidates(self, runs: set[str]) -> set[str]:
        """The runs that may show something: by their stems, their beginnings, or because only a look can say."""
        if self.characters or self.near:
            return runs
        seen = _see(runs)
        if len(seen.runs) != self._n_seen:
            self._n_seen = len(seen.runs)
            self._stemmed = {run for word in self.words for run in seen.by_stem.get(word, ())}
        candidates = (runs & self._stemmed) | (runs & seen.odd.keys())
        if self.beginnings:
            starts = tuple(beginning for beginning, _number in self.beginnings)
            candidates.update(run for run in runs if run.startswith(starts))
        return candidates

    def _judged(self, run: str) -> Iterator[tuple[int, int, int]]:
        for token in _analysed(run):
            number = self._judge(token)
            if number >= 0:
                yield token.start, self._end(token), number

    def _end(self, token: Token) -> int:
        """One character asked for is found in a pair, but is only its first half."""
        is_half = token.is_unspaced and token.text not in self.words and first_cluster(token.text) in self.characters
        return min(token.start + len(first_cluster(token.text)), token.end) if is_half else token.end

    def _judge(self, token: Token) -> int:
        if token.text in self.words:
            return self.words[token.text]
        if token.is_unspaced and (first := first_cluster(token.text)) in self.characters:
            return self.characters[first]
        for beginning, number in self.beginnings:
            if token.folded.startswith(beginning):
                return number
        for word, edits, number in self.near:
            if OSA.distance(word, token.folded, score_cutoff=edits) <= edits:
                return number
        return -1

    def _phrase_spans(self, lowered: str, runs: set[str]) -> Iterator[Span]:
        """The phrases shown: looked for from each place where the first word of one stands."""
        seen = _see(runs)
        odd = {run: seen.odd[run] for run in runs & seen.odd.keys()}
        holders = {stem: runs.intersection(seen.by_stem.get(stem, ())) for stem in self._phrase_words()}
        for run, stems in odd.items():
            for stem in stems:
                holders.setdefault(stem, set()).add(run)
        wanted = [
            phrase
            for phrases in self.phrases.values()
            for phrase in phrases
            if all(holders[stem] for stem in phrase[0])
        ]
        for run in {run for texts, _number in wanted for run in holders[texts[0]]}:
            for place in _places(lowered, run):
                yield from self._phrases_from(lowered, place, wanted)

    def _phrase_words(self) -> set[str]:
        return {stem for phrases in self.phrases.values() for texts, _number in phrases for stem in texts}

    def _phrases_from(self, lowered: str, place: int, wanted: Sequence[tuple[tuple[str, ...], int]]) -> Iterator[Span]:
        """The wanted phrases that begin in the run at ``place``."""
        n_first = len(_analysed(next(_RUN.finditer(lowered, place)).group()))
        n_tokens = n_first + max(len(texts) for texts, _number in wanted)
        tokens = ((run.start(), token) for run in _RUN.finditer(lowered, place) for token in _analysed(run.group()))
        placed = list(islice(tokens, n_tokens))
        for first in range(n_first):
            for texts, number in wanted:
                row = placed[first : first + len(texts)]
                if tuple(token.text for _start, token in row) == texts:
                    (start, token), (last_start, last) = row[0], row[-1]
                    begin, end = start + token.start, last_start + last.end
                    inside = lowered[begin:end]
                    is_open = lowered[end : end + 1] == ")" and "(" in inside and ")" not in inside
                    yield Span(begin, end + is_open, number)  # X(3872) with its last parenthesis


@dataclass(frozen=True, slots=True)
class _Seen:
    """Runs met in texts so far, by their stem; ``odd`` are those of several tokens or none, with what they hold."""

    runs: set[str] = field(default_factory=set)
    by_stem: dict[str, list[str]] = field(default_factory=dict)
    odd: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, runs: set[str]) -> None:
        for run, stems in zip(runs, stem_pieces(runs), strict=True):
            if run.isascii() and run.isalnum():
                self.by_stem.setdefault(stems, []).append(run)
            else:
                self.odd[run] = stems.split()
        self.runs.update(runs)


class _Memory:
    """The runs met by this process."""

    seen = _Seen()


def _see(runs: set[str]) -> _Seen:
    """What is known of these runs; those met for the first time are learned."""
    if len(_Memory.seen.runs) > _RUN_CACHE:  # begun anew rather than emptied: another thread may be reading it
        _Memory.seen = _Seen()
    seen = _Memory.seen
    if new := runs - seen.runs:
        seen.learn(new)
    return seen


def _places(text: str, run: str) -> list[int]:
    """Where a run stands in a text, whole."""
    places = []
    place = text.find(run)
    while place >= 0:
        end = place + len(run)
        if (not place or _is_between(text[place - 1])) and (end == len(text) or _is_between(text[end])):
            places.append(place)
        place = text.find(run, end)
    return places


def _is_between(char: str) -> bool:
    return char == " " or char in _BETWEEN or char.isspace()


def make_matcher(root: Node, field_name: str) -> Matcher:
    """What a query's tree wants to see in a field ("title", "abstract")."""
    matcher = Matcher()
    leaves = [leaf for leaf in wanted_text(root) if not isinstance(leaf, Author) and leaf.field in (None, field_name)]
    has_content = any(_is_telling(token) for leaf in leaves for token in query_tokens(leaf.text))
    for number, leaf in enumerate(leaves):
        _add(matcher, leaf, number, keep_all=not has_content)
    return matcher


def _add(matcher: Matcher, leaf: Term | Phrase | Prefix | Fuzzy, number: int, *, keep_all: bool) -> None:
    tokens = query_tokens(leaf.text)
    if not tokens:
        return
    if len(tokens) > 1 and not isinstance(leaf, Prefix | Fuzzy):
        texts = tuple(token.text for token in tokens)
        matcher.phrases.setdefault(texts[0], []).append((texts, number))
        if isinstance(leaf, Phrase):
            return
    whole = tokens
    if isinstance(leaf, Prefix):
        whole = tokens[:-1]
        matcher.beginnings.append((tokens[-1].folded, number))
    elif isinstance(leaf, Fuzzy):
        matcher.near.extend((token.folded, leaf.distance, number) for token in tokens)
    elif len(tokens) == 1 and tokens[0].is_half:
        matcher.characters.setdefault(tokens[0].text, number)
        return
    for token in whole:
        if keep_all or _is_telling(token):
            matcher.words.setdefault(token.text, number)
    for reading in () if isinstance(leaf, Fuzzy) else closed_readings(leaf.text):
        _add_reading(matcher, reading, number, is_prefix=isinstance(leaf, Prefix))


def _add_reading(matcher: Matcher, reading: Sequence[Token], number: int, *, is_prefix: bool) -> None:
    """Add a word of a query with a compound of it closed: ``multitask`` is shown where ``multi-task`` is asked for."""
    if is_prefix:
        *reading, last = reading
        matcher.beginnings.append((last.folded, number))
    for token in reading:
        if _is_telling(token):
            matcher.words.setdefault(token.text, number)


def _is_telling(token: Token) -> bool:
    return not token.is_stop_word and (len(token.text) > 1 or token.is_unspaced)


@lru_cache(maxsize=_RUN_CACHE)
def _analysed(run: str) -> tuple[Token, ...]:
    return tuple(tokenize(run))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order of their start, overlapping ones as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
