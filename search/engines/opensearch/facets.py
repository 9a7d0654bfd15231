"""Counts of the values of facets over all documents that match a query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from search.engines.results import FacetCount, most_frequent_first

# Most values counted for a facet: more than the categories, years, months and venues of any library.
FACET_SIZE = 10_000
_FIELDS = {"category": "category", "venue": "venue_facet", "year": "year", "month": "month"}


def facet_requests(names: Iterable[str]) -> dict[str, Any]:
    """The aggregations of a search that count facets."""
    return {name: {"terms": {"field": _FIELDS[name], "size": FACET_SIZE}} for name in names}


def read_facets(answer: dict[str, Any], names: Iterable[str]) -> dict[str, tuple[FacetCount, ...]]:
    """Values of each facet with their counts: months in order, all others the most frequent first."""
    return {name: _read(name, answer["aggregations"][name]["buckets"]) for name in names}


def _read(name: str, buckets: list[dict[str, Any]]) -> tuple[FacetCount, ...]:
    counts = [(bucket["key"], int(bucket["doc_count"])) for bucket in buckets if bucket["key"]]
    if name == "month":
        return tuple(FacetCount(f"{key // 12:04}-{key % 12 + 1:02}", n_papers) for key, n_papers in sorted(counts))
    return most_frequent_first((str(key), n_papers) for key, n_papers in counts)
