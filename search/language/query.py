"""The syntax tree of the query language. The parser builds it, every engine compiles it.

Text in the tree is as typed (case, accents and hyphens kept; control characters and lone surrogates replaced). Engines
analyse it with ``search.text.analysis``. ``field`` is one of :data:`TEXT_FIELDS`, or None for the default fields.

Invariants that the parser guarantees and a compiler may rely on:

- ``Not`` occurs only among the children of an ``And`` that has at least one other kind of child. A purely negative
  query is ``And((Everything(), Not(…), …))``.
- ``And`` and ``Or`` have at least two children. Nesting is at most ``MAX_NESTING``, the number of terms ``MAX_TERMS``.
- Only ``Term``, ``Phrase``, ``Prefix``, ``Fuzzy`` and ``Author`` score. ``Exact``, ``Range``, ``Flag``, ``Keys``,
  ``Everything`` and everything under ``Not`` filter and score 0. They may occur inside an ``Or``: ``2017`` beside
  words is ``Or((Term("2017"), Range("year", …)))``, a paper of 2017 or one that contains 2017; only the word scores.
- ``Keys`` and ``Constant`` are never typed. The ranking adds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

# The parser maps other spellings (ti, au, abs, co, jr, cat, …) to these names.
TEXT_FIELDS = ("title", "author", "abstract", "comment", "journal", "venue", "affiliation", "report", "note")
EXACT_FIELDS = ("category", "id", "doi", "exactauthor")
DATE_FIELDS = ("date", "updated", "year")

# Limits that search.language.guards enforces. Typed queries stay far below them.
MAX_TERMS = 256
MAX_NESTING = 32
MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Term:
    """One word as typed. Analysis may split it into several adjacent tokens (``non-invasive``)."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words in this order."""

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
    """One author with a family name and given names: ``Hinton, G``, ``G. Hinton``, ``Hinton_G``.

    It matches papers where one and the same author has the words of ``family`` adjacent and given names that begin
    with those of ``given``, in order: ``G`` matches Geoffrey, ``G E`` Geoffrey Everest, ``Geoffrey`` Geoffrey.
    ``given`` holds names or initials without full stops, separated by one space. A single name, or several without
    known roles (``del maestro``), is a Term or a Phrase.
    """

    family: str
    given: str


@dataclass(frozen=True, slots=True)
class Exact:
    """A whole value of an exact field: a category code (aliases folded), an id, a DOI or a name of an author.

    ``is_prefix``: the value ended in ``*``, so ``cat:cs.*`` has the value ``cs.``. Ids and DOIs are in lower case,
    without resolver, scheme and version: ``id:arXiv:2406.01234v2`` has the value ``2406.01234``.
    A name (field ``exactauthor``) is as written: ``Wei Wang`` is neither Weiqi Wang nor Wei-Lun Wang.
    """

    field: str
    value: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A date range, both ends included; None means open. For ``year`` the ends are 1 January and 31 December.

    ``relative`` is the text that the ends were computed from ("past week"), so that a saved search moves with the
    calendar. Engines ignore it.
    """

    field: str
    start: date | None
    end: date | None
    relative: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """``has:summary``, ``is:starred``, ``in:<collection>``: ``kind`` before the colon, ``value`` after it.

    Engines index ``has:``. ``is:`` and ``in:`` are personal: services replace them by :class:`Keys` before an engine
    receives the tree.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Exactly the papers with these keys."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Constant:
    """The papers that match ``child``, each with the same ``score``."""

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
    """Every paper: the empty query, or the positive part of a purely negative one."""


Node = Term | Phrase | Prefix | Fuzzy | Author | Exact | Range | Flag | Keys | Constant | And | Or | Not | Everything
TextNode = Term | Phrase | Prefix | Fuzzy | Author


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``text`` is the query as typed; ``notes`` are sentences for the reader."""

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


def only_pair(children: Iterable[Node]) -> tuple[Term, Term] | None:
    """The two words of a conjunction that requires just these two, in the same field, and no other text."""
    required = [child for child in children if not isinstance(child, Not)]
    texts = [child for child in required if any(isinstance(node, TextNode) for node in walk(child))]
    if len(texts) != 2:
        return None
    first, second = texts
    if isinstance(first, Term) and isinstance(second, Term) and first.field == second.field:
        return first, second
    return None


def walk(root: Node) -> Iterator[Node]:
    """Every node of a tree, parents first, from left to right. Does not recurse."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, And | Or):
            stack.extend(reversed(node.children))
        elif isinstance(node, Not | Constant):
            stack.append(node.child)


def positive_leaves(root: Node) -> Iterator[TextNode]:
    """The text leaves that are not under a Not."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, And | Or):
            stack.extend(reversed(node.children))
        elif isinstance(node, Term | Phrase | Prefix | Fuzzy | Author):
            yield node
