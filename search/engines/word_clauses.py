"""Clauses of words, phrases, prefixes and names: where each token is looked up, and what a match scores. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from search.engines.clauses import (
    Bool,
    Clause,
    FuzzyMatch,
    NameMatch,
    Nothing,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
)
from search.engines.streams import ABSTRACT, AUTHOR, NAMED_FIELDS, TITLE, IndexedField
from search.language.guards import check_prefix
from search.text.analysis import Token, query_tokens
from search.text.compounds import closed_readings, is_closed_form
from search.text.names import name_pattern

# Weight of a phrase that is a bonus, as a share of the field's weight: enough to rank adjacent words above scattered
# ones, but not above a paper about the words.
ADJACENT_SHARE = 0.5
# Fields where adjacent tokens of a word score higher. The other texts are short, and adjacency hardly differs there.
_ADJACENT_FIELDS = (TITLE, ABSTRACT, AUTHOR, *NAMED_FIELDS.values())
# Weight of the closed form of a hyphenated word, relative to the word as typed.
CLOSED_SHARE = 0.3
Lookup = tuple[str, str, float]  # stream, token, weight


class Alternatives:
    """Clauses of which at least one must match, as one flat list, which engines evaluate fast.

    The weights of equal tokens are summed.
    """

    def __init__(self, clauses: Iterable[Clause] = ()) -> None:
        self._weights: dict[tuple[str, str], float] = {}  # (stream, token) → weight
        self._others: list[Clause] = []
        self.add(clauses)

    def add(self, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            if isinstance(clause, TokenMatch):
                self.add_lookups([(clause.stream, clause.token, clause.weight)])
            elif isinstance(clause, Bool) and not clause.must and not clause.must_not:
                self.add(clause.should)
            elif not isinstance(clause, Nothing):
                self._others.append(clause)

    def add_lookups(self, lookups: Iterable[Lookup]) -> None:
        for stream, token, weight in lookups:
            self._weights[stream, token] = self._weights.get((stream, token), 0.0) + weight

    def clause(self) -> Clause:
        tokens = [TokenMatch(stream, token, weight) for (stream, token), weight in self._weights.items()]
        should = (*tokens, *self._others)
        return should[0] if len(should) == 1 else Bool(should=should) if should else Nothing()


def any_of(clauses: Iterable[Clause]) -> Clause:
    """A clause that matches where at least one of the clauses does."""
    return Alternatives(clauses).clause()


def compile_term(text: str, fields: Sequence[IndexedField]) -> Clause:
    """A word as typed, or at a lower weight with the parts of a compound closed."""
    typed = _all_tokens(query_tokens(text), fields)
    readings = closed_readings(text)
    if not readings or not fields:
        return typed
    lighter = _lighter(fields)
    return any_of((typed, *(_content_tokens(tokens, lighter) for tokens in readings)))


def compile_closed(token: Token, fields: Sequence[IndexedField]) -> Clause:
    """A word that was typed as two, at a lower weight. A hyphenated spelling has both words and needs no bonus."""
    return _token(token, [replace(field, closed_stream="") for field in _lighter(fields)])


def compile_phrase(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    """All tokens adjacent in one of the fields; their exact forms score in addition."""
    if len(tokens) < 2:
        return _all_tokens(tokens, fields)
    phrases = [adjacent(tokens, field, share=1.0) for field in fields]
    exact = [
        match
        for token in tokens
        for field in fields
        for match in _token_matches(token, field)
        if match.stream == field.exact_stream
    ]
    if not phrases:
        return Nothing()
    return Bool(must=(any_of(phrases),), should=tuple(exact))


def compile_prefix(text: str, fields: Sequence[IndexedField]) -> Clause:
    """Words before the last one as a whole, and the last one as a prefix; or the same with a compound closed."""
    tokens = query_tokens(text)
    check_prefix(text, tokens)
    if not tokens or not fields:
        return Nothing()
    lighter = _lighter(fields)
    closed = (_words_and_prefix(reading, lighter) for reading in closed_readings(text))
    return any_of((_words_and_prefix(tokens, fields), *closed))


def compile_fuzzy(tokens: Sequence[Token], fields: Sequence[IndexedField], distance: int) -> Clause:
    """All tokens, each within an edit distance of 1 or 2."""
    if not tokens or not fields:
        return Nothing()
    distance = min(max(distance, 1), 2)
    clauses = tuple(
        any_of(clause for field in fields for clause in _fuzzy_matches(token, field, distance)) for token in tokens
    )
    return clauses[0] if len(clauses) == 1 else Bool(must=clauses)


def compile_author(family: str, given: str) -> Clause:
    """An author whose name matches; the words of the name score, initials do not."""
    prefix, pattern = name_pattern(family, given)
    if not prefix:
        return Nothing()
    matches = [match for token in query_tokens(f"{family} {given}") for match in _token_matches(token, AUTHOR)]
    return Bool(must=(NameMatch(prefix, pattern),), should=tuple(match for match in matches if len(match.token) > 1))


def adjacent(tokens: Sequence[Token], field: IndexedField, share: float = ADJACENT_SHARE) -> PhraseMatch:
    """The tokens side by side in a field, at a share of its weight."""
    texts = [token.text if field.is_stemmed else token.folded for token in tokens]
    return PhraseMatch(field.stream, tuple(enumerate(texts)), field.weight * share)


def token_lookups(token: Token, field: IndexedField) -> Sequence[Lookup]:
    """Where a token is looked up in a field: main stream, closed compounds, and its exact forms in the exact stream."""
    lookups = [(field.stream, token.text if field.is_stemmed else token.folded, field.weight)]
    if field.closed_stream and not token.is_stop_word and is_closed_form(token.folded):
        lookups.append((field.closed_stream, token.text, field.closed_weight))
    if not field.exact_stream or token.is_stop_word or token.is_unspaced:
        return lookups
    if field.is_stemmed:
        lookups.append((field.exact_stream, token.folded, field.exact_weight))
    if token.exact != token.folded:
        lookups.append((field.exact_stream, token.exact, field.exact_weight))
    return lookups


def _token_matches(token: Token, field: IndexedField) -> Iterable[TokenMatch]:
    return [TokenMatch(*lookup) for lookup in token_lookups(token, field)]


def _lighter(fields: Sequence[IndexedField]) -> Sequence[IndexedField]:
    """The fields with the lower weights of a form that was not typed."""
    return [
        replace(
            field,
            weight=field.weight * CLOSED_SHARE,
            exact_weight=field.exact_weight * CLOSED_SHARE,
            closed_weight=field.closed_weight * CLOSED_SHARE,
        )
        for field in fields
    ]


def _content_tokens(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    """All tokens that are no stop words, each in one of the fields; all tokens if there are only stop words."""
    required = tuple(_token(token, fields) for token in _without_stop_words(tokens))
    return required[0] if len(required) == 1 else Bool(must=required)


def _all_tokens(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    """As :func:`_content_tokens`; adjacent tokens score higher."""
    if not tokens or not fields:
        return Nothing()
    if len(tokens) == 1:
        return _token(tokens[0], fields)
    required = tuple(_token(token, fields) for token in _without_stop_words(tokens))
    return Bool(must=required, should=tuple(adjacent(tokens, field) for field in fields if field in _ADJACENT_FIELDS))


def _without_stop_words(tokens: Sequence[Token]) -> Sequence[Token]:
    return [token for token in tokens if not token.is_stop_word] or tokens


def _token(token: Token, fields: Sequence[IndexedField]) -> Clause:
    if token.is_half:
        return any_of([PrefixMatch(field.stream, token.text, field.weight) for field in fields])
    alternatives = Alternatives()
    for field in fields:
        alternatives.add_lookups(token_lookups(token, field))
    return alternatives.clause()


def _words_and_prefix(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    prefix = any_of(clause for field in fields for clause in _prefix_matches(tokens[-1], field))
    return prefix if len(tokens) == 1 else Bool(must=(*(_token(token, fields) for token in tokens[:-1]), prefix))


def _prefix_matches(token: Token, field: IndexedField) -> Iterator[PrefixMatch]:
    stream = field.stream if token.is_unspaced else field.prefix_stream
    yield PrefixMatch(stream, token.folded, field.weight)
    if token.exact != token.folded and field.exact_stream:
        yield PrefixMatch(field.exact_stream, token.exact, field.exact_weight)
    if field.closed_stream and is_closed_form(token.folded):
        yield PrefixMatch(field.closed_stream, token.folded, field.closed_weight)


def _fuzzy_matches(token: Token, field: IndexedField, distance: int) -> Iterator[Clause]:
    yield FuzzyMatch(field.prefix_stream, token.folded, distance, field.weight)
    yield from _token_matches(token, field)
