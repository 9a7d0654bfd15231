from __future__ import annotations

from search.engines.opensearch.facets import facet_requests, read_facets
from search.engines.results import FacetCount


def test_counts_are_the_most_frequent_first_and_months_in_order() -> None:
    names = ("category", "year", "month")
    answer = {
        "aggregations": {
            "category": {"buckets": [{"key": "b", "doc_count": 2}, {"key": "a", "doc_count": 2}]},
            "year": {"buckets": [{"key": 0, "doc_count": 9}, {"key": 2024, "doc_count": 1}]},
            "month": {"buckets": [{"key": 12 * 2024 + 1, "doc_count": 3}, {"key": 12, "doc_count": 1}]},
        }
    }
    assert read_facets(answer, names) == {
        "category": (FacetCount("a", 2), FacetCount("b", 2)),
        "year": (FacetCount("2024", 1),),
        "month": (FacetCount("0001-01", 1), FacetCount("2024-02", 3)),
    }
    assert {request["terms"]["field"] for request in facet_requests(("venue", "month")).values()} == {
        "venue_facet",
        "month",
    }
