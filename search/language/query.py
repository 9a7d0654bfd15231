"""The syntax tree of our query language, and nothing else: what the parser makes and every engine compiles.

Text in the tree is as the reader typed it (case, accents, hyphens kept; control characters and lone
surrogates replaced); engines analyse it with ``search.text.analysis``. ``field`` is one of :data:`TEXT_FIELDS` or
None for the default fields.

Shapes that the parser promises and a compiler may rely on:

- ``Not`` stands only among the children of an ``And`` that has at least one other kind of child, or as the
  child of nothing: a purely negative query is ``And((Everything(), Not(…), …))``.
- ``And`` and ``Or`` have at least two children; nesting is at most ``MAX_NESTING``, terms ``MAX_TERMS``.
- Only ``Term``, ``Phrase``, ``Prefix``, ``Fuzzy`` and ``Author`` give a score. ``Exact``, ``Range``, ``Flag``,
  ``Keys``, ``Everything`` and everything under ``Not`` decide whether a paper is found and add 0. They may
  stand inside an ``Or``: ``2017`` next to words is ``Or((Term("2017"), Range("year", …)))``, a paper of 2017 or
  one that says 2017, ranked by the words alone.
- ``Keys`` and ``Constant`` are never typed; the ranking puts them beside what was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

# Long names; the parser maps the short and foreign forms (ti, au, abs, co, jr, cat, …) to these.
TEXT_FIELDS = ("title", "author", "abstract", "comment", "journal", "venue", "note")
EXACT_FIELDS = ("category", "id", "doi")
DATE_FIELDS = ("date", "updated", "year")

# Guards in front of every engine: what a person types stays far below, a script's mistake does not get past.
MAX_TERMS = 256
MAX_NESTING = 32
MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Term:
    """One word as typed; analysis may make several adjacent tokens of it (``non-invasive``)."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words next to each other, in order."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """``text*``: at least two characters."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """``text~``: within ``distance`` edits (1 or 2)."""

    text: str
    field: str | None = None
    distance: int = 1


@dataclass(frozen=True, slots=True)
class Author:
    """One author with family name and given names both said: ``Hinton, G``, ``G. Hinton``, ``Hinton_G``.

    Found are papers where one and the same author has the words of ``family`` next to each other and given
    names that begin with those of ``given``, in order: ``G`` finds Geoffrey, ``G E`` finds Geoffrey Everest,
    ``Geoffrey`` finds Geoffrey. ``given`` holds names or initials separated by one space, without full stops.
    An author of one name part, or several whose roles are not said (``del maestro``), is a Term or a Phrase.
    """

    family: str
    given: str


@dataclass(frozen=True, slots=True)
class Exact:
    """A whole value of an exact field: a category code (aliases folded, ``cs.*`` archives as prefix), an id, a DOI.

    ``is_prefix`` is set where the value ended in ``*``: ``cat:cs.*`` has the value ``cs.``. Ids and DOIs are lower
    case, without resolver, scheme and version: ``id:arXiv:2406.01234v2`` has the value ``2406.01234``.
    """

    field: str
    value: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A date range, both ends included; None is open. For ``year`` the ends are 1 January and 31 December.

    ``relative`` keeps the words that the ends were worked out from ("past week"), so that a saved search moves
    with the calendar; engines ignore it.
    """

    field: str
    start: date | None
    end: date | None
    relative: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """``has:summary``, ``is:starred``, ``in:<collection>``: ``kind`` before the colon, ``value`` after it.

    Engines index ``has:`` themselves (documents carry flags); ``is:`` and ``in:`` are personal, and services
    replace them by :class:`Keys` before an engine sees the tree.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Exactly the papers with these keys."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Constant:
    """What ``child`` finds, each paper with the same ``score``, however often and where it says the words."""

    child: Node
    score: float


@dataclass(frozen=True, slots=True)
class And:
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    child: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper: the empty query with filters, or a bare NOT's other half."""


Node = Term | Phrase | Prefix | Fuzzy | Author | Exact | Range | Flag | Keys | Constant | And | Or | Not | Everything
TextNode = Term | Phrase | Prefix | Fuzzy | Author


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: its tree, and what had to be said about it.

    ``notes`` are sentences for the reader ("Searched as plain words: the quote at position 7 has no end.").
    ``text`` is the query as typed.
    """

    text: str
    root: Node
    notes: tuple[str, ...] = field(default=())


def conjuncts(root: Node) -> tuple[Node, ...]:
    """The conditions that a tree joins by AND: the children of an :class:`And`, else the tree itself."""
    return root.children if isinstance(root, And) else (root,)


def conjoin(root: Node, conditions: Iterable[Node]) -> Node:
    """A tree with further conditions, as one flat :class:`And`; the tree itself where there are none.

    :class:`Everything` is left out where another condition takes its place.
    """
    added = tuple(conditions)
    if not added:
        return root
    is_redundant = isinstance(root, Everything) and not all(isinstance(node, Not) for node in added)
    joined = added if is_redundant else (*conjuncts(root), *added)
    return joined[0] if len(joined) == 1 else And(joined)


def walk(root: Node) -> Iterator[Node]:
    """Every node of a tree, parents first, left to right; without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, And | Or):
            waiting.extend(reversed(node.children))
        elif isinstance(node, Not | Constant):
            waiting.append(node.child)


def wanted_text(root: Node) -> Iterator[TextNode]:
    """The leaves with words that a found paper may show: all but those under a Not."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, And | Or):
            waiting.extend(reversed(node.children))
        elif isinstance(node, Term | Phrase | Prefix | Fuzzy | Author):
            yield node
