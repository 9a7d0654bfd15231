"""The hits, their order, and the fallbacks of failed stages (PRODUCT.md, section 4)."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.base.aliases import Ranking
from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.language.meaning import free_words
from search.language.parser import parse_query
from search.language.query import MAX_NESTING, And, Not, Or, Term
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import Candidate, Reranker
from search.neural.vector_search import VectorSearch
from search.ranking import stages as stages_module
from search.ranking.pipeline import MODES, Ranked, default_mode, load_models, rank
from search.ranking.pools import PoolSearch
from search.ranking.stages import Stages
from tests.search.concepts import ConceptEncoder, ConceptRetriever
from tests.search.meanings import BackwardsReranker, make_engine, make_library, make_retriever, make_stages
from tests.search.neural.opensearch.conftest import ServedConceptRetriever

BY_MEANING = ("dense", "hybrid", "rerank")
CATEGORY_OF = {document["key"]: document["categories"] for document in make_library()}


@pytest.fixture(autouse=True)
def _settings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEARCH_DEPTH = 50
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    monkeypatch.setattr(stages_module, "_down", {})
    monkeypatch.setattr(stages_module, "_abandoned", set())


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return make_library()


@pytest.fixture(scope="module")
def engine(documents: list[Document]) -> MemoryBackend:
    return make_engine(documents)


@pytest.fixture
def stages(documents: list[Document], tmp_path: Path) -> Stages:
    return make_stages(documents, make_retriever(tmp_path / "vectors", documents), BackwardsReranker())


def ask(
    engine: MemoryBackend, stages: Stages, text: str, *, mode: str = "hybrid", words: str | None = None, **request: Any
) -> Ranked:
    root = parse_query(text).root
    query_words = free_words(root) if words is None else words
    return rank(PoolSearch(engine, root, query_words, stages), Request(**{"top_k": 100} | request), mode=mode)


def keys(ranked: Ranked) -> list[str]:
    return [hit.key for hit in ranked.result.hits]


# ---- what is found -----------------------------------------------------------------------------------


def test_words_alone_find_only_the_words(engine: MemoryBackend, stages: Stages) -> None:
    assert set(keys(ask(engine, stages, "car", mode="bm25"))) == {"p:00", "p:02", "p:05", "p:06", "p:09", "p:10"}


@pytest.mark.parametrize("mode", BY_MEANING)
def test_papers_with_synonyms_are_found_by_meaning(engine: MemoryBackend, stages: Stages, mode: str) -> None:
    ranked_keys = keys(ask(engine, stages, "car", mode=mode))
    assert {"p:01", "p:03", "p:08", "p:11"} < set(ranked_keys)  # automobile, vehicle
    assert {"p:04", "p:07"}.isdisjoint(ranked_keys)  # trees, felines
    assert len(ranked_keys) == len(set(ranked_keys))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "updated"])
@pytest.mark.parametrize("text", ["car", "car engine", "car OR tree", "oak car cat:cs.CL", "car -wash", "zzz car"])
def test_hits_totals_and_facets_do_not_depend_on_the_ranking(
    engine: MemoryBackend, stages: Stages, text: str, sort: str
) -> None:
    facets = ("category", "year")
    answers = [ask(engine, stages, text, mode=mode, sort=sort, facets=facets) for mode in BY_MEANING]
    assert {answer.mode for answer in answers} == set(BY_MEANING)
    assert len({frozenset(keys(answer)) for answer in answers}) == 1
    for answer in answers:
        assert answer.result.total == len(keys(answer))
        assert dict(answer.result.facets) == dict(answers[0].result.facets)


@pytest.mark.parametrize("mode", BY_MEANING)
@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("car cat:cs.CL", lambda key: "cs.CL" not in CATEGORY_OF[key]),
        ("car date:2024-01-01..2024-01-06", lambda key: key > "p:05"),
        ("car -vehicle", lambda key: key in {"p:03", "p:11"}),
        ("car ti:automobile", lambda key: key not in {"p:01", "p:08"}),
        ('car "sea water"', lambda key: key != "p:05"),
        ("car autom*", lambda key: key not in {"p:01", "p:08"}),
        ("car year:1999", lambda key: True),
    ],
)
def test_conditions_hold_for_papers_found_by_meaning(
    engine: MemoryBackend, stages: Stages, text: str, hidden: Any, mode: str
) -> None:
    ranked = ask(engine, stages, text, mode=mode)
    assert ranked.mode == mode
    assert [key for key in keys(ranked) if hidden(key)] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("depth", [3, 50])
@pytest.mark.parametrize("size", [1, 4, 7])
def test_paging_to_the_end_gives_each_paper_once(
    engine: MemoryBackend, stages: Stages, settings: Any, mode: str, depth: int, size: int
) -> None:
    settings.SEARCH_DEPTH = depth
    whole = ask(engine, stages, "car OR tree OR cat", mode=mode)
    pages: list[str] = []
    for start in range(0, (whole.result.total or 0) + size, size):
        page = ask(engine, stages, "car OR tree OR cat", mode=mode, start=start, top_k=size)
        assert page.result.total == whole.result.total
        pages += keys(page)
    assert pages == keys(whole)
    assert len(set(pages)) == len(pages) == whole.result.total


def test_facets_are_those_of_all_pages(engine: MemoryBackend, stages: Stages) -> None:
    first = ask(engine, stages, "car", facets=("category",), top_k=1)
    second = ask(engine, stages, "car", facets=("category",), top_k=1, start=5)
    assert first.result.facets == second.result.facets
    assert sum(count.n_documents for count in first.result.facets["category"]) == first.result.total


# ---- in what order -----------------------------------------------------------------------------------


def test_each_mode_has_its_order(engine: MemoryBackend, stages: Stages) -> None:
    dense = ask(engine, stages, "automobile", mode="dense", explain=True)
    cosines = [hit.explanation.similarity for hit in dense.result.hits if hit.explanation]
    assert cosines == sorted(cosines, key=lambda cosine: -(cosine or 0))
    hybrid, rerank = (keys(ask(engine, stages, "automobile", mode=mode)) for mode in ("hybrid", "rerank"))
    assert hybrid[0] == "p:08"  # both stages like it
    assert rerank == hybrid[::-1]


def test_only_the_head_of_the_pool_is_reranked(engine: MemoryBackend, stages: Stages, settings: Any) -> None:
    settings.RERANK_POOL = 3
    hybrid, rerank = (keys(ask(engine, stages, "automobile", mode=mode)) for mode in ("hybrid", "rerank"))
    assert rerank == [*hybrid[:3][::-1], *hybrid[3:]]


def test_a_hit_has_the_values_of_each_stage(engine: MemoryBackend, stages: Stages) -> None:
    ranked = ask(engine, stages, "automobile", mode="rerank", explain=True)
    n_hits = len(ranked.result.hits)
    for number, hit in enumerate(ranked.result.hits, start=1):
        assert hit.explanation is not None
        assert hit.explanation.rank_after == number
        assert hit.explanation.rank_before == n_hits + 1 - number
        assert hit.explanation.similarity is not None
    (exact,) = [hit.explanation for hit in ranked.result.hits if hit.key == "p:08"]
    assert exact is not None
    assert exact.bm25_score == pytest.approx(sum(share.score for share in exact.shares))
    (other,) = [hit.explanation for hit in ranked.result.hits if hit.key == "p:11"]
    assert other is not None
    assert other.shares == ()  # found by meaning alone
    assert (exact.coverage, other.coverage) == (1.0, 0.0)


def test_only_fused_modes_explain_coverage(engine: MemoryBackend, stages: Stages) -> None:
    dense, hybrid = (ask(engine, stages, "automobile", mode=mode, explain=True) for mode in ("dense", "hybrid"))
    assert {hit.explanation.coverage for hit in dense.result.hits if hit.explanation} == {None}
    assert {hit.explanation.coverage for hit in hybrid.result.hits if hit.explanation} == {0.0, 1.0}


def test_another_sort_explains_without_ranks(engine: MemoryBackend, stages: Stages) -> None:
    ranked = ask(engine, stages, "automobile", mode="rerank", explain=True, sort="newest")
    explanations = [hit.explanation for hit in ranked.result.hits]
    assert all(
        explanation is not None and explanation.similarity is not None and explanation.rank_after is None
        for explanation in explanations
    )


def test_new_vectors_make_a_new_order(
    engine: MemoryBackend, stages: Stages, documents: list[Document], tmp_path: Path
) -> None:
    before = keys(ask(engine, stages, "car", mode="dense"))
    retriever = stages.dense
    retriever.update(["p:11"], ["feline"], removed=(), revision=2)
    after = keys(ask(engine, stages, "car", mode="dense"))
    assert "p:11" in before
    assert "p:11" not in after


def test_a_repeated_search_uses_the_cached_pool(engine: MemoryBackend, stages: Stages) -> None:
    stub = stages.dense.encoder(wait_s=10.0)
    assert isinstance(stub, ConceptEncoder)
    ask(engine, stages, "car")
    encoded = stub.n_texts
    ask(engine, stages, "car", start=5)
    assert stub.n_texts == encoded


# ---- when a stage fails ------------------------------------------------------------------------------


def outcome_of(engine: MemoryBackend, stages: Stages, caplog: pytest.LogCaptureFixture, mode: str = "rerank") -> Ranked:
    with caplog.at_level(logging.WARNING, logger="search.ranking.stages"):
        first = ask(engine, stages, "car", mode=mode, facets=("category",))
        second = ask(engine, stages, "car", mode=mode, facets=("category",))
    assert len(caplog.records) == 1  # one line per outage, not one per search
    assert first == second
    assert len(first.notes) == 1
    return first


def assert_is_bm25(engine: MemoryBackend, ranked: Ranked) -> None:
    assert ranked.mode == "bm25"
    assert ranked.result == engine.search(parse_query("car").root, Request(top_k=100, facets=("category",)))


def test_without_vectors_keywords_order(
    engine: MemoryBackend, stages: Stages, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty = replace(stages, dense=ConceptRetriever(path=tmp_path / "nothing"))
    assert_is_bm25(engine, outcome_of(engine, empty, caplog))
    assert "embed_papers" in caplog.text


def test_vectors_of_another_model_are_not_used(
    engine: MemoryBackend, stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    other = ConceptRetriever(path=stages.dense.path, hash_of_model="concepts-2")
    assert_is_bm25(engine, outcome_of(engine, replace(stages, dense=other), caplog))


def test_vectors_of_another_dimension_are_not_used(
    engine: MemoryBackend, stages: Stages, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConceptEncoder, "encode", lambda self, texts: np.ones((len(texts), 7), dtype=np.float32))
    assert_is_bm25(engine, outcome_of(engine, stages, caplog))


def test_a_missing_or_truncated_model_skips_only_its_stage(
    engine: MemoryBackend, stages: Stages, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{", encoding="utf-8")
    for model in (tmp_path / "absent", tmp_path / "model"):
        caplog.clear()
        stages_module._down.clear()
        retriever = VectorRetriever(path=stages.dense.path, model=model)
        ranked = outcome_of(engine, replace(stages, dense=retriever), caplog)
        assert_is_bm25(engine, ranked)


def test_truncated_vectors_skip_only_their_stage(
    engine: MemoryBackend, stages: Stages, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(stages.dense.path, broken)
    for path in broken.glob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    assert_is_bm25(engine, outcome_of(engine, replace(stages, dense=ConceptRetriever(path=broken)), caplog))


def test_an_exception_in_the_encoder_skips_only_its_stage(
    engine: MemoryBackend, stages: Stages, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(self: ConceptEncoder, texts: Sequence[str]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ConceptEncoder, "encode", encode)
    assert_is_bm25(engine, outcome_of(engine, stages, caplog))


def test_a_stage_that_times_out_is_skipped(
    engine: MemoryBackend,
    stages: Stages,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 1, "rerank": 1}
    monkeypatch.setattr(ConceptEncoder, "encode", lambda self, texts: time.sleep(0.2))
    hasty = replace(stages, wait_s=0.0)
    stages.dense.encoder(wait_s=10.0)
    assert_is_bm25(engine, outcome_of(engine, hasty, caplog))


def test_a_loading_model_is_noted_as_not_ready(
    engine: MemoryBackend, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConceptRetriever, "open_encoder", lambda self: time.sleep(0.3))
    loading = replace(stages, dense=ConceptRetriever(path=stages.dense.path), wait_s=0.0)
    ranked = ask(engine, loading, "car")
    assert ranked.mode == "bm25"
    assert "not ready" in ranked.notes[0]


class BrokenReranker(Reranker):
    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        raise RuntimeError("no")


def test_without_reranking_the_hybrid_order_stays(
    engine: MemoryBackend, stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    ranked = outcome_of(engine, replace(stages, reranker=BrokenReranker()), caplog)
    assert ranked.mode == "hybrid"
    hybrid = ask(engine, stages, "car", mode="hybrid", facets=("category",))
    assert ranked.result == hybrid.result


def test_a_pool_with_a_failed_stage_is_not_cached(engine: MemoryBackend, stages: Stages) -> None:
    assert ask(engine, replace(stages, reranker=BrokenReranker()), "car", mode="rerank").notes
    assert not ask(engine, stages, "car", mode="rerank").notes


# ---- odd queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["", "cat:cs.CL", "year:2024 -car"])
def test_a_query_without_words_is_not_ranked_by_meaning(
    engine: MemoryBackend, stages: Stages, text: str, mode: str
) -> None:
    ranked = ask(engine, stages, text, mode=mode)
    assert (ranked.mode, ranked.notes) == ("bm25", ())
    assert keys(ranked) == keys(ask(engine, stages, text, mode="bm25"))


@pytest.mark.parametrize("mode", BY_MEANING)
@pytest.mark.parametrize("text", ["the", "the of and", "C++", "α", "车", "the car"])
def test_short_and_empty_words_are_answered(engine: MemoryBackend, stages: Stages, text: str, mode: str) -> None:
    ranked = ask(engine, stages, text, mode=mode)
    assert ranked.result.total == len(keys(ranked))


@pytest.mark.parametrize("mode", BY_MEANING)
def test_the_longest_query_is_ranked(engine: MemoryBackend, stages: Stages, mode: str) -> None:
    root = Or((*(Term(f"word{number}") for number in range(255)), Term("car")))
    ranked = rank(PoolSearch(engine, root, free_words(root), stages), Request(top_k=100), mode=mode)
    assert (ranked.mode, ranked.notes) == (mode, ())
    assert "p:00" in keys(ranked)


@pytest.mark.parametrize("mode", BY_MEANING)
def test_the_deepest_query_is_answered(engine: MemoryBackend, stages: Stages, mode: str) -> None:
    root: Any = Term("car")
    for _ in range((MAX_NESTING - 1) // 2):
        root = Or((Term("tree"), And((root, Not(Term("zzz"))))))
    ranked = rank(PoolSearch(engine, root, free_words(root), stages), Request(top_k=100), mode=mode)
    assert len(set(keys(ranked))) == ranked.result.total
    assert "p:00" in keys(ranked)


def test_the_default_mode_without_vectors_is_bm25(settings: Any, tmp_path: Path) -> None:
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path}}
    }
    settings.SEARCH_MODE = "hybrid"
    assert default_mode() == "bm25"
    settings.SEARCH_MODE = "dense"  # the administrator configured it and must see that it does not run
    assert default_mode() == "dense"
    settings.SEARCH_MODE = "hybrid"
    retrievers["default"].update(["p:1"], ["A car"], removed=(), revision=1)
    assert default_mode() == "hybrid"


@pytest.mark.parametrize("mode", BY_MEANING)
def test_servers_of_vectors_that_are_down_leave_the_words_and_are_counted(
    documents: list[Document], engine: MemoryBackend, tmp_path: Path, mode: str
) -> None:
    down = ServedConceptRetriever(path=tmp_path / "vectors", servers={"urls": ["http://127.0.0.1:9"]})
    before = stages_module.stage_counts().get(("dense", "unavailable"), 0)
    ranked = ask(engine, make_stages(documents, down), "car", mode=mode)
    assert set(keys(ranked)) == set(keys(ask(engine, make_stages(documents, down), "car", mode="bm25")))
    assert (ranked.mode, len(ranked.notes)) == ("bm25", 1)
    assert stages_module.stage_counts()["dense", "unavailable"] == before + 1


# ---- before the first search ---------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "is_loaded"), [("bm25", False), ("hybrid", True), ("dense", True), ("rerank", True)])
def test_the_models_of_the_default_mode_are_loaded_ahead(
    documents: list[Document], tmp_path: Path, settings: Any, mode: str, is_loaded: bool
) -> None:
    make_retriever(tmp_path / "vectors", documents)
    options = {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    settings.DENSE_RETRIEVERS = {"default": options}
    settings.SEARCH_MODE = mode
    load_models()
    assert retrievers["default"]._resident.loaded is is_loaded


@pytest.mark.parametrize("mode", BY_MEANING)
def test_models_that_cannot_be_loaded_ahead_stop_nothing(tmp_path: Path, settings: Any, mode: str) -> None:
    missing = {"path": tmp_path / "vectors", "model": tmp_path / "absent"}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": missing}}
    settings.SEARCH_MODE = mode
    load_models()
