"""Compiles a query's tree to clauses: where each word is looked up and what a match scores. Pure.

Start at :func:`compile_query`. Rules (all of them in ``docs/reference/search.md``):

- A word without a field is looked up in all fields; at least one must contain it.
- Stop words are dropped from a group that has other words, but not from phrases and names.
- A word of several tokens (``non-invasive``) requires all of them; adjacent tokens score higher.
- A hyphenated compound and its closed form (``multi-task``, ``multitask``) find each other, at a lower weight.
- A title that contains two to twelve words of a query in order scores higher.
- An ``Or`` of words becomes one flat list, which engines evaluate fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeGuard

from search.engines import clauses
from search.engines.clauses import (
    All,
    Bool,
    Clause,
    FuzzyMatch,
    KeyIn,
    Marks,
    NameMatch,
    Nothing,
    NumberIn,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
    scored_leaves,
)
from search.engines.streams import ABSTRACT, AUTHOR, FIELDS, NAMED_FIELDS, TITLE, IndexedField
from search.language.guards import check_prefix, check_size
from search.language.query import (
    And,
    Author,
    Constant,
    Everything,
    Exact,
    Flag,
    Fuzzy,
    Keys,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Term,
)
from search.text.analysis import Token, lower, query_tokens
from search.text.compounds import closed_readings, is_closed_form
from search.text.names import name_pattern

# Weight of a phrase that is a bonus, as a share of the field's weight: enough to rank adjacent words above scattered
# ones, but not above a paper about the words.
ADJACENT_SHARE = 0.5
# Longest query, in words, that is also tried as a title.
MAX_TITLE_WORDS = 12
# Fields where adjacent tokens of a word score higher. The other texts are short, and adjacency hardly differs there.
_ADJACENT_FIELDS = (TITLE, ABSTRACT, AUTHOR, *NAMED_FIELDS.values())
# Weight of the closed form of a hyphenated word, relative to the word as typed.
CLOSED_SHARE = 0.3
_Lookup = tuple[str, str, float]  # stream, token, weight
_Weights = dict[tuple[str, str], float]  # (stream, token) → weight
_MARK_KINDS = {"id": "i:", "doi": "d:", "category": "c:", "venue": "v:"}


def compile_query(root: Node | Query) -> Clause:
    """Return the clauses of a tree.

    Raises
    ------
    QueryTooLarge
        If the tree exceeds the limits of :mod:`search.language.guards`.
    """
    node = root.root if isinstance(root, Query) else root
    check_size(node)
    return _compile(node)


def is_scored(clause: Clause) -> bool:
    """Whether any part of a clause scores. If not, there is no order by relevance."""
    if isinstance(clause, Bool):
        return any(map(is_scored, (*clause.must, *clause.should)))
    return isinstance(clause, clauses.Constant) or bool(scored_leaves(clause))


def _compile(node: Node) -> Clause:
    match node:
        case Term(text, field):
            return _term(text, _fields(field))
        case Phrase(text, field):
            return _phrase(query_tokens(text), _fields(field))
        case Prefix(text, field):
            return _prefix(text, _fields(field))
        case Fuzzy(text, field, distance):
            return _fuzzy(query_tokens(text), _fields(field), distance)
        case Author(family, given):
            return _author(family, given)
        case And(children):
            return _and(children)
        case Or(children):
            return _or(children)
        case Not(child):
            return Bool(must=(All(),), must_not=(_compile(child),))
        case Constant(child, score):
            return clauses.Constant(_compile(child), score)
        case _:
            return _filter(node)


def _filter(node: Node) -> Clause:
    match node:
        case Exact(field, value, is_prefix):
            return _exact(field, value, is_prefix)
        case Range(field, start, end):
            return _range(field, start, end)
        case Flag("has", value):
            return Marks(frozenset({f"f:{_clean(value)}"}))
        case Keys(keys):
            return KeyIn(keys)
        case Everything():
            return All()
        case _:  # an unresolved personal flag
            return Nothing()


def _fields(name: str | None) -> Sequence[IndexedField]:
    if name is None:
        return tuple(FIELDS.values())
    field = FIELDS.get(name) or NAMED_FIELDS.get(name)
    return (field,) if field else ()


# ---- groups -----------------------------------------------------------------------------------------


def _and(children: Sequence[Node]) -> Clause:
    required = _without_stop_words([child for child in children if not isinstance(child, Not)])
    must = tuple(_compile(child) for child in required)
    must_not = tuple(_compile(child.child) for child in children if isinstance(child, Not))
    if len(must) == 1 and not must_not:
        return must[0]
    return Bool(must=must or (All(),), should=_title_phrase(children), must_not=must_not)


def _or(children: Sequence[Node]) -> Clause:
    weights: _Weights = {}
    others: list[Clause] = []
    for child in _without_stop_words(children):
        if isinstance(child, Term):  # the fast path of most alternatives; a pasted text has a hundred
            tokens = query_tokens(child.text)
            if len(tokens) == 1 and not tokens[0].is_half:
                for field in _fields(child.field):
                    _add_lookups(weights, _lookups(tokens[0], field))
                continue
        _add(weights, others, (_compile(child),))
    return _either(weights, others)


def _any(clauses: Iterable[Clause]) -> Clause:
    """At least one of the clauses."""
    weights: _Weights = {}
    others: list[Clause] = []
    _add(weights, others, clauses)
    return _either(weights, others)


def _add(weights: _Weights, others: list[Clause], clauses: Iterable[Clause]) -> None:
    """Add alternatives; the weights of equal tokens are summed."""
    for clause in clauses:
        if isinstance(clause, TokenMatch):
            _add_lookups(weights, [(clause.stream, clause.token, clause.weight)])
        elif isinstance(clause, Bool) and not clause.must and not clause.must_not:
            _add(weights, others, clause.should)
        elif not isinstance(clause, Nothing):
            others.append(clause)


def _add_lookups(weights: _Weights, lookups: Iterable[_Lookup]) -> None:
    for stream, token, weight in lookups:
        weights[stream, token] = weights.get((stream, token), 0.0) + weight


def _either(weights: _Weights, others: Sequence[Clause]) -> Clause:
    should = (*[TokenMatch(stream, token, weight) for (stream, token), weight in weights.items()], *others)
    return should[0] if len(should) == 1 else Bool(should=should) if should else Nothing()


def _without_stop_words(children: Sequence[Node]) -> Sequence[Node]:
    """The children without those that are only stop words; all children if there are no others."""
    with_content = [child for child in children if has_content(child)]
    return with_content or children


def has_content(node: Node) -> bool:
    """Whether a node is more than stop words. Names of authors have no stop words."""
    if not isinstance(node, Term) or node.field == AUTHOR.name:
        return True
    tokens = query_tokens(node.text)
    return not tokens[0].is_stop_word if len(tokens) == 1 else any(not token.is_stop_word for token in tokens)


def _title_phrase(children: Sequence[Node]) -> tuple[Clause, ...]:
    """All words of a query adjacent in a title, stop words included: ``attention is all you need``."""
    undated = [child.children[0] if _is_bare_date(child) else child for child in children]
    words = [child for child in undated if isinstance(child, Term) and child.field in (None, TITLE.name)]
    if len(words) != len(children) or not 2 <= len(words) <= MAX_TITLE_WORDS:
        return ()
    tokens = query_tokens(" ".join(word.text for word in words))
    return (_adjacent(tokens, TITLE),) if len(tokens) > 1 else ()


def _is_bare_date(node: Node) -> TypeGuard[Or]:
    """Whether a node is what the parser makes of ``2017`` among words: the word, or papers of that time."""
    return isinstance(node, Or) and isinstance(node.children[0], Term) and isinstance(node.children[1], Range)


# ---- words ------------------------------------------------------------------------------------------


def _term(text: str, fields: Sequence[IndexedField]) -> Clause:
    """A word as typed, or at a lower weight with the parts of a compound closed."""
    typed = _text(query_tokens(text), fields)
    readings = closed_readings(text)
    if not readings or not fields:
        return typed
    lighter = _lighter(fields)
    return _any((typed, *(_all_tokens(tokens, lighter) for tokens in readings)))


def _lighter(fields: Sequence[IndexedField]) -> Sequence[IndexedField]:
    """The fields at the weights of another form than the one that was asked for."""
    return [
        replace(
            field,
            weight=field.weight * CLOSED_SHARE,
            exact_weight=field.exact_weight * CLOSED_SHARE,
            closed_weight=field.closed_weight * CLOSED_SHARE,
        )
        for field in fields
    ]


def _all_tokens(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    telling = [token for token in tokens if not token.is_stop_word] or tokens
    wanted = tuple(_token(token, fields) for token in telling)
    return wanted[0] if len(wanted) == 1 else Bool(must=wanted)


def _text(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    """All tokens, each in one of the fields; adjacent tokens score higher."""
    if not tokens or not fields:
        return Nothing()
    if len(tokens) == 1:
        return _token(tokens[0], fields)
    required = [token for token in tokens if not token.is_stop_word] or tokens
    adjacent = tuple(_adjacent(tokens, field) for field in fields if field in _ADJACENT_FIELDS)
    return Bool(must=tuple(_token(token, fields) for token in required), should=adjacent)


def _token(token: Token, fields: Sequence[IndexedField]) -> Clause:
    if token.is_half:
        return _any([PrefixMatch(field.stream, token.text, field.weight) for field in fields])
    weights: _Weights = {}
    for field in fields:
        _add_lookups(weights, _lookups(token, field))
    return _either(weights, ())


def _word(token: Token, field: IndexedField) -> Iterable[TokenMatch]:
    return [TokenMatch(*lookup) for lookup in _lookups(token, field)]


def _lookups(token: Token, field: IndexedField) -> Sequence[_Lookup]:
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


def _adjacent(tokens: Sequence[Token], field: IndexedField, share: float = ADJACENT_SHARE) -> PhraseMatch:
    texts = [token.text if field.is_stemmed else token.folded for token in tokens]
    return PhraseMatch(field.stream, tuple(enumerate(texts)), field.weight * share)


def _phrase(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    if len(tokens) < 2:
        return _text(tokens, fields)
    phrases = [_adjacent(tokens, field, share=1.0) for field in fields]
    exact = [
        word
        for token in tokens
        for field in fields
        for word in _word(token, field)
        if word.stream == field.exact_stream
    ]
    if not phrases:
        return Nothing()
    return Bool(must=(_any(phrases),), should=tuple(exact))


def _prefix(text: str, fields: Sequence[IndexedField]) -> Clause:
    """Words before the last one as a whole, and the last one as a prefix; or the same with a compound closed."""
    tokens = query_tokens(text)
    check_prefix(text, tokens)
    if not tokens or not fields:
        return Nothing()
    lighter = _lighter(fields)
    closed = (_words_and_prefix(reading, lighter) for reading in closed_readings(text))
    return _any((_words_and_prefix(tokens, fields), *closed))


def _words_and_prefix(tokens: Sequence[Token], fields: Sequence[IndexedField]) -> Clause:
    prefix = _any(clause for field in fields for clause in _prefix_matches(tokens[-1], field))
    return prefix if len(tokens) == 1 else Bool(must=(*(_token(token, fields) for token in tokens[:-1]), prefix))


def _prefix_matches(token: Token, field: IndexedField) -> Iterable[PrefixMatch]:
    stream = field.stream if token.is_unspaced else field.prefix_stream
    yield PrefixMatch(stream, token.folded, field.weight)
    if token.exact != token.folded and field.exact_stream:
        yield PrefixMatch(field.exact_stream, token.exact, field.exact_weight)
    if field.closed_stream and is_closed_form(token.folded):
        yield PrefixMatch(field.closed_stream, token.folded, field.closed_weight)


def _fuzzy_matches(token: Token, field: IndexedField, distance: int) -> Iterator[Clause]:
    yield FuzzyMatch(field.prefix_stream, token.folded, distance, field.weight)
    yield from _word(token, field)


def _fuzzy(tokens: Sequence[Token], fields: Sequence[IndexedField], distance: int) -> Clause:
    if not tokens or not fields:
        return Nothing()
    distance = min(max(distance, 1), 2)
    clauses = tuple(
        _any(clause for field in fields for clause in _fuzzy_matches(token, field, distance)) for token in tokens
    )
    return clauses[0] if len(clauses) == 1 else Bool(must=clauses)


def _author(family: str, given: str) -> Clause:
    prefix, pattern = name_pattern(family, given)
    if not prefix:
        return Nothing()
    words = [word for token in query_tokens(f"{family} {given}") for word in _word(token, AUTHOR)]
    return Bool(must=(NameMatch(prefix, pattern),), should=tuple(word for word in words if len(word.token) > 1))


# ---- values -----------------------------------------------------------------------------------------


def _clean(value: str) -> str:
    """A value in lower case, with lone surrogates replaced, which UTF-8 cannot encode."""
    return lower(value.strip()).encode("utf-8", "replace").decode("utf-8")


def _exact(field: str, value: str, is_prefix: bool) -> Clause:
    mark = f"{_MARK_KINDS[field]}{_clean(value)}"
    if is_prefix:
        return Marks(frozenset(), prefix=mark)
    return Marks(frozenset({mark}))


def _range(field: str, start: date | None, end: date | None) -> Clause:
    """Dates between two days. A paper with only a year matches if the whole year lies between them."""
    first, last = start or date.min, end or date.max
    if first > last:
        return Nothing()
    if field == "year":
        return NumberIn("year", max(first.year, 1), last.year)
    days = NumberIn(field, first.toordinal(), last.toordinal())
    low = first.year if (first.month, first.day) == (1, 1) else first.year + 1
    high = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    if low > high:
        return days
    return Bool(should=(days, Bool(must=(NumberIn(field, 0, 0), NumberIn("year", max(low, 1), high)))))
