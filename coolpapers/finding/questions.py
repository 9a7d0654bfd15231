"""What is asked of a search. Pages, interfaces and commands make a :class:`Question`; one service answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from search.language.query import Exact, Keys, Node, Or, Range


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions beside the query: any value within one field, all fields together.

    ``venues`` are facet values: a series with its year ("ICLR 2025") or a series ("ICLR"). ``start`` and ``end`` are
    days, both included. ``keys`` restricts the search to these papers; None does not. ``conditions`` are further nodes.
    """

    categories: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    start: date | None = None
    end: date | None = None
    keys: frozenset[str] | None = None
    conditions: tuple[Node, ...] = ()

    def nodes(self) -> tuple[Node, ...]:
        """The filters as conditions of a query's tree."""
        nodes = [
            any_of([Exact("category", code) for code in self.categories]),
            any_of([Exact("venue", venue) for venue in self.venues]),
            any_of([Range("year", date(year, 1, 1), date(year, 12, 31)) for year in self.years if 0 < year < 10_000]),
            Range("date", self.start, self.end) if self.start or self.end else None,
            Keys(self.keys) if self.keys is not None else None,
            *self.conditions,
        ]
        return tuple(node for node in nodes if node is not None)


@dataclass(frozen=True, slots=True)
class Question:
    """One search: what to look for, how to rank it, and which part of the answer to return.

    Attributes
    ----------
    text : the query as typed; empty with filters lists all papers that pass them
    filters : conditions beside the query
    mode : the ranking stages, one of ``search.ranking.pipeline.MODES``; None takes the site's setting
    sort : relevance, newest, oldest or updated, over all hits; or one of ``readers.READER_SORTS``, for which the
        caller gives the service a ``HitOrder``
    start, top_k : index of the first hit to return (from 0), and how many
    facets : names to count, among category, venue, year and month (see ``search.engines.results.Request``)
    explain : fill ``Hit.explanation``
    highlight : parts of ``SearchPage.highlights`` to fill, among ``coolpapers.finding.highlighting.ALL_PARTS``
    strict : raise where the query does not parse; else search for its plain words and add a note
    relaxing : where no paper has all words, return papers that have some of them
    """

    text: str
    filters: Filters = Filters()
    mode: str | None = None
    sort: str = "relevance"
    start: int = 0
    top_k: int = 25
    facets: tuple[str, ...] = ()
    explain: bool = False
    highlight: tuple[str, ...] = ()
    strict: bool = False
    relaxing: bool = True


def any_of(nodes: Sequence[Node]) -> Node | None:
    """The alternatives as one condition; None for none."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return Or(tuple(nodes))
