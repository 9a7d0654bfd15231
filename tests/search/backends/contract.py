"""What every search engine must do: one class of tests that each engine's test file subclasses."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from search.backends.base import SearchBackend
from search.backends.memory import MemoryBackend
from search.documents import Document
from search.errors import IndexMissing, QueryTooLarge
from search.parser import parse_query
from search.query import And, Everything, Exact, Flag, Fuzzy, Keys, Not, Or, Phrase, Prefix, Range, Term
from search.query import Node as QueryNode
from search.results import EngineResult, Request
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


class BackendContract(ABC):
    """Subclass it and say how to make the engine, and with which byte of length its scores reckon."""

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
        found = library.search(root, Request(top_k=100))
        assert found.total == expected.total
        assert {hit.key for hit in found.hits} == {hit.key for hit in expected.hits}
        scores = {hit.key: hit.score for hit in expected.hits}
        for hit in found.hits:
            assert hit.score == pytest.approx(scores[hit.key], rel=self.tolerance, abs=1e-6)

    @pytest.mark.parametrize("text", QUERIES)
    def test_the_queries_of_this_contract_find_something(self, library: SearchBackend, text: str) -> None:
        assert library.search(parse_query(text, now=TODAY).root, Request()).total

    # ---- what is found --------------------------------------------------------------------------

    def test_words_are_looked_for_in_every_field(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document("p:title", title="Zebras"),
                make_document("p:abstract", abstract="We study zebras."),
                make_document("p:author", authors=["Z. Zebras"]),
                make_document("p:venue", venue="Zebras 2024 Conference on Zebras"),
                make_document("p:comment", comment="Presented to zebras"),
                make_document("p:journal", journal="Zebras and Their Stripes"),
                make_document("p:none", title="Horses"),
            ],
            revision=1,
        )
        assert _keys(backend, Term("zebras")) == {f"p:{name}" for name in _FIELD_NAMES}
        for field in _FIELD_NAMES:
            assert _keys(backend, Term("zebras", field)) == {f"p:{field}"}

    def test_a_title_counts_more_than_an_abstract_and_that_more_than_the_rest(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document("p:venue", title="Horse", abstract="Horses run.", venue="Zebra"),
                make_document("p:abstract", title="Horse", abstract="Zebra run.", venue="Horse"),
                make_document("p:title", title="Zebra", abstract="Horses run.", venue="Horse"),
            ],
            revision=1,
        )
        assert _ranked(backend, Term("zebra")) == ["p:title", "p:abstract", "p:venue"]

    def test_the_form_as_written_ranks_above_its_stem(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Trained networks", "Training networks", "Train networks"), revision=1)
        assert _ranked(backend, Term("training"))[0] == "p:1"
        assert _ranked(backend, Term("trained"))[0] == "p:0"
        assert _keys(backend, Term("train")) == {"p:0", "p:1", "p:2"}

    def test_an_accent_is_preferred_and_not_needed(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Schrodinger operators", "Schrödinger operators"), revision=1)
        assert _keys(backend, Term("schrodinger")) == {"p:0", "p:1"}
        assert _ranked(backend, Term("Schrödinger")) == ["p:1", "p:0"]

    def test_stop_words_are_dropped_beside_words_and_kept_alone(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph of the world", "Graph world", "Of the people"), revision=1)
        assert _keys(backend, And((Term("graph"), Term("of")))) == {"p:0", "p:1"}
        assert _keys(backend, And((Term("of"), Term("the")))) == {"p:0", "p:2"}
        assert _keys(backend, Phrase("graph of the world")) == {"p:0"}

    def test_a_phrase_wants_its_words_next_to_each_other_in_order(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Deep neural networks", "Networks deep and neural", "Neural deep networks"), revision=1)
        assert _keys(backend, Phrase("deep neural")) == {"p:0"}
        assert _keys(backend, Phrase("neural network")) == {"p:0"}

    def test_a_phrase_does_not_run_from_one_author_into_the_next(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", authors=["Xiao Wang", "Li Zhang"])], revision=1)
        assert _keys(backend, Phrase("wang li", "author")) == set()
        assert _keys(backend, Phrase("li zhang", "author")) == {"p:0"}

    def test_not_takes_away(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph networks", "Graph colouring", "Words"), revision=1)
        assert _keys(backend, And((Term("graph"), Not(Term("networks"))))) == {"p:1"}
        assert _keys(backend, And((Everything(), Not(Term("graph"))))) == {"p:2"}
        assert _keys(backend, Not(Term("graph"))) == {"p:2"}

    def test_a_prefix_fits_words_as_written_also_with_accents(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Convolutional filters", "Convolution theorem", "Schrödinger", "Volcano"), revision=1)
        assert _keys(backend, Prefix("convolutional")) == {"p:0"}
        assert _keys(backend, Prefix("convol")) == {"p:0", "p:1"}
        assert _keys(backend, Prefix("schro")) == {"p:2"}
        assert _keys(backend, Prefix("schrö")) == {"p:2"}

    def test_a_fuzzy_word_finds_near_ones_the_right_one_first(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Gausian noise", "Gaussian noise", "Gallican noise"), revision=1)
        assert _ranked(backend, Fuzzy("gaussian")) == ["p:1", "p:0"]
        assert _keys(backend, Fuzzy("guassian")) == {"p:1"}  # a swap is one edit
        assert _keys(backend, Fuzzy("guassian", distance=2)) == {"p:0", "p:1"}

    def test_ranges_include_both_ends_and_may_be_open(self, backend: SearchBackend) -> None:
        days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
        backend.rebuild([make_document(f"p:{n}", day=day) for n, day in enumerate(days)], revision=1)
        assert _keys(backend, Range("date", days[1], days[2])) == {"p:1", "p:2"}
        assert _keys(backend, Range("date", None, days[1])) == {"p:0", "p:1"}
        assert _keys(backend, Range("date", days[2], None)) == {"p:2", "p:3"}
        assert _keys(backend, Range("year", date(2024, 1, 1), date(2024, 12, 31))) == {"p:1", "p:2"}
        assert _keys(backend, Range("date", days[2], days[1])) == set()

    def test_a_paper_with_only_a_year_is_in_ranges_that_hold_its_whole_year(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", year=2024), make_document("p:1")], revision=1)
        assert _keys(backend, Range("date", date(2024, 1, 1), date(2024, 12, 31))) == {"p:0"}
        assert _keys(backend, Range("date", date(2023, 5, 1), date(2025, 2, 1))) == {"p:0"}
        assert _keys(backend, Range("date", date(2024, 1, 2), None)) == set()

    def test_flags_and_keys(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", flags=["code", "pdf"]), make_document("p:1", flags=["pdf"])], revision=1)
        assert _keys(backend, Flag("has", "code")) == {"p:0"}
        assert _keys(backend, Keys(frozenset({"p:1", "p:404"}))) == {"p:1"}
        assert _keys(backend, Keys(frozenset())) == set()
        assert _keys(backend, Flag("is", "starred")) == set()

    def test_words_that_hold_no_token_find_nothing_and_do_not_disturb_others(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        assert _keys(backend, Term("!?")) == set()
        assert _keys(backend, And((Term("!?"), Term("graphs")))) == {"p:0"}
        assert _keys(backend, Or((Term("!?"), Term("graphs")))) == {"p:0"}
        assert _keys(backend, Term("\ud800")) == set()

    # ---- pages ----------------------------------------------------------------------------------

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

    def test_no_hits_wanted_still_gives_the_total(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words"), revision=1)
        result = backend.search(Term("graphs"), Request(top_k=0))
        assert (result.hits, result.total) == ((), 1)

    def test_equal_scores_are_in_the_same_order_in_every_engine(self, backend: SearchBackend) -> None:
        papers = [make_document(f"p:{n}", title="Graphs", day=date(2020 + n % 3, 1, 1)) for n in range(40)]
        backend.rebuild(papers, revision=1)
        oracle = MemoryBackend()
        oracle.rebuild(papers, revision=1)
        for request in (Request(top_k=100), Request(start=13, top_k=10)):
            assert _order(backend.search(Term("graphs"), request)) == _order(oracle.search(Term("graphs"), request))

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
        found = {
            sort: _order(backend.search(Term("graphs"), Request(top_k=2, sort=sort)))
            for sort in ("newest", "oldest", "updated")
        }
        assert found == {"newest": ["p:29", "p:28"], "oldest": ["p:00", "p:01"], "updated": ["p:03", "p:29"]}

    def test_filters_alone_list_the_newest_first(self, backend: SearchBackend) -> None:
        papers = [make_document(f"p:{n}", categories=["cs.CL"], day=date(2020, 1, 1 + n)) for n in range(5)]
        backend.rebuild(papers, revision=1)
        assert _ranked(backend, parse_query("cat:cs.CL").root) == [f"p:{n}" for n in (4, 3, 2, 1, 0)]

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
        counts = {name: [(facet.value, facet.count) for facet in facets] for name, facets in result.facets.items()}
        assert counts == {
            "category": [("cs.LG", 2), ("stat.ML", 1)],
            "venue": [("ICLR 2020", 1)],
            "year": [("2020", 1), ("2021", 1)],
        }

    def test_an_explanation_adds_up_to_the_score(self, library: SearchBackend) -> None:
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

    # ---- changes --------------------------------------------------------------------------------

    def test_without_an_index_it_says_so(self, backend: SearchBackend) -> None:
        assert backend.revision() == 0
        with pytest.raises(IndexMissing, match="rebuild_index"):
            backend.search(Everything(), Request())
        with pytest.raises(IndexMissing, match="rebuild_index"):
            backend.update(titled("Graphs"), revision=1)

    def test_an_empty_library_is_searched_without_error(self, backend: SearchBackend) -> None:
        assert backend.rebuild([], revision=0) == 0
        assert backend.search(Term("graphs"), Request(facets=("year",))).total == 0
        assert backend.keys() == set()
        assert backend.suggest("graphs") == []

    def test_an_update_adds_replaces_and_removes(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words", "Trees"), revision=3)
        written = backend.update(
            [make_document("p:1", title="Meadows"), make_document("p:9", title="Rivers")], removed=["p:2"], revision=5
        )
        assert (written, backend.revision(), backend.count()) == (2, 5, 3)
        assert backend.keys() == {"p:0", "p:1", "p:9"}
        assert _keys(backend, Term("words")) == set()
        assert _keys(backend, Or((Term("meadows"), Term("rivers"), Term("trees")))) == {"p:1", "p:9"}

    def test_the_same_update_twice_changes_nothing(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        for _ in range(2):
            backend.update([make_document("p:1", title="Meadows")], revision=2)
        assert (backend.count(), backend.revision()) == (2, 2)

    def test_a_rebuild_replaces_everything(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words"), revision=1)
        backend.rebuild([make_document("p:7", title="Rivers")], revision=2)
        assert (backend.keys(), backend.revision()) == ({"p:7"}, 2)

    def test_searches_go_on_while_the_index_is_rebuilt(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        seen_meanwhile: list[int | None] = []

        def slowly() -> Iterable[Document]:
            for document in titled("Graphs", "Graphs", "Graphs"):
                seen_meanwhile.append(backend.search(Term("graphs"), Request()).total)
                yield document

        thread = threading.Thread(target=lambda: backend.rebuild(slowly(), revision=2))
        thread.start()
        thread.join()
        assert seen_meanwhile == [1, 1, 1]
        assert backend.search(Term("graphs"), Request()).total == 3

    def test_a_rebuild_that_fails_leaves_the_old_index(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)

        def failing() -> Iterable[Document]:
            yield from titled("Words", "Words")
            raise RuntimeError("the database went away")

        with pytest.raises(RuntimeError, match="went away"):
            backend.rebuild(failing(), revision=2)
        assert (backend.revision(), backend.count()) == (1, 1)
        assert backend.rebuild(titled("Words", "Words"), revision=2) == 2

    def test_an_update_that_fails_leaves_the_old_index(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)

        def failing() -> Iterable[Document]:
            yield make_document("p:9", title="Words")
            raise RuntimeError("the database went away")

        with pytest.raises(RuntimeError, match="went away"):
            backend.update(failing(), revision=2)
        assert (backend.revision(), backend.keys()) == (1, {"p:0"})
        backend.update([make_document("p:9", title="Words")], revision=2)
        assert backend.keys() == {"p:0", "p:9"}

    # ---- words of the index ---------------------------------------------------------------------

    def test_near_words_are_suggested_by_distance_then_frequency(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Transformer", "Transformers", "Transformers", "Transform", "Diffusion"), revision=1)
        assert backend.suggest("transfomer")[:2] == ["transformer", "transformers"]
        assert backend.suggest("ransformers") == ["transformers", "transformer"]
        assert backend.suggest("difusion") == ["diffusion"]
        assert backend.suggest("zzzzzzz") == []

    def test_completions_are_title_words_most_frequent_first(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Learning", "Learning", "Learnability", "Earning"), revision=1)
        assert backend.complete("learn") == ["learning", "learnability"]
        assert backend.complete("learn", limit=1) == ["learning"]

    def test_document_frequencies_count_papers(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph graph", "Graphs", "Words"), revision=1)
        assert backend.document_frequencies("title", ["graph", "word", "zebra"]) == {"graph": 2, "word": 1, "zebra": 0}

    # ---- what must not break it -----------------------------------------------------------------

    def test_too_many_words_and_too_deep_nesting_are_refused(self, library: SearchBackend) -> None:
        with pytest.raises(QueryTooLarge, match="more than 256 words"):
            library.search(Or(tuple(Term(f"word{n}") for n in range(10_000))), Request())
        deep: QueryNode = Term("graph")
        for _ in range(10_000):
            deep = Not(deep)
        with pytest.raises(QueryTooLarge, match="nested more than 32 deep"):
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
        assert _keys(backend, Term("graphs")) == {"p:control", "p:long", "p:surrogate"}

    def test_regular_expression_characters_are_plain_characters(self, backend: SearchBackend) -> None:
        backend.rebuild(titled(r"The C++ of \alpha", "Words"), revision=1)
        assert _keys(backend, Prefix("c++")) == {"p:0"}
        assert _keys(backend, Prefix(r"\alp")) == {"p:0"}
        assert _keys(backend, Exact("category", ".*")) == set()
        assert _keys(backend, Exact("category", ".*", is_prefix=True)) == set()


_FIELD_NAMES = ("title", "abstract", "author", "venue", "comment", "journal")


def _order(result: EngineResult) -> list[str]:
    return [hit.key for hit in result.hits]


def _ranked(backend: SearchBackend, root: QueryNode) -> list[str]:
    return _order(backend.search(root, Request(top_k=100)))


def _keys(backend: SearchBackend, root: QueryNode) -> set[str]:
    result = backend.search(root, Request(top_k=100))
    assert result.total == len(result.hits)
    return set(_order(result))
