"""Counts of the values of facets over all documents that match a query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tantivy

from search.engines.results import FacetCount, count_months, most_frequent_first

# Most values counted for a facet: more than the categories, years and venues of any library.
FACET_SIZE = 10_000
_TOTAL = "total"


def count_facets(
    searcher: tantivy.Searcher, query: tantivy.Query, names: Iterable[str]
) -> tuple[dict[str, tuple[FacetCount, ...]], int]:
    """Values of each facet with their counts, most frequent first, and the number of documents that match."""
    fields = {"category": "category", "venue": "venue_facet", "year": "year", "month": "date"}
    request: dict[str, Any] = {name: {"terms": {"field": fields[name], "size": FACET_SIZE}} for name in names}
    if "year" not in request:
        request[_TOTAL] = {"value_count": {"field": "newest"}}  # every document has one value
    counted: dict[str, Any] = searcher.aggregate(query, request)
    total = int(counted.pop(_TOTAL)["value"]) if _TOTAL in counted else _n_documents(counted["year"])
    facets = {}
    for name, result in counted.items():
        if name == "month":
            facets[name] = count_months((int(bucket["key"]), bucket["doc_count"]) for bucket in result["buckets"])
            continue
        values = [(bucket["key"], bucket["doc_count"]) for bucket in result["buckets"] if bucket["key"]]
        if name == "year":
            values = [(str(int(year)), n_documents) for year, n_documents in values]
        facets[name] = most_frequent_first(values)
    return facets, total


def _n_documents(years: dict[str, Any]) -> int:
    """The number of documents behind the counts of years: each has one, 0 where it is unknown."""
    counted = sum(int(bucket["doc_count"]) for bucket in years["buckets"])
    return counted + int(years["sum_other_doc_count"])
