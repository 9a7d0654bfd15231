"""The contract of search engines: one class of tests that each engine's test file subclasses."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path

import pytest

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.errors import QueryTooLarge
from search.language.parser import parse_query
from search.language.query import And, Constant, Exact, Keys, Not, Or, Prefix, Term
from search.language.query import Node as QueryNode
from tests.search.engines.contract.answers import found_keys
from tests.search.engines.contract.changing import ChangingContract
from tests.search.engines.contract.finding import FindingContract
from tests.search.engines.contract.paging import PagingContract
from tests.search.make import make_document, titled
from tests.search.papers import PAPERS

TODAY = date(2024, 7, 1)

# Queries of every kind; engines and oracle must agree on what they find and on every score.
QUERIES = (
    "neural networks",
    "networks",
    "network training",
    "attention is all you need",
    '"attention is all you need"',
    "to be or not to be",
    "non-invasive",
    "non invasive",
    "ti:graph",
    "abs:graph OR ti:graph",
    "graph -neural",
    "graph ANDNOT (neural OR translation)",
    "learn*",
    "abs:convolut*",
    "transfomer~",
    "au:Hinton",
    "au:G_Hinton",
    "au:Hinton_G",
    "au:del_maestro",
    'au:"van der Waals"',
    "Díaz",
    "Diaz",
    "cat:cs.LG",
    "cat:cs.*",
    "year:2017..2020",
    "date:2020 networks",
    "3872",
    "X(3872)",
    r"\alpha",
    "C++",
    "深度",
    "学",
    "graph OR attention OR networks OR learning OR Hinton",
    "venue:NeurIPS",
    "co:accepted",
    'jr:"Physical Review"',
    "has:code",
    "doi:10.1000/xyz",
    "id:1706.03762",
    "all:graph",
    "(graph OR attention) (learning OR networks) -survey",
)


class BackendContract(FindingContract, PagingContract, ChangingContract, ABC):
    """Subclasses build the engine, and the oracle with the same stored lengths."""

    # Largest difference of a score from the oracle's, as a share of it.
    tolerance = 1e-4

    @abstractmethod
    def make_backend(self, folder: Path) -> SearchBackend: ...

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend()

    @pytest.fixture
    def backend(self, tmp_path: Path) -> SearchBackend:
        return self.make_backend(tmp_path / "index")

    @pytest.fixture
    def library(self, backend: SearchBackend) -> SearchBackend:
        """The engine with the papers of ``tests/search/papers.py``."""
        backend.rebuild(PAPERS, revision=1)
        return backend

    # ---- agreement with the oracle --------------------------------------------------------------

    @pytest.mark.parametrize("text", QUERIES)
    def test_it_scores_as_the_oracle_does(self, library: SearchBackend, text: str) -> None:
        oracle = self.make_oracle()
        oracle.rebuild(PAPERS, revision=1)
        root = parse_query(text, now=TODAY).root
        expected = oracle.search(root, Request(top_k=100))
        result = library.search(root, Request(top_k=100))
        assert result.total == expected.total
        assert {hit.key for hit in result.hits} == {hit.key for hit in expected.hits}
        scores = {hit.key: hit.score for hit in expected.hits}
        for hit in result.hits:
            assert hit.score == pytest.approx(scores[hit.key], rel=self.tolerance, abs=1e-6)

    @pytest.mark.parametrize("text", QUERIES)
    def test_the_queries_of_this_contract_have_hits(self, library: SearchBackend, text: str) -> None:
        assert library.search(parse_query(text, now=TODAY).root, Request()).total

    def test_several_searches_at_once_have_the_results_of_each(self, library: SearchBackend) -> None:
        requests = [
            Request(top_k=3),
            Request(top_k=0, facets=("category", "year")),
            Request(top_k=5, sort="newest", with_total=False),
            Request(start=2, top_k=2, explain=True),
            Request(start=10**6),
        ]
        roots = [parse_query(text, now=TODAY).root for text in ("graph networks", "cat:cs.*", "non-invasive", "zebra")]
        searches = [(root, request) for root in roots for request in requests]
        assert library.search_many(searches) == [library.search(root, request) for root, request in searches]
        assert library.search_many([]) == []

    def test_a_constant_has_its_score_whatever_the_frequency_of_the_word(self, library: SearchBackend) -> None:
        words = {"graph": 0.25, "networks": 0.5, "zebra": 4.0}
        alternatives = tuple(
            Constant(Or((Term(word, "title"), Term(word, "abstract"))), score) for word, score in words.items()
        )
        hits = library.search(Or(alternatives), Request(top_k=100)).hits
        expected = {
            paper["key"]: sum(score for word, score in words.items() if self._is_said(library, word, paper["key"]))
            for paper in PAPERS
        }
        assert {hit.key: hit.score for hit in hits} == {key: score for key, score in expected.items() if score}
        assert len(set(expected.values())) > 2
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    def _is_said(self, library: SearchBackend, word: str, key: str) -> bool:
        either = Or((Term(word, "title"), Term(word, "abstract")))
        return library.search(And((either, Keys(frozenset({key})))), Request()).total == 1

    def test_the_shares_of_an_explanation_sum_to_the_score(self, library: SearchBackend) -> None:
        result = library.search(parse_query("graph networks", now=TODAY).root, Request(explain=True))
        assert result.hits
        for hit in result.hits:
            assert hit.explanation is not None
            assert sum(share.score for share in hit.explanation.shares) == pytest.approx(hit.score, rel=1e-4)
            assert {share.field for share in hit.explanation.shares} <= {
                "title",
                "title_exact",
                "abstract",
                "abstract_exact",
            }

    # ---- words of the index ---------------------------------------------------------------------

    def test_suggestions_are_ordered_by_distance_then_frequency(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Transformer", "Transformers", "Transformers", "Transform", "Diffusion"), revision=1)
        assert backend.suggest("transfomer")[:2] == ["transformer", "transformers"]
        assert backend.suggest("ransformers") == ["transformers"]
        assert backend.suggest("difusion") == ["diffusion"]
        assert backend.suggest("zzzzzzz") == []

    def test_completions_are_title_words_most_frequent_first(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Learning", "Learning", "Learnability", "Earning"), revision=1)
        assert backend.complete("learn") == ["learning", "learnability"]
        assert backend.complete("learn", limit=1) == ["learning"]

    def test_document_frequencies_count_papers(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph graph", "Graphs", "Words"), revision=1)
        assert backend.document_frequencies("title", ["graph", "word", "zebra"]) == {"graph": 2, "word": 1, "zebra": 0}

    def test_the_most_frequent_words_of_a_stream(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph words", "Graph words", "Graph"), revision=1)
        assert dict(backend.words("title", "")) == {"graph": 3, "word": 2}
        assert backend.words("title", "", limit=1) == [("graph", 3)]
        assert backend.words("title", "wo") == [("word", 2)]

    def test_the_papers_with_a_token(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words", "Graph words"), revision=1)
        assert set(backend.containing("title", "graph", limit=10)) == {"p:0", "p:2"}
        assert len(backend.containing("title", "graph", limit=1)) == 1
        assert backend.containing("title", "zebra", limit=10) == []
        backend.update([], removed=["p:0"], revision=2)
        assert backend.containing("title", "graph", limit=10) == ["p:2"]

    def test_names_are_completed_the_most_frequent_first(self, backend: SearchBackend) -> None:
        lists = (["Geoffrey Hinton"], ["Geoffrey Hinton", "Mary Hinton"], ["Ada Lovelace"])
        backend.rebuild([make_document(f"p:{n}", authors=authors) for n, authors in enumerate(lists)], revision=1)
        assert backend.complete_names(["hin"], limit=5, wait_s=60) == ["hinton|geoffrey", "hinton|mary"]
        assert set(backend.names_with("hinton|geoffrey", limit=5)) == {"p:0", "p:1"}
        backend.update([make_document("p:3", authors=["Grace Hinton"])], revision=2)
        # A list that took long, as on a busy machine, serves for a while before it is remade.
        end = time.monotonic() + 30
        while "hinton|grace" not in backend.complete_names(["hin"], limit=5, wait_s=60):
            assert time.monotonic() < end
            time.sleep(0.05)

    # ---- what must not break it -----------------------------------------------------------------

    def test_too_many_words_and_too_deep_nesting_are_refused(self, library: SearchBackend) -> None:
        with pytest.raises(QueryTooLarge, match="more than 256 words"):
            library.search(Or(tuple(Term(f"word{n}") for n in range(10_000))), Request())
        deep: QueryNode = Term("graph")
        for _ in range(10_000):
            deep = Not(deep)
        with pytest.raises(QueryTooLarge, match="nested more than 32 levels deep"):
            library.search(deep, Request())
        with pytest.raises(QueryTooLarge, match="at least 2 letters"):
            library.search(Prefix("a"), Request())

    def test_256_words_are_searched(self, library: SearchBackend) -> None:
        words = tuple(Term(word) for word in ("graph", *(f"word{n}" for n in range(255))))
        assert library.search(Or(words), Request()).total

    def test_odd_papers_are_indexed_and_found(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document("p:empty", title=""),
                make_document("p:control", title="Graphs\x00\x01\x1f of\u2028words"),
                make_document("p:long", title="Graphs", abstract="word" * 50_000),
                make_document("p:surrogate", title="Graphs \ud800 broken"),
            ],
            revision=1,
        )
        assert backend.count() == 4
        assert found_keys(backend, Term("graphs")) == {"p:control", "p:long", "p:surrogate"}

    def test_regular_expression_characters_are_plain_characters(self, backend: SearchBackend) -> None:
        backend.rebuild(titled(r"The C++ of \alpha", "Words"), revision=1)
        assert found_keys(backend, Prefix("c++")) == {"p:0"}
        assert found_keys(backend, Prefix(r"\alp")) == {"p:0"}
        assert found_keys(backend, Exact("category", ".*")) == set()
        assert found_keys(backend, Exact("category", ".*", is_prefix=True)) == set()
