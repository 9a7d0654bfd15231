"""Measuring the site's own pipeline on a collection whose answers are known by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coolpapers.finding.quality.datasets import Dataset, JudgedQuery, read_dataset
from coolpapers.finding.quality.measure import (
    Library,
    embed_corpus,
    evaluate,
    fit_fusion,
    open_library,
    rank_query,
    to_paper_keys,
)
from coolpapers.papers.models import PaperSource
from search.errors import EvaluationFailed
from search.ranking import stages
from tests.coolpapers.finding.quality.collections import write_collection
from tests.coolpapers.papers.library import make_paper
from tests.search.concepts import ConceptRetriever


@pytest.fixture(autouse=True)
def _settings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_down", {})
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "site"}}
    }
    settings.RERANKERS = {"default": {"BACKEND": "tests.search.meanings.BackwardsReranker"}}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_collection(tmp_path / "tiny"))


@pytest.fixture
def library(dataset: Dataset, tmp_path: Path) -> Library:
    assert dataset.corpus is not None
    opened = open_library(dataset, folder=tmp_path / "evaluation")
    embed_corpus(opened, dataset.corpus)
    return opened


def test_any_of_the_words_is_enough(library: Library) -> None:
    assert rank_query(JudgedQuery("q", "car road xyz"), library, mode="bm25") == ["d1", "d5"]


def test_by_meaning_other_words_rank_too(library: Library) -> None:
    found = rank_query(JudgedQuery("q", "car road"), library, mode="hybrid")
    assert found[0] == "d1"
    assert {"d2", "d5"} <= set(found)


@pytest.mark.django_db
def test_a_query_that_is_a_paper_is_answered_by_its_relatives(library: Library) -> None:
    found = rank_query(JudgedQuery("d1", "any text", "d1"), library, mode="hybrid")
    assert {"d2", "d5"} <= set(found)
    assert "d1" not in found
    assert rank_query(JudgedQuery("x", "any text", "unknown"), library, mode="hybrid") == []


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid", "rerank"])
def test_the_judged_pool_holds_each_judged_document_once(dataset: Dataset, library: Library, mode: str) -> None:
    found = rank_query(dataset.queries[0], library, mode=mode, keys=frozenset({"d1", "d2", "d3"}))
    assert sorted(found) == ["d1", "d2", "d3"]
    assert found[-1] == "d3" or mode == "rerank"


def test_weights_are_fitted_to_the_judged_searches(dataset: Dataset, library: Library) -> None:
    weights = fit_fusion(dataset, library)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["dense"] > weights["bm25"]  # only meaning tells d2 from d5, which shares a word
    alone = replace(dataset, queries=(JudgedQuery("d1", "x", "d1"),))
    with pytest.raises(EvaluationFailed, match="cannot fit"):
        fit_fusion(alone, library)


def test_as_typed_all_words_are_wanted_where_a_paper_has_them(dataset: Dataset, library: Library) -> None:
    both, none = JudgedQuery("q", "car road"), JudgedQuery("q", "car unheard")
    found = {as_typed: rank_query(both, library, mode="bm25", as_typed=as_typed) for as_typed in (True, False)}
    assert set(found[True]) < set(found[False])
    assert rank_query(none, library, mode="bm25", as_typed=True) == rank_query(none, library, mode="bm25")


def test_a_query_without_words_finds_nothing(library: Library) -> None:
    assert rank_query(JudgedQuery("q", " ... "), library, mode="hybrid") == []


def test_the_report_measures_all_queries(dataset: Dataset, library: Library) -> None:
    done: list[int] = []
    report = evaluate(dataset, library, mode="bm25", progress=done.append)
    assert done == [1, 2]
    assert (report.n_queries, report.n_documents, report.mode, report.pool) == (2, 5, "bm25", "all")
    assert report.measures["RR"].mean == 1.0
    assert report.measures["R@100"].mean == pytest.approx(0.75)  # d2 does not have the words
    assert evaluate(dataset, library, mode="hybrid").measures["R@100"].mean == 1.0
    assert report.p95_ms >= 0


@pytest.mark.django_db
@pytest.mark.parametrize("query", [JudgedQuery("q", "car"), JudgedQuery("d1", "car", "d1")])
def test_a_mode_that_cannot_run_is_not_measured(library: Library, tmp_path: Path, query: JudgedQuery) -> None:
    stages_without = replace(library.stages, dense=ConceptRetriever(path=tmp_path / "nothing"))
    with pytest.raises(EvaluationFailed, match="cannot be measured"):
        rank_query(query, replace(library, stages=stages_without), mode="hybrid")


def test_a_missing_encoder_is_said(dataset: Dataset, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_encoder(self: ConceptRetriever) -> None:
        raise OSError("no such model")

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    fresh = replace(library, stages=replace(library.stages, dense=ConceptRetriever(path=library.stages.dense.path)))
    assert dataset.corpus is not None
    with pytest.raises(EvaluationFailed, match="no such model"):
        embed_corpus(fresh, dataset.corpus)


@pytest.mark.django_db
def test_ids_of_records_become_keys_of_works(dataset: Dataset) -> None:
    paper = make_paper(arxiv_id="2603.00001")
    PaperSource.objects.create(paper=paper, source="acl", ident="d1", key="d1")
    mapped = to_paper_keys(replace(dataset, queries=(JudgedQuery("q1", "car", "d1"),)))
    assert mapped.qrels["q1"] == {paper.key: 2.0, "d2": 1.0, "d3": 0.0}
    assert mapped.queries == (JudgedQuery("q1", "car", paper.key),)


@pytest.mark.django_db
def test_a_dataset_without_documents_asks_the_sites_papers(settings: Any, tmp_path: Path, index_papers: Any) -> None:
    paper = make_paper(title="A car on the road")
    index_papers()
    dataset = read_dataset(write_collection(tmp_path / "tiny", with_corpus=False))
    library = open_library(dataset, folder=tmp_path / "unused")
    assert rank_query(dataset.queries[0], library, mode="bm25") == [paper.key]
    subject = library.subject(paper.key)
    assert subject is not None
    assert subject.title == paper.title
    assert library.subject("unknown") is None
    assert not (tmp_path / "unused").exists()
