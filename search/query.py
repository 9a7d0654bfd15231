"""The syntax tree of our query language, and nothing else: what the parser makes and every engine compiles.

Text in the tree is as the reader typed it (case, accents, hyphens kept); engines analyse it with
``search.analysis``. ``field`` is one of :data:`TEXT_FIELDS` or None for the default fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

# Long names; the parser maps the short and foreign forms (ti, au, abs, co, jr, cat, …) to these.
TEXT_FIELDS = ("title", "author", "abstract", "comment", "journal", "venue", "note")
EXACT_FIELDS = ("category", "id", "doi")
DATE_FIELDS = ("date", "updated", "year")


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
class Exact:
    """A whole value of an exact field: a category code (aliases folded, ``cs.*`` archives as prefix), an id, a DOI.

    ``is_prefix`` is set where the value ended in ``*``: ``cat:cs.*``.
    """

    field: str
    value: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A date range, both ends included; None is open. For ``year`` the ends are 1 January and 31 December."""

    field: str
    start: date | None
    end: date | None


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


Node = Term | Phrase | Prefix | Fuzzy | Exact | Range | Flag | Keys | And | Or | Not | Everything


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: its tree, and what had to be said about it.

    ``notes`` are sentences for the reader ("Searched as plain words: the quote at position 7 has no end.").
    ``text`` is the query as typed.
    """

    text: str
    root: Node
    notes: tuple[str, ...] = field(default=())
