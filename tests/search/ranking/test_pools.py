"""The candidates of a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search.base.aliases import Ranking
from search.engines.memory import MemoryBackend
from search.engines.results import EngineResult, Request
from search.errors import DenseUnavailable
from search.language.parser import parse_query
from search.language.query import Node, Or, Term
from search.neural.rerankers import Candidate, CrossEncoderReranker, NoReranker
from search.neural.vector_search import VectorSearch
from search.ranking.pools import N_FEEDBACK, Pool, PoolSearch, fuse
from search.ranking.stages import Stages, stage_counts
from tests.search.make import make_document
from tests.search.meanings import make_engine, make_retriever, make_stages


def pool_of(engine: MemoryBackend, stages: Stages, text: str, mode: str) -> Pool:
    return PoolSearch(engine, parse_query(text).root, text, stages).make_pool(mode)


def test_extras_are_the_candidates_that_do_not_match(engine: MemoryBackend, stages: Stages) -> None:
    pool = pool_of(engine, stages, "automobile", "hybrid")
    assert {"p:01", "p:08"}.isdisjoint(pool.extras)
    assert {"p:00", "p:02", "p:03", "p:11"} <= pool.extras
    assert {key for key, _ in pool.ordered} == pool.extras | {"p:01", "p:08"}


def test_every_candidate_has_its_similarity(engine: MemoryBackend, stages: Stages) -> None:
    pool = pool_of(engine, stages, "car", "dense")
    assert [pool.similarity[key] for key, _ in pool.ordered] == sorted(pool.similarity.values(), reverse=True)


def test_ranks_before_are_those_of_the_fusion(engine: MemoryBackend, stages: Stages) -> None:
    hybrid, rerank = (pool_of(engine, stages, "car", mode) for mode in ("hybrid", "rerank"))
    assert rerank.before == {key: rank for rank, (key, _) in enumerate(hybrid.ordered, start=1)}
    assert hybrid.before == {}


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
@pytest.mark.parametrize("weights", [{"bm25": 0.3, "dense": 0.5, "coverage": 0.2}, {}], ids=["by score", "by rank"])
def test_the_parts_of_a_score_add_up_to_it(
    engine: MemoryBackend, stages: Stages, settings: Any, mode: str, weights: dict[str, float]
) -> None:
    settings.SEARCH_FUSION_WEIGHTS = weights
    pool = pool_of(engine, stages, "car tree", mode)
    sums = {key: sum(part.get(key, 0.0) for part in pool.parts.values()) for key, _ in pool.ordered}
    assert sums == pytest.approx(dict(pool.ordered))


class LengthReranker(CrossEncoderReranker):
    """Reads the first papers, and scores a text by its length."""

    n_read = 3

    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        exact = [(candidate.key, float(len(candidate.text))) for candidate in candidates[: self.n_read]]
        return self._fuse(candidates, exact)


@pytest.mark.parametrize("weight", [0.25, 0.9, 1.0])
@pytest.mark.parametrize("n_read", [1, 3, 200])
def test_with_the_part_of_the_reranker_the_parts_have_the_final_order(
    engine: MemoryBackend, stages: Stages, weight: float, n_read: int
) -> None:
    reranker = LengthReranker(weight=weight)
    reranker.n_read = n_read
    pool = pool_of(engine, replace(stages, reranker=reranker), "car tree", "rerank")
    assert pool.mode == "rerank"
    gains = pool.parts["rerank"]
    assert min(gains.values(), default=0.0) >= 0
    assert set(gains) == ({key for key, score in pool.ordered if score >= 0} if weight < 1 else set())
    if weight < 1:
        read = [key for key, _ in pool.ordered if key in gains]
        sums = [sum(part.get(key, 0.0) for part in pool.parts.values()) for key in read]
        assert sums == pytest.approx(sorted(sums, reverse=True))


def test_the_depth_bounds_the_candidates_of_each_retriever(
    engine: MemoryBackend, stages: Stages, settings: Any
) -> None:
    settings.SEARCH_DEPTH = 2
    assert len(pool_of(engine, stages, "automobile", "hybrid").ordered) <= 4


@pytest.fixture
def shallow(tmp_path: Path, settings: Any) -> tuple[MemoryBackend, Stages]:
    """Papers: one has both words of "car graph", two have a similar meaning, and one is dissimilar."""
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.SEARCH_DEPTH = 4
    documents = [
        make_document("p:both", title="car graph"),
        make_document("p:near1", title="automobile network", categories=["cs.CL"]),
        make_document("p:near2", title="vehicle networks", categories=["cs.CL"]),
        make_document("p:near3", title="automobile networks", categories=["cs.CL"]),
        make_document("p:some", title="car car of oak", categories=["cs.CL"]),
        make_document("p:far", title="car " + "oak trees forest tree " * 3, categories=["cs.CL"]),
        make_document("p:none", title="oak", categories=["cs.CL"]),
    ]
    return make_engine(documents), make_stages(documents, make_retriever(tmp_path, documents))


@pytest.mark.parametrize("mode", ["dense", "hybrid", "rerank"])
def test_partial_matches_are_candidates_if_similar_enough(shallow: tuple[MemoryBackend, Stages], mode: str) -> None:
    pool = pool_of(*shallow, "car graph", mode)
    assert pool.extras == {"p:near1", "p:near2", "p:near3", "p:some"}
    assert {key for key, _score in pool.ordered} == pool.extras | {"p:both"}


def test_partial_matches_meet_the_conditions(shallow: tuple[MemoryBackend, Stages]) -> None:
    engine, stages = shallow

    def extras(condition: str) -> frozenset[str]:
        root = parse_query(f"car graph {condition}").root
        return PoolSearch(engine, root, "car graph", stages).make_pool("hybrid").extras

    assert "p:some" in extras("cat:cs.CL")
    for condition in ("cat:math.CO", "-oak", "netw*", "title:graph"):
        assert "p:some" not in extras(condition)


def test_a_query_for_any_word_is_not_searched_twice(
    shallow: tuple[MemoryBackend, Stages], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, stages = shallow
    queries: list[Node] = []
    search = engine.search

    def seen(root: Node, request: Request) -> EngineResult:
        queries.append(root)
        return search(root, request)

    monkeypatch.setattr(engine, "search", seen)
    any_word = Or((Term("car"), Term("graph")))
    PoolSearch(engine, any_word, "car graph", stages).make_pool("hybrid")
    assert queries.count(any_word) == 1
    PoolSearch(engine, Term("car"), "car", stages).make_pool("hybrid")
    assert queries.count(Term("car")) == 1


def test_the_settings_choose_the_fusion(settings: Any) -> None:
    rankings = {"bm25": [("a", 9.0), ("b", 1.0), ("c", 0.0)], "dense": [("c", 0.9), ("a", 0.2), ("b", 0.1)]}
    settings.SEARCH_FUSION_WEIGHTS = {}
    assert [key for key, _ in fuse(rankings)] == ["a", "c", "b"]
    settings.SEARCH_FUSION_WEIGHTS = {"bm25": 0.1, "dense": 0.9}
    assert [key for key, _ in fuse(rankings)] == ["c", "a", "b"]


def test_by_rank_only_the_retrievers_are_joined(settings: Any) -> None:
    settings.SEARCH_FUSION_WEIGHTS = {}
    rankings = {"bm25": [("a", 9.0), ("b", 1.0)], "dense": [("a", 0.9)]}
    assert fuse({**rankings, "coverage": [("b", 1.0)]}) == fuse(rankings)


def test_feedback_moves_the_query_toward_the_first_fused_papers(
    engine: MemoryBackend, stages: Stages, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[tuple[str, ...]] = []
    similarities = VectorSearch.similarities

    def seen(search: VectorSearch, words: str, keys: Sequence[str], **options: Any) -> dict[str, float]:
        requested.append(tuple(options.get("toward", ())))
        return similarities(search, words, keys, **options)

    monkeypatch.setattr(VectorSearch, "similarities", seen)
    pool = pool_of(engine, stages, "oak", "hybrid")
    gathered = PoolSearch(engine, Term("oak"), "oak", stages).gather()
    assert requested == [tuple(key for key, _score in fuse(gathered.rankings)[:N_FEEDBACK])]
    assert pool.similarity == gathered.similarity  # explanations have the similarity with the query itself


def test_without_feedback_the_first_fusion_is_used(
    engine: MemoryBackend, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    similarities = VectorSearch.similarities

    def broken(search: VectorSearch, words: str, keys: Sequence[str], **options: Any) -> dict[str, float]:
        if options.get("toward"):
            raise DenseUnavailable("gone")
        return similarities(search, words, keys, **options)

    monkeypatch.setattr(VectorSearch, "similarities", broken)
    before = stage_counts().get(("dense", "unavailable"), 0)
    pool = pool_of(engine, stages, "car", "hybrid")
    expected = fuse(PoolSearch(engine, Term("car"), "car", stages).gather().rankings)
    assert (pool.mode, pool.notes) == ("hybrid", ())
    assert pool.ordered[: len(expected)] == expected
    assert stage_counts()["dense", "unavailable"] == before + 1


def test_the_stages_of_the_settings(settings: Any) -> None:
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.NoReranker"}}
    stages = Stages.of_settings(lambda keys: {})
    assert isinstance(stages.reranker, NoReranker)
    assert stages.dense.path == settings.DENSE_RETRIEVERS["default"]["OPTIONS"]["path"]


def test_a_search_for_names_is_ranked_by_words_only(tmp_path: Path, settings: Any) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    documents = [
        make_document("p:1", title="A car on the road", authors=["Ada Oak"]),
        make_document("p:2", title="Cats in the car", authors=["Ada Oak"]),
        make_document("p:3", title="An oak", authors=["Bob Sea"]),
        make_document("p:4", title="Trees", authors=["Bob Sea"]),
    ]
    engine, stages = make_engine(documents), make_stages(documents, make_retriever(tmp_path, documents))

    def mode_of(words: str, mode: str = "hybrid") -> str:
        return pool_of(engine, stages, words, mode).mode

    assert mode_of("oak") == "bm25"  # a name in two papers, a word in one
    assert mode_of("ada oak") == "bm25"
    assert mode_of("oak", "rerank") == "bm25"
    assert mode_of("oak", "dense") == "dense"  # as the query requires
    assert mode_of("how is the car") == "hybrid"  # no paper contains "how"
    assert mode_of("who is ada oak") == "bm25"
    assert mode_of("car") == "hybrid"
    assert mode_of("trees") == "hybrid"
    assert mode_of("unheard of") == "hybrid"
