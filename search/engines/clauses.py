"""The clauses that an engine evaluates, on streams of tokens. ``search.engines.compiling`` makes them from a tree.

The score of a document is the sum of the scores of the clauses that it matches:

- :class:`TokenMatch`: ``weight · BM25(token, stream)``
- :class:`PhraseMatch`: ``weight · BM25``, with the sum of the tokens' idf and the number of occurrences of the phrase
- :class:`PrefixMatch`, :class:`FuzzyMatch`, :class:`Constant`: ``weight``
- all others: 0; they only filter
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenMatch:
    stream: str
    token: str
    weight: float


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Tokens at fixed distances: ``(offset, token)``, the first offset 0."""

    stream: str
    tokens: tuple[tuple[int, str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class PrefixMatch:
    """Any token of the stream that begins with ``prefix``."""

    stream: str
    prefix: str
    weight: float


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """Any token within ``distance`` edits (a swap of adjacent characters is one edit)."""

    stream: str
    token: str
    distance: int
    weight: float


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Any reading of an author's name that begins with ``prefix`` and fully matches ``pattern``, unless that is ""."""

    prefix: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Any of these exact values (``streams.index_marks``), or any value that begins with a non-empty ``prefix``."""

    values: frozenset[str]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class KeyIn:
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number of the document (``date``, ``updated``, ``year``) between ``low`` and ``high``, both included."""

    field: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class All:
    """Every document."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""


@dataclass(frozen=True, slots=True)
class Bool:
    """All of ``must``, none of ``must_not``. ``should`` adds to the score; without ``must``, one of it has to match."""

    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """The documents that match a clause, each with the score ``weight``."""

    clause: Clause
    weight: float


Leaf = TokenMatch | PhraseMatch | PrefixMatch | FuzzyMatch | NameMatch | Marks | KeyIn | NumberIn | All | Nothing
Clause = Leaf | Bool | Constant


def scored_leaves(clause: Clause) -> list[TokenMatch | PhraseMatch | PrefixMatch | FuzzyMatch]:
    """The leaves that can contribute to a score, for explanations."""
    if isinstance(clause, Bool):
        return [leaf for child in (*clause.must, *clause.should) for leaf in scored_leaves(child)]
    return [clause] if isinstance(clause, TokenMatch | PhraseMatch | PrefixMatch | FuzzyMatch) else []


def leaf_text(leaf: TokenMatch | PhraseMatch | PrefixMatch | FuzzyMatch) -> str:
    """A leaf in the syntax of a query."""
    match leaf:
        case TokenMatch(_, token):
            return token
        case PhraseMatch(_, tokens):
            return f'"{" ".join(token for _, token in tokens)}"'
        case PrefixMatch(_, prefix):
            return f"{prefix}*"
        case _:
            return f"{leaf.token}~"
