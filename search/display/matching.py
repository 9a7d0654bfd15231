"""The spans of a text that match a query, to be highlighted. Pure. ``search.display.highlight`` makes the HTML.

Start at :func:`make_matcher`. A word matches wherever analysis yields the same token, as in the engines: ``training``
matches ``trained``, ``Schrodinger`` matches ``Schrödinger``. Stop words and single letters match only inside a phrase
or a word such as ``k-means``, unless the query has nothing else.

A *run* is a stretch of characters between separators. Each run is analysed once per process and cached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from rapidfuzz.distance import OSA

from search.language.query import Author, Fuzzy, Node, Phrase, Prefix, Term, conjuncts, only_pair, positive_leaves
from search.text.analysis import Token, lower, query_tokens, stem_pieces, tokenize
from search.text.compounds import ClosedForm, closed_pair, closed_readings, compounds_of, hyphenated
from search.text.recent import RecentWords
from search.text.scripts import first_cluster

# Separators: characters that no token contains.
_SEPARATORS = '!"$%&()*,-./:;<=>?@[]^_`{|}~'
_RUN = re.compile(rf"[^\s{re.escape(_SEPARATORS)}]+")
_ASCII_SEPARATORS = (_SEPARATORS + "\t\n\v\f\r\x1c\x1d\x1e\x1f").encode()
_BLANKS = bytes.maketrans(_ASCII_SEPARATORS, b" " * len(_ASCII_SEPARATORS))  # bytes: six times as fast as text
# Characters of the cached runs, each of which takes 40 bytes, and 80 in runs of Chinese; 98,000 papers have a million.
# When there are so many, the cache begins anew, with stems that the analysis keeps.
_MAX_CHARS = 262_144
_ANALYSED = 8_192  # cached tokens of runs that match, some 600 bytes each


class Span(NamedTuple):
    """Characters ``start`` to ``end`` of a text match the query's word number ``word``."""

    start: int
    end: int
    word: int


