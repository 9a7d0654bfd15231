from __future__ import annotations

from pathlib import Path

import tantivy

from search.engines.results import FacetCount
from search.engines.tantivy.facets import count_facets
from tests.search.engines.tantivy.opened import open_index
from tests.search.make import make_document

DOCUMENTS = (
    make_document("p:0", categories=["cs.LG", "cs.CL"], venue_facet="ICLR 2025", year=2025),
    make_document("p:1", categories=["cs.CL"], venue_facet="", year=0),
    make_document("p:2", categories=["cs.AI"], venue_facet="ACL 2024", year=2024),
)


def test_values_come_most_frequent_first_then_by_name_without_missing_ones(tmp_path: Path) -> None:
    searcher = open_index(tmp_path, DOCUMENTS).searcher
    facets, total = count_facets(searcher, tantivy.Query.all_query(), ("category", "venue", "year"))
    assert total == 3
    assert facets == {
        "category": (FacetCount("cs.CL", 2), FacetCount("cs.AI", 1), FacetCount("cs.LG", 1)),
        "venue": (FacetCount("ACL 2024", 1), FacetCount("ICLR 2025", 1)),
        "year": (FacetCount("2024", 1), FacetCount("2025", 1)),
    }


def test_only_matching_documents_count(tmp_path: Path) -> None:
    reader = open_index(tmp_path, DOCUMENTS)
    query = tantivy.Query.term_query(reader.index.schema, "key", "p:1")
    assert count_facets(reader.searcher, query, ("category",)) == ({"category": (FacetCount("cs.CL", 1),)}, 1)
