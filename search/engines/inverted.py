"""Evaluates clauses in plain Python over an inverted index, for engines without this kind of BM25.

An engine implements :class:`Postings`. Documents are numbered from 0. Start at :class:`Evaluation`.
"""

from __future__ import annotations

import heapq
import re
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from search.engines import clauses
from search.engines.bm25 import inverse_document_frequency, saturate
from search.engines.compiling import compile_query, is_scored
from search.engines.results import (
    EngineResult,
    Explanation,
    FacetCount,
    Hit,
    Request,
    Share,
    count_months,
    most_frequent_first,
)
from search.engines.streams import CLOSED_STREAMS, SET_STREAMS
from search.language.query import Node

Scores = dict[int, float]
# Documents to which the evaluation is restricted; None means all.
Among = Collection[int] | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Values of each document, by its number. ``newest`` and ``updated_rank`` are the sort keys of dates."""

    keys: Sequence[str]
    newest: Sequence[int]
    updated_rank: Sequence[int]
    numbers: Mapping[str, Sequence[int]]  # date, updated, year
    categories: Sequence[Sequence[str]]
    venues: Sequence[str]


class Postings(ABC):
    """An inverted index at one moment."""

    columns: Columns

    @abstractmethod
    def documents(self) -> Collection[int]:
        """Every document that is not deleted."""

    @abstractmethod
    def count_indexed(self) -> int:
        """N of the formula. It may include deleted documents, as the frequencies do."""

    @abstractmethod
    def document_frequency(self, stream: str, token: str) -> int: ...

    @abstractmethod
    def frequencies(self, stream: str, token: str, among: Among = None) -> Mapping[int, float]:
        """Document → occurrences. Documents outside ``among`` may be left out."""

    @abstractmethod
    def positions(self, stream: str, token: str, among: Among = None) -> Mapping[int, Sequence[int]]: ...

    @abstractmethod
    def lengths(self, stream: str) -> Sequence[int] | Mapping[int, int]:
        """The number of tokens of each document in the stream, as the engine stores it."""

    @abstractmethod
    def mean_length(self, stream: str) -> float: ...

    @abstractmethod
    def tokens(self, stream: str, prefix: str) -> Iterable[str]:
        """The stream's tokens that begin with a prefix."""

    def counted_tokens(self, stream: str, prefix: str, *, limit: int | None) -> list[tuple[str, int]]:
        """As :meth:`tokens` with the number of documents of each; at most ``limit``, the most frequent ones."""
        counted = [(token, self.document_frequency(stream, token)) for token in self.tokens(stream, prefix)]
        return counted if limit is None else heapq.nlargest(limit, counted, key=lambda item: item[1])

    def keys_with(self, stream: str, token: str, *, limit: int) -> list[str]:
        """Keys of at most ``limit`` documents that have a token in a stream."""
        present = self.documents()
        return [self.columns.keys[doc] for doc in self.frequencies(stream, token) if doc in present][:limit]