@dataclass(slots=True)
class Matcher:
    """What to match in one field. The leaves of the query are numbered, so that a snippet can count different ones."""

    words: dict[str, int] = field(default_factory=dict)  # stemmed token → number
    characters: dict[str, int] = field(default_factory=dict)  # single characters of scripts without spaces
    prefixes: list[tuple[str, int]] = field(default_factory=list)
    fuzzy: list[tuple[str, int, int]] = field(default_factory=list)  # folded word, edits, number
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = field(default_factory=dict)  # by their first token
    _matches: dict[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)  # run → start, end, number
    _stemmed: set[str] = field(default_factory=set)  # cached runs with the stem of a word
    _seen: tuple[object, int] = (None, -1)  # the cache that _stemmed was computed from, and how many runs it had
    _compounds: dict[str, tuple[Span, ...]] = field(default_factory=dict)  # stretch → spans from its beginning
    _phrase_words: set[str] = field(default_factory=set)  # the stems of all phrases, once one is looked for
    _last: tuple[str, list[Span]] = ("", [])  # a snippet needs the spans that were marked just before

    def __bool__(self) -> bool:
        return bool(self.words or self.characters or self.prefixes or self.fuzzy or self.phrases)

    def find(self, text: str) -> list[Span]:
        """The matching spans in order; they do not overlap, but may touch."""
        last_text, spans = self._last
        if last_text != text:
            spans = self._find(text)
            self._last = text, spans
        return spans

    def _find(self, text: str) -> list[Span]:
        lowered = lower(text)
        # Both expressions yield the same runs; translate and split is three times as fast, but needs ASCII.
        blanked = f" {lowered.encode().translate(_BLANKS).decode()} " if lowered.isascii() else ""
        runs = set(blanked.split() if blanked else _RUN.findall(lowered))
        spans = self._word_spans(lowered, blanked, runs)
        if self.phrases:
            spans.extend(self._phrase_spans(lowered, runs))
        if self.words or self.prefixes:
            spans.extend(self._compound_spans(lowered))
        return _merge(sorted(spans))

    def _word_spans(self, lowered: str, blanked: str, runs: set[str]) -> list[Span]:
        """The spans of single words. Each run is matched once per query; most runs match nothing.

        ``blanked`` is the text between blanks, with a blank for each separator; "" if the text is not in ASCII.
        """
        return [
            Span(position + start, position + end, number)
            for run in self._matching_runs(runs)
            for position in (_positions_between_blanks(blanked, run) if blanked else _positions_of(lowered, run))
            for start, end, number in self._matches[run]
        ]

    def _compound_spans(self, lowered: str) -> Iterator[Span]:
        """Hyphenated compounds whose closed form matches: ``multi-task`` for ``multitask``."""
        for position, stretch in hyphenated(lowered):
            spans = self._compounds.get(stretch)
            if spans is None:
                spans = self._compounds[stretch] = tuple(self._closed_forms_in(stretch))
            for start, end, number in spans:
                yield Span(position + start, position + end, number)

    def _closed_forms_in(self, stretch: str) -> Iterator[Span]:
        for compound in compounds_of(stretch):
            for form in compound.forms:
                number = self._matched_closed_form(form)
                if number >= 0:
                    yield Span(compound.start + form.start, compound.start + form.end, number)

    def _matched_closed_form(self, form: ClosedForm) -> int:
        if form.stemmed in self.words:
            return self.words[form.stemmed]
        return next((number for prefix, number in self.prefixes if form.stemmed.startswith(prefix)), -1)

    def _matching_runs(self, runs: set[str]) -> list[str]:
        matches = self._matches
        candidates = self._candidates(runs)
        for run in candidates:
            if run not in matches:
                matches[run] = tuple(self._matches_in(run))
        return [run for run in candidates if matches[run]]

    def _candidates(self, runs: set[str]) -> set[str]:
        """The runs that may match: by their stem, by their prefix, or because they are not a single plain word."""
        if self.characters or self.fuzzy:
            return runs
        cached = _cached_stems(runs)
        if self._seen != (cached, len(cached.runs)):
            self._seen = cached, len(cached.runs)
            self._stemmed = {run for word in self.words for run in cached.by_stem.get(word, ())}
        candidates = (runs & self._stemmed) | (runs & cached.compound.keys())
        if self.prefixes:
            prefixes = tuple(prefix for prefix, _number in self.prefixes)
            candidates.update(run for run in runs if run.startswith(prefixes))
        return candidates

    def _matches_in(self, run: str) -> Iterator[tuple[int, int, int]]:
        for token in _analyse(run):
            number = self._matched_leaf(token)
            if number >= 0:
                yield token.start, self._end(token), number

    def _end(self, token: Token) -> int:
        """The end of the match: a single character in the query matches only the first half of a pair."""
        is_half = token.is_unspaced and token.text not in self.words and first_cluster(token.text) in self.characters
        return min(token.start + len(first_cluster(token.text)), token.end) if is_half else token.end

    def _matched_leaf(self, token: Token) -> int:
        """The number of the leaf that a token matches; −1 for none."""
        if token.text in self.words:
            return self.words[token.text]
        if token.is_unspaced and (first := first_cluster(token.text)) in self.characters:
            return self.characters[first]
        for prefix, number in self.prefixes:
            if token.folded.startswith(prefix):
                return number
        for word, edits, number in self.fuzzy:
            if OSA.distance(word, token.folded, score_cutoff=edits) <= edits:
                return number
        return -1

    def _phrase_spans(self, lowered: str, runs: set[str]) -> Iterator[Span]:
        """The spans of phrases, tried at every occurrence of the first word of one."""
        cached = _cached_stems(runs)
        if not self._phrase_words:
            self._phrase_words.update(*(texts for phrases in self.phrases.values() for texts, _number in phrases))
        runs_with = {stem: runs.intersection(cached.by_stem.get(stem, ())) for stem in self._phrase_words}
        for run in runs & cached.compound.keys():
            for stem in cached.compound[run]:
                if stem in runs_with:
                    runs_with[stem].add(run)
        possible = [
            phrase
            for phrases in self.phrases.values()
            for phrase in phrases
            if all(runs_with[stem] for stem in phrase[0])
        ]
        for run in {run for texts, _number in possible for run in runs_with[texts[0]]}:
            for position in _positions_of(lowered, run):
                yield from self._phrases_from(lowered, position, possible)

    def _phrases_from(
        self, lowered: str, position: int, phrases: Sequence[tuple[tuple[str, ...], int]]
    ) -> Iterator[Span]:
        """The phrases that begin in the run at ``position``."""
        n_first = len(_analyse(next(_RUN.finditer(lowered, position)).group()))
        n_tokens = n_first + max(len(texts) for texts, _number in phrases)
        tokens = ((run.start(), token) for run in _RUN.finditer(lowered, position) for token in _analyse(run.group()))
        following = list(islice(tokens, n_tokens))
        for first in range(n_first):
            for texts, number in phrases:
                window = following[first : first + len(texts)]
                if tuple(token.text for _start, token in window) == texts:
                    (start, token), (last_start, last) = window[0], window[-1]
                    begin, end = start + token.start, last_start + last.end
                    inside = lowered[begin:end]
                    is_open = lowered[end : end + 1] == ")" and "(" in inside and ")" not in inside
                    yield Span(begin, end + is_open, number)  # include the closing parenthesis of X(3872)


