"""Requests to engines and their results: plain data, the same for every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Share:
    """The contribution of one term in one field to a score."""

    field: str
    term: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit has its rank. Values of stages that did not run are None.

    ``coverage`` is computed by :func:`search.ranking.coverage.cover`. ``parts`` are what each stage adds to the score
    that orders the hits (bm25, coverage, dense, rerank); none where BM25 alone orders them.
    """

    bm25_score: float | None = None
    shares: tuple[Share, ...] = ()
    similarity: float | None = None
    rank_before: int | None = None
    rank_after: int | None = None
    coverage: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)


class Hit(NamedTuple):
    """One hit. ``key`` is the paper's key; a higher ``score`` is better. A tuple, because a pool has hundreds."""

    key: str
    score: float
    explanation: Explanation | None = None


class FacetCount(NamedTuple):
    """One value of a facet. A tuple, because a page of results has some 1,300 of them."""

    value: str
    n_documents: int


# As FacetCount._make, without a function of Python for each value.
_make_count: Callable[[tuple[str, int]], FacetCount] = partial(tuple.__new__, FacetCount)


def most_frequent_first(counts: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    """The values of a facet by their counts, those of one count in order. Plain tuples are quicker to sort."""
    return tuple(map(_make_count, sorted(sorted(counts), key=itemgetter(1), reverse=True)))


def count_months(days: Iterable[tuple[int, int]]) -> tuple[FacetCount, ...]:
    """Counts by month, in order, from pairs of an ordinal day (0 for none) and a count."""
    months: Counter[tuple[int, int]] = Counter()
    for ordinal, n_papers in days:
        if ordinal > 0:
            day = date.fromordinal(ordinal)
            months[day.year, day.month] += n_papers
    return tuple(FacetCount(f"{year:04}-{month:02}", n) for (year, month), n in sorted(months.items()))


@dataclass(frozen=True, slots=True)
class Request:
    """What an engine is asked for, beside the query's tree.

    ``sort`` is relevance, newest, oldest or updated. ``facets`` are names among category, venue, year and month
    (2024-05; of papers with a day only). Months are counted by day, so they are meant for short ranges of days. With
    ``with_total=False`` an engine may stop early.
    """

    start: int = 0
    top_k: int = 25
    sort: str = "relevance"
    facets: tuple[str, ...] = ()
    with_total: bool = True
    explain: bool = False


@dataclass(frozen=True, slots=True)
class EngineResult:
    """One page of hits from an engine. ``total`` is exact, or None if it was not requested."""

    hits: tuple[Hit, ...]
    total: int | None
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    is_partial: bool = False  # the time limit was exceeded

    def ranking(self) -> list[tuple[str, float]]:
        """The hits as (key, score), best first."""
        return [(hit.key, hit.score) for hit in self.hits]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The answer to one search, for pages, commands and APIs.

    ``highlights`` maps a hit's key to safe HTML by field ("title", "abstract"). ``relaxed``: no paper has all words,
    and the hits have some of them. ``suggestion`` is a corrected query text. ``is_complete``: no stage failed or was
    late, so that the same search has the same answer again. The first ``n_with_names`` hits of all pages contain
    ``names``, rare names of the query, and the others do not; without ``names`` there is no such line.
    """

    query: str
    hits: tuple[Hit, ...]
    total: int
    start: int
    sort: str
    mode: str
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    relaxed: bool = False
    suggestion: str | None = None
    highlights: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_complete: bool = True
    names: tuple[str, ...] = ()
    n_with_names: int = 0
