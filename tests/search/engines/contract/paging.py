"""The contract of search engines: pages, orders and counts."""

from __future__ import annotations

from datetime import date

import pytest

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.engines.results import EngineResult, Request
from search.language.parser import parse_query
from search.language.query import Everything, Prefix, Term
from tests.search.engines.contract.answers import order_of, ranked_keys
from tests.search.make import make_document, titled


class PagingContract:
    """Pages in the requested order, and facets over all hits."""

    def test_pages_follow_each_other_to_the_end_without_gap_or_double(self, backend: SearchBackend) -> None:
        backend.rebuild(titled(*(f"Graph {'graph ' * (n % 4)}number{n}" for n in range(83))), revision=1)
        for root, sort in ((Term("graph"), "relevance"), (Prefix("gra"), "relevance"), (Everything(), "newest")):
            whole = backend.search(root, Request(top_k=100, sort=sort)).hits
            assert len(whole) == 83
            pages = [backend.search(root, Request(start=start, top_k=7, sort=sort)) for start in range(0, 84, 7)]
            assert [hit.key for page in pages for hit in page.hits] == [hit.key for hit in whole]
            assert {page.total for page in pages} == {83}

    @pytest.mark.parametrize("start", [3, 1_000, 10**12])
    def test_past_the_end_there_are_no_hits_and_the_exact_total(self, backend: SearchBackend, start: int) -> None:
        backend.rebuild(titled("Graphs", "Graphs", "Graphs"), revision=1)
        assert backend.search(Term("graphs"), Request(start=start)) == EngineResult(hits=(), total=3)

    def test_a_request_for_no_hits_has_the_total(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words"), revision=1)
        result = backend.search(Term("graphs"), Request(top_k=0))
        assert (result.hits, result.total) == ((), 1)

    def test_equal_scores_are_in_the_same_order_in_every_engine(self, backend: SearchBackend) -> None:
        papers = [make_document(f"p:{n}", title="Graphs", day=date(2020 + n % 3, 1, 1)) for n in range(40)]
        backend.rebuild(papers, revision=1)
        oracle = MemoryBackend()
        oracle.rebuild(papers, revision=1)
        for request in (Request(top_k=100), Request(start=13, top_k=10)):
            assert order_of(backend.search(Term("graphs"), request)) == order_of(oracle.search(Term("graphs"), request))

    @pytest.mark.parametrize("n_papers", [250, 300, 700])
    def test_pages_of_very_many_equal_scores_have_each_paper_once(self, backend: SearchBackend, n_papers: int) -> None:
        papers = [make_document(f"p:{n}", title="Graphs", day=date(2020 + n % 7, 1, 1)) for n in range(n_papers)]
        backend.rebuild([*papers, make_document("p:best", title="Graphs graphs")], revision=1)
        pages = [backend.search(Term("graphs"), Request(start=n, top_k=25)) for n in range(0, n_papers + 25, 25)]
        keys = [hit.key for page in pages for hit in page.hits]
        assert sorted(keys) == sorted(["p:best", *(paper["key"] for paper in papers)])

    def test_sorting_by_date_is_over_all_hits(self, backend: SearchBackend) -> None:
        papers = [make_document(f"p:{n:02}", title="Graphs " * (1 + n), day=date(2020, 1, 1 + n)) for n in range(30)]
        papers[3]["updated"] = date(2024, 1, 1).toordinal()
        backend.rebuild(papers, revision=1)
        pages = {
            sort: order_of(backend.search(Term("graphs"), Request(top_k=2, sort=sort)))
            for sort in ("newest", "oldest", "updated")
        }
        assert pages == {"newest": ["p:29", "p:28"], "oldest": ["p:00", "p:01"], "updated": ["p:03", "p:29"]}

    def test_filters_alone_list_the_newest_first(self, backend: SearchBackend) -> None:
        papers = [make_document(f"p:{n}", categories=["cs.CL"], day=date(2020, 1, 1 + n)) for n in range(5)]
        backend.rebuild(papers, revision=1)
        assert ranked_keys(backend, parse_query("cat:cs.CL").root) == [f"p:{n}" for n in (4, 3, 2, 1, 0)]

    def test_facets_count_all_hits(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document(
                    "p:0", title="Graphs", categories=["cs.LG", "stat.ML"], year=2020, venue_facet="ICLR 2020"
                ),
                make_document("p:1", title="Graphs", categories=["cs.LG"], year=2021),
                make_document("p:2", title="Words", categories=["cs.CL"], year=2021),
            ],
            revision=1,
        )
        result = backend.search(Term("graphs"), Request(top_k=1, facets=("category", "venue", "year")))
        counts = {
            name: [(facet.value, facet.n_documents) for facet in facets] for name, facets in result.facets.items()
        }
        assert counts == {
            "category": [("cs.LG", 2), ("stat.ML", 1)],
            "venue": [("ICLR 2020", 1)],
            "year": [("2020", 1), ("2021", 1)],
        }

    def test_months_count_papers_with_a_day_in_order(self, backend: SearchBackend) -> None:
        days = [date(2024, 2, 29), date(2024, 2, 1), date(2023, 12, 31), date(1, 1, 1), None]
        backend.rebuild(
            [make_document(f"p:{n}", title="Graphs", day=day, year=2024) for n, day in enumerate(days)], revision=1
        )
        result = backend.search(Term("graphs"), Request(top_k=1, facets=("month", "year")))
        assert [(facet.value, facet.n_documents) for facet in result.facets["month"]] == [
            ("0001-01", 1),
            ("2023-12", 1),
            ("2024-02", 2),
        ]
