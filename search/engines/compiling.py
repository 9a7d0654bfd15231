"""Compiles a query's tree to clauses: where each word is looked up and what a match scores. Pure.

Start at :func:`compile_query`; ``search.engines.word_clauses`` compiles words. ``docs/reference/search.md`` has all
rules, among them:

- A word without a field is looked up in all fields; at least one must contain it.
- Stop words are dropped from a group that has other words, but not from phrases and names.
- A word of several tokens (``non-invasive``) requires all of them; adjacent tokens score higher.
- A hyphenated compound and its closed form (``multi-task``, ``multitask``) find each other, at a lower weight. A query
  of two words also finds them as one (``data set``, ``dataset``).
- A title that contains two to twelve words of a query in order scores higher.
- An ``Or`` of words becomes one flat list, which engines evaluate fast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TypeGuard

from search.engines import clauses
from search.engines.clauses import (
    All,
    Bool,
    Clause,
    KeyIn,
    Marks,
    NameMatch,
    Nothing,
    NumberIn,
    scored_leaves,
)
from search.engines.streams import AUTHOR, FIELDS, NAMED_FIELDS, TITLE, IndexedField
from search.engines.word_clauses import (
    Alternatives,
    adjacent,
    any_of,
    compile_author,
    compile_closed,
    compile_fuzzy,
    compile_phrase,
    compile_prefix,
    compile_term,
    token_lookups,
)
from search.language.guards import check_size
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
    only_pair,
)
from search.text.analysis import lower, query_tokens
from search.text.compounds import closed_pair
from search.text.names import whole_name

# Longest query, in words, that is also tried as a title.
MAX_TITLE_WORDS = 12
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
            return compile_term(text, _fields(field))
        case Phrase(text, field):
            return compile_phrase(query_tokens(text), _fields(field))
        case Prefix(text, field):
            return compile_prefix(text, _fields(field))
        case Fuzzy(text, field, distance):
            return compile_fuzzy(query_tokens(text), _fields(field), distance)
        case Author(family, given):
            return compile_author(family, given)
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
    positive = [child for child in children if not isinstance(child, Not)]
    required = _without_stop_words(positive)
    clauses = [_compile(child) for child in required]
    must_not = tuple(_compile(child.child) for child in children if isinstance(child, Not))
    if len(clauses) == 1 and not must_not:
        return clauses[0]
    must = _with_closed_pair(positive, clauses)
    return Bool(must=must or (All(),), should=_title_phrase(children), must_not=must_not)


def _with_closed_pair(positive: Sequence[Node], clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses of a conjunction; two words may also be one, at a lower weight: ``data set`` finds ``dataset``."""
    pair = only_pair(positive)
    closed = closed_pair(pair[0].text, pair[1].text) if pair else None
    if pair is None or closed is None:
        return tuple(clauses)
    first, second = (place for place, child in enumerate(positive) if child in pair)
    either = any_of((Bool(must=(clauses[first], clauses[second])), compile_closed(closed, _fields(pair[0].field))))
    return (either, *(clause for place, clause in enumerate(clauses) if place not in (first, second)))


def _or(children: Sequence[Node]) -> Clause:
    alternatives = Alternatives()
    for child in _without_stop_words(children):
        if isinstance(child, Term):  # the fast path of most alternatives; a pasted text has a hundred
            tokens = query_tokens(child.text)
            if len(tokens) == 1 and not tokens[0].is_half:
                for field in _fields(child.field):
                    alternatives.add_lookups(token_lookups(tokens[0], field))
                continue
        alternatives.add((_compile(child),))
    return alternatives.clause()


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
    return (adjacent(tokens, TITLE),) if len(tokens) > 1 else ()


def _is_bare_date(node: Node) -> TypeGuard[Or]:
    """Whether a node is what the parser makes of ``2017`` among words: the word, or papers of that time."""
    return isinstance(node, Or) and isinstance(node.children[0], Term) and isinstance(node.children[1], Range)


# ---- values -----------------------------------------------------------------------------------------


def _clean(value: str) -> str:
    """A value in lower case, with lone surrogates replaced, which UTF-8 cannot encode."""
    return lower(value.strip()).encode("utf-8", "replace").decode("utf-8")


def _exact(field: str, value: str, is_prefix: bool) -> Clause:
    if field == "exactauthor":
        reading = whole_name(value)
        return NameMatch(reading, re.escape(reading)) if reading else Nothing()
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
