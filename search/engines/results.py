"""What a search gives back; plain data, the same from every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a score that one term gave in one field."""

    field: str
    term: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is. Stages that did not run leave None; ``coverage`` is
    :func:`search.ranking.coverage.cover`'s.
    """

    bm25_score: float | None = None
    shares: tuple[Share, ...] = ()
    similarity: float | None = None
    rank_before: int | None = None
    rank_after: int | None = None
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One paper found. ``score`` grows with goodness; ``key`` is ``Paper.key``."""

    key: str
    score: float
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class FacetCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an engine beside the query's tree.

    ``sort`` is one of relevance, newest, oldest, updated. ``facets`` names the facets wanted (category,
    venue, year). ``with_total`` False lets an engine stop early.
    """

    start: int = 0
    top_k: int = 25
    sort: str = "relevance"
    facets: tuple[str, ...] = ()
    with_total: bool = True
    explain: bool = False


@dataclass(frozen=True, slots=True)
class EngineResult:
    """One page of hits from an engine. ``total`` is exact, or None where it was not asked for."""

    hits: tuple[Hit, ...]
    total: int | None
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    is_partial: bool = False  # the time limit struck


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a page, a command or the API shows for one search.

    ``highlights`` maps a hit's key to safe HTML by field ("title", "abstract"). ``relaxed`` says that no
    paper has all words and the hits have some. ``suggestion`` is a corrected query text.
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