class Evaluation:
    """One query on one index. After the deadline, further clauses match nothing and the result is partial."""

    def __init__(self, postings: Postings, *, deadline: float) -> None:
        self.postings = postings
        self.deadline = deadline
        self.is_partial = False

    def search(self, root: Node, request: Request) -> EngineResult:
        clause = compile_query(root)
        scores = self.scores(clause)
        sort = request.sort if request.sort != "relevance" or is_scored(clause) else "newest"
        ordered = self._ordered(scores, sort)
        page = ordered[request.start : request.start + max(request.top_k, 0)]
        keys = self.postings.columns.keys
        hits = tuple(Hit(keys[doc], scores[doc] if sort == "relevance" else 0.0) for doc in page)
        if request.explain:
            hits = tuple(self._explain(clause, doc, hit) for doc, hit in zip(page, hits, strict=True))
        return EngineResult(
            hits=hits,
            total=len(ordered) if request.with_total else None,
            facets={name: self._count_facet(name, ordered) for name in request.facets},
            is_partial=self.is_partial,
        )

    def scores(self, clause: clauses.Clause, among: Among = None) -> Scores:
        """Document → score, for the documents ``among`` the given ones that match the clause."""
        if time.monotonic() > self.deadline:
            self.is_partial = True
            return {}
        match clause:
            case clauses.Bool():
                return self._bool(clause, among)
            case clauses.Constant(child, weight):
                return dict.fromkeys(self.scores(child, among), weight)
            case clauses.TokenMatch(stream, token, weight):
                frequencies = self.postings.frequencies(stream, token, among)
                if stream in SET_STREAMS:  # these record presence only
                    frequencies = dict.fromkeys(frequencies, 1.0)
                return self._bm25(stream, frequencies, self._idf(stream, token) * weight)
            case clauses.PhraseMatch(stream, tokens, weight):
                idf = sum(self._idf(stream, token) for _, token in tokens)
                return self._bm25(stream, self._count_phrases(stream, tokens, among), idf * weight)
            case clauses.PrefixMatch(stream, prefix, weight):
                return self._any_token(stream, self.postings.tokens(stream, prefix), weight, among)
            case clauses.FuzzyMatch(stream, token, distance, weight):
                similar = (t for t in self.postings.tokens(stream, "") if OSA.distance(token, t) <= distance)
                return self._any_token(stream, similar, weight, among)
            case clauses.NameMatch(prefix, pattern):
                matches = re.compile(pattern or f"{re.escape(prefix)}.*").fullmatch
                readings = (token for token in self.postings.tokens("author_exact", prefix) if matches(token))
                return self._any_token("author_exact", readings, 0.0, among)
            case clauses.Marks(values, prefix):
                marks = [*values, *(self.postings.tokens("marks", prefix) if prefix else ())]
                return self._any_token("marks", marks, 0.0, among)
            case _:
                return dict.fromkeys(self._filter(clause, among), 0.0)

    def _bool(self, clause: clauses.Bool, among: Among) -> Scores:
        """Evaluate ``must`` from the rarest clause to the most frequent, each among the documents that are left."""
        scores: Scores = {}
        if clause.must:
            for child in sorted(clause.must, key=self._size):
                part = self.scores(child, among)
                scores = {doc: scores.get(doc, 0.0) + part[doc] for doc in part if among is None or doc in among}
                among = scores
            for child in clause.should:
                for doc, score in self.scores(child, among).items():
                    if doc in scores:
                        scores[doc] += score
        else:
            for child in clause.should:
                for doc, score in self.scores(child, among).items():
                    scores[doc] = scores.get(doc, 0.0) + score
        for child in clause.must_not:
            for doc in self.scores(child, scores):
                scores.pop(doc, None)
        return scores

    def _size(self, clause: clauses.Clause) -> float:
        """A rough number of documents that match a clause, to start with the rarest."""
        match clause:
            case clauses.TokenMatch(stream, token):
                return self.postings.document_frequency(stream, token)
            case clauses.PhraseMatch(stream, tokens):
                return min(self.postings.document_frequency(stream, token) for _, token in tokens)
            case clauses.Bool(must, should):
                return min(map(self._size, must)) if must else sum(map(self._size, should))
            case clauses.Constant(child):
                return self._size(child)
            case clauses.NameMatch() | clauses.FuzzyMatch() | clauses.PrefixMatch():
                return 1_000.0
            case clauses.KeyIn(keys):
                return len(keys)
            case clauses.Nothing():
                return 0.0
            case _:
                return float(self.postings.count_indexed())

    def _filter(self, clause: clauses.Clause, among: Among) -> Iterable[int]:
        documents = self.postings.documents() if among is None else among
        match clause:
            case clauses.KeyIn(keys):
                return [doc for doc in documents if self.postings.columns.keys[doc] in keys]
            case clauses.NumberIn(field, low, high):
                numbers = self.postings.columns.numbers[field]
                return [doc for doc in documents if low <= numbers[doc] <= high]
            case clauses.All():
                return documents
            case _:
                return ()

    def _idf(self, stream: str, token: str) -> float:
        frequency = self.postings.document_frequency(stream, token)
        if stream in CLOSED_STREAMS:
            frequency = max(frequency, self.postings.document_frequency(CLOSED_STREAMS[stream], token))
        return inverse_document_frequency(self.postings.count_indexed(), frequency)

    def _bm25(self, stream: str, frequencies: Mapping[int, float], factor: float) -> Scores:
        lengths, mean = self.postings.lengths(stream), self.postings.mean_length(stream)
        return {doc: factor * saturate(frequency, lengths[doc], mean) for doc, frequency in frequencies.items()}

    def _count_phrases(self, stream: str, tokens: tuple[tuple[int, str], ...], among: Among) -> dict[int, float]:
        """Document → number of occurrences of a phrase. The rarest token is evaluated first."""
        rarest_first = sorted(tokens, key=lambda item: self.postings.document_frequency(stream, item[1]))
        starts: dict[int, set[int]] = {}
        for number, (offset, token) in enumerate(rarest_first):
            positions = self.postings.positions(stream, token, among)
            possible = {doc: {position - offset for position in places} for doc, places in positions.items()}
            if number:
                possible = {doc: starts[doc] & places for doc, places in possible.items() if doc in starts}
            starts = {doc: places for doc, places in possible.items() if places}
            among = starts
        return {doc: float(len(places)) for doc, places in starts.items()}

    def _any_token(self, stream: str, tokens: Iterable[str], weight: float, among: Among) -> Scores:
        return {doc: weight for token in tokens for doc in self.postings.frequencies(stream, token, among)}

    def _ordered(self, scores: Scores, sort: str) -> list[int]:
        columns = self.postings.columns
        newest = columns.newest
        if sort == "relevance":
            return sorted(scores, key=lambda doc: (-scores[doc], -newest[doc]))
        ranks = columns.updated_rank if sort == "updated" else newest
        return sorted(scores, key=ranks.__getitem__, reverse=sort != "oldest")

    def _count_facet(self, name: str, documents: Iterable[int]) -> tuple[FacetCount, ...]:
        columns = self.postings.columns
        if name == "month":
            return count_months(Counter(columns.numbers["date"][doc] for doc in documents).items())
        values_of: dict[str, Callable[[int], Iterable[str]]] = {
            "category": lambda doc: columns.categories[doc],
            "venue": lambda doc: (columns.venues[doc],),
            "year": lambda doc: (str(columns.numbers["year"][doc] or ""),),
        }
        counts = Counter(value for doc in documents for value in values_of[name](doc) if value)
        return most_frequent_first(counts.items())

    def _explain(self, clause: clauses.Clause, doc: int, hit: Hit) -> Hit:
        scored = ((leaf, self.scores(leaf, {doc}).get(doc)) for leaf in clauses.scored_leaves(clause))
        shares = [Share(leaf.stream, clauses.leaf_text(leaf), score) for leaf, score in scored if score is not None]
        return Hit(hit.key, hit.score, Explanation(bm25_score=hit.score, shares=tuple(shares)))
