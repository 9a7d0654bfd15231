"""What an engine evaluates: clauses on streams of tokens, made from a query's tree by ``search.engines.compiling``.

The score of a document is the sum of the scores of the clauses it matches:

- :class:`Word`: ``weight · BM25(token, stream)``
- :class:`Words`: ``weight · BM25`` of the phrase, its idf the sum of its tokens', its frequency its count
- :class:`Beginning`, :class:`Near`, :class:`Constant`: ``weight``
- all others: 0, they only decide what is found
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    stream: str
    token: str
    weight: float


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens at fixed distances: ``(offset, token)``, the first offset 0."""

    stream: str
    tokens: tuple[tuple[int, str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Beginning:
    """Any token of the stream that begins with ``prefix``."""

    stream: str
    prefix: str
    weight: float


@dataclass(frozen=True, slots=True)
class Near:
    """Any token within ``distance`` edits (a swap of neighbours is one edit)."""

    stream: str
    token: str
    distance: int
    weight: float


@dataclass(frozen=True, slots=True)
class Name:
    """Any reading of an author's name that begins with ``prefix`` and, if given, fits ``pattern`` as a whole."""

    prefix: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Any of these exact values (``streams.index_marks``), or one that begins with ``prefix``."""

    values: frozenset[str]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class KeyIn:
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number of the document (``date``, ``updated``, ``year``) between both ends, which are included."""

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
    """All of ``must``, none of ``must_not``; ``should`` adds to the score, and without ``must`` one is needed."""

    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """What a clause finds, with one score for all of it."""

    clause: Clause
    weight: float


Leaf = Word | Words | Beginning | Near | Name | Marks | KeyIn | NumberIn | All | Nothing
Clause = Leaf | Bool | Constant


def scored_leaves(clause: Clause) -> list[Word | Words | Beginning | Near]:
    """The leaves that can add to a score, for explanations."""
    if isinstance(clause, Bool):
        return [leaf for child in (*clause.must, *clause.should) for leaf in scored_leaves(child)]
    return [clause] if isinstance(clause, Word | Words | Beginning | Near) else []


def written(leaf: Word | Words | Beginning | Near) -> str:
    """A leaf's words as a reader would write them."""
    match leaf:
        case Word(_, token):
            return token
        case Words(_, tokens):
            return f'"{" ".join(token for _, token in tokens)}"'
        case Beginning(_, prefix):
            return f"{prefix}*"
        case _:
            return f"{leaf.token}~"
