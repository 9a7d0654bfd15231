"""Translates clauses to the server's query language, one to one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from search.engines import clauses
from search.engines.bm25 import inverse_document_frequency
from search.engines.compiling import is_scored
from search.engines.opensearch.mapping import GAP
from search.engines.streams import CLOSED_STREAMS

Query = dict[str, Any]
# (stream, token) → number of documents with the token
Frequency = Callable[[str, str], int]

# Values of one terms query; the server takes 65,536 by default.
MAX_TERMS = 50_000
_SYNTAX = re.compile(r"([^\w\s]|_)", re.ASCII)


class Translator:
    """``frequency`` and ``n_documents`` limit the idf of closed forms; see :func:`limited_tokens`."""

    def __init__(self, frequency: Frequency, n_documents: int) -> None:
        self.frequency = frequency
        self.n_documents = n_documents

    def translate(self, clause: clauses.Clause) -> Query:
        match clause:
            case clauses.Bool():
                return self._bool(clause)
            case clauses.TokenMatch(stream, token, weight):
                return {"term": {stream: {"value": token, "boost": weight * self._idf_share(stream, token)}}}
            case clauses.PhraseMatch(stream, tokens, weight):
                return {"match_phrase": {stream: {"query": phrase_text(tokens), "boost": weight}}}
            case clauses.PrefixMatch(stream, prefix, weight):
                return {"prefix": {stream: {"value": prefix, "boost": weight}}}
            case clauses.FuzzyMatch(stream, token, distance, weight):
                options = {"fuzziness": distance, "transpositions": True, "rewrite": "constant_score"}
                return {"fuzzy": {stream: {"value": token, "boost": weight, **options}}}
            case clauses.Constant(child, weight):
                return {"constant_score": {"filter": self.translate(child), "boost": weight}}
            case _:
                return {"constant_score": {"filter": _filter(clause), "boost": 0.0}}

    def _bool(self, clause: clauses.Bool) -> Query:
        if not clause.must and not clause.should:
            return {"match_none": {}}
        parts = {
            "must": [self.translate(child) for child in clause.must if is_scored(child)],
            "filter": [self._unscored(child) for child in clause.must if not is_scored(child)],
            "should": [self.translate(child) for child in clause.should],
            "must_not": [self._unscored(child) for child in clause.must_not],
        }
        given: Query = {name: queries for name, queries in parts.items() if queries}
        if not clause.must:
            given["minimum_should_match"] = 1
        return {"bool": given}

    def _unscored(self, clause: clauses.Clause) -> Query:
        """A clause of which only the documents count."""
        if isinstance(clause, clauses.Bool | clauses.Constant) or is_scored(clause):
            return self.translate(clause)
        return _filter(clause)

    def _idf_share(self, stream: str, token: str) -> float:
        """The factor that lowers the idf of a token in a stream of closed forms to its idf in the main stream."""
        if stream not in CLOSED_STREAMS:
            return 1.0
        own, other = self.frequency(stream, token), self.frequency(CLOSED_STREAMS[stream], token)
        if not 0 < own < other:
            return 1.0
        n_documents = max(self.n_documents, other)
        return inverse_document_frequency(n_documents, other) / inverse_document_frequency(n_documents, own)


def limited_tokens(clause: clauses.Clause) -> Iterator[tuple[str, str]]:
    """The streams and tokens whose frequencies :class:`Translator` asks for."""
    match clause:
        case clauses.Bool(must, should, must_not):
            for child in (*must, *should, *must_not):
                yield from limited_tokens(child)
        case clauses.Constant(child):
            yield from limited_tokens(child)
        case clauses.TokenMatch(stream, token) if stream in CLOSED_STREAMS:
            yield stream, token
            yield CLOSED_STREAMS[stream], token


def phrase_text(tokens: Sequence[tuple[int, str]]) -> str:
    """The tokens of a phrase joined by blanks, with a mark for each position between them that any token may have."""
    words: list[str] = []
    for offset, token in tokens:
        words.extend([GAP] * (offset - len(words)))
        words.append(token)
    return " ".join(words)


def escape_pattern(text: str) -> str:
    """A text as a regular expression of the server that matches only it."""
    return _SYNTAX.sub(r"\\\1", text)


def _filter(clause: clauses.Clause) -> Query:
    match clause:
        case clauses.NameMatch(prefix, pattern):
            if pattern:
                # Quotes have a meaning in the server's patterns only.
                return {"regexp": {"author_exact": {"value": pattern.replace('"', '\\"'), "flags": "NONE"}}}
            return {"prefix": {"author_exact": {"value": prefix}}}
        case clauses.Marks(values, prefix):
            return _any([*_terms("marks", values), *([{"prefix": {"marks": {"value": prefix}}}] if prefix else [])])
        case clauses.KeyIn(keys):
            return _any(list(_terms("key", keys)))
        case clauses.NumberIn(field, low, high):
            return {"range": {field: {"gte": low, "lte": high}}}
        case clauses.All():
            return {"match_all": {}}
        case _:
            return {"match_none": {}}


def _terms(field: str, values: Iterable[str]) -> Iterator[Query]:
    rest = iter(sorted(values))
    while batch := list(islice(rest, MAX_TERMS)):
        yield {"terms": {field: batch}}


def _any(queries: list[Query]) -> Query:
    if not queries:
        return {"match_none": {}}
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}