@dataclass(slots=True, eq=False)
class _StemCache:
    """Analysed runs by their stem. ``compound`` maps runs of several tokens, or of none, to the stems of these."""

    n_chars: int = 0  # of the runs
    runs: set[str] = field(default_factory=set)
    by_stem: dict[str, list[str]] = field(default_factory=dict)
    compound: dict[str, list[str]] = field(default_factory=dict)

    def add(self, runs: set[str]) -> None:
        for run, stems in zip(runs, stem_pieces(runs), strict=True):
            if run.isascii() and run.isalnum():
                self.by_stem.setdefault(stems, []).append(run)
            else:
                self.compound[run] = stems.split()
        self.runs.update(runs)
        self.n_chars += sum(map(len, runs))


class _Process:
    """The cache of this process."""

    stems = _StemCache()


def _cached_stems(runs: set[str]) -> _StemCache:
    """The cache, with these runs in it."""
    if _Process.stems.n_chars > _MAX_CHARS:  # replaced instead of cleared: another thread may be reading it
        _Process.stems = _StemCache()
    cached = _Process.stems
    if new := runs - cached.runs:
        cached.add(new)
    return cached


def _positions_between_blanks(blanked: str, run: str) -> list[int]:
    """Where a run stands between blanks, counted after the first blank."""
    positions = []
    needle = f" {run} "
    step = len(needle) - 1  # the blank after a run may be the one before the next
    position = blanked.find(needle)
    while position >= 0:
        positions.append(position)
        position = blanked.find(needle, position + step)
    return positions


def _positions_of(text: str, run: str) -> list[int]:
    """Where a run occurs in a text as a whole run."""
    positions = []
    position = text.find(run)
    while position >= 0:
        end = position + len(run)
        if (not position or _is_separator(text[position - 1])) and (end == len(text) or _is_separator(text[end])):
            positions.append(position)
        position = text.find(run, end)
    return positions


def _is_separator(char: str) -> bool:
    return char == " " or char in _SEPARATORS or char.isspace()


def make_matcher(root: Node, field_name: str) -> Matcher:
    """The matcher of a query's tree for a field ("title", "abstract")."""
    matcher = Matcher()
    leaves = [
        leaf for leaf in positive_leaves(root) if not isinstance(leaf, Author) and leaf.field in (None, field_name)
    ]
    has_content = any(_has_content(token) for leaf in leaves for token in query_tokens(leaf.text))
    for number, leaf in enumerate(leaves):
        _add(matcher, leaf, number, keep_all=not has_content)
    pair = only_pair(conjuncts(root))
    closed = closed_pair(pair[0].text, pair[1].text) if pair and pair[0].field in (None, field_name) else None
    if closed is not None:
        matcher.words.setdefault(closed.text, 0)
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
    words = tokens
    if isinstance(leaf, Prefix):
        words = tokens[:-1]
        matcher.prefixes.append((tokens[-1].folded, number))
    elif isinstance(leaf, Fuzzy):
        matcher.fuzzy.extend((token.folded, leaf.distance, number) for token in tokens)
    elif len(tokens) == 1 and tokens[0].is_half:
        matcher.characters.setdefault(tokens[0].text, number)
        return
    for token in words:
        if keep_all or _has_content(token):
            matcher.words.setdefault(token.text, number)
    for reading in () if isinstance(leaf, Fuzzy) else closed_readings(leaf.text):
        _add_reading(matcher, reading, number, is_prefix=isinstance(leaf, Prefix))


def _add_reading(matcher: Matcher, reading: Sequence[Token], number: int, *, is_prefix: bool) -> None:
    """Add a word of a query with a compound of it closed: a query for ``multi-task`` also highlights ``multitask``."""
    if is_prefix:
        *reading, last = reading
        matcher.prefixes.append((last.folded, number))
    for token in reading:
        if _has_content(token):
            matcher.words.setdefault(token.text, number)


def _has_content(token: Token) -> bool:
    return not token.is_stop_word and (len(token.text) > 1 or token.is_unspaced)


def _analyse(run: str) -> tuple[Token, ...]:
    return _TOKENS[run]


_TOKENS = RecentWords(lambda run: tuple(tokenize(run)), limit=_ANALYSED)


def _merge(spans: Iterable[Span]) -> list[Span]:
    """Spans sorted by start, with overlapping ones merged."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
