"""Opening anchors, and the reranking stage that uses them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from rerank.budget.calibration import Calibration
from rerank.budget.correlations import RowCorrelations
from search.errors import AnchorsBroken
from search.neural.anchor_build import AnchorPaper
from search.neural.anchors import PAPERS, Anchors, build_stamp, open_anchors
from search.neural.rerankers import AnchorReranker, Candidate
from search.neural.texts import reranking_text
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptRetriever
from tests.search.engines.contract.damage import damage
from tests.search.neural.anchored import N_PAPERS, build_with

PATIENCE_S = 30.0


def candidates(papers: Sequence[AnchorPaper]) -> list[Candidate]:
    return [
        Candidate(paper.key, reranking_text(paper.title, paper.abstract), score=1.0 / (60 + rank), similarity=0.5)
        for rank, paper in enumerate(papers)
    ]


class Calls(list[str]):
    """Records the texts that a scorer receives."""

    def of(self, reranker: AnchorReranker, monkeypatch: pytest.MonkeyPatch) -> Calls:
        reranker._resident.get().cache = None
        scorer = reranker._resident.get()
        score = scorer.score

        def noted(query: str, texts: Sequence[str]) -> Any:
            self.extend(texts)
            return score(query, texts)

        monkeypatch.setattr(scorer, "score", noted)
        return self


def made_anchors(residuals: list[list[float]]) -> Anchors:
    """Anchors with residuals made by hand, (n_papers, n_anchors); neighbours read nothing else of them."""
    table = np.array(residuals, dtype=np.float16)
    unused = np.zeros(1, dtype=np.float32)
    parts = {field.name: unused for field in fields(Calibration)} | {"residuals": table}
    row_of = {f"p:{row}": row for row in range(len(table))}
    return Anchors(Calibration(**parts), None, row_of)  # type: ignore[arg-type]


def test_neighbours_have_correlated_residuals() -> None:
    # By the mean of all (0, 0) nothing is shifted; cosines with p:0 are 1, 0.6, 0, −1.
    anchors = made_anchors([[1, 0], [2, 0], [1.2, 1.6], [0, 1], [-4.2, -2.6]])
    neighbours = anchors.neighbours("p:0", depth=10)
    assert [key for key, _ in neighbours] == ["p:1", "p:2"]  # no dissimilar papers, and not the paper itself
    assert [score for _, score in neighbours] == pytest.approx([1.0, 0.6], abs=1e-3)
    assert [key for key, _ in anchors.neighbours("p:0", depth=1)] == ["p:1"]


def test_residuals_common_to_all_papers_give_no_neighbours() -> None:
    anchors = made_anchors([[9, 8], [9, 10], [11, 8], [11, 10]])  # (10, 9) and four directions around it
    assert [key for key, _ in anchors.neighbours("p:0", depth=10)] == []


def test_a_paper_newer_than_the_build_or_without_residuals_has_no_neighbours() -> None:
    anchors = made_anchors([[1, 1], [1, 1]])
    assert anchors.neighbours("p:9", depth=5) == []
    assert anchors.neighbours("p:0", depth=5) == []  # 0 after the mean: no direction, and no division by it


def test_the_stage_gives_the_neighbours_of_its_build(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    assert reranker.neighbours("p:00", VectorSearch(dense), depth=5) == []  # nothing is built
    build_with(reranker, papers, dense)
    opened = open_anchors(
        reranker.anchors, model_hash=reranker.open_model().model_hash, encoder_hash=dense.model_hash()
    )
    assert opened is not None
    residuals = opened.calibration.residuals.astype(np.float64)
    alike = _cosines(residuals)
    row = opened.row_of["p:00"]
    alike[row, row] = -1
    keys = list(opened.row_of)
    expected = [keys[other] for other in np.argsort(-alike[row], kind="stable")[:5] if alike[row, other] > 0]
    neighbours = reranker.neighbours("p:00", VectorSearch(dense), depth=5)
    assert [key for key, _ in neighbours] == expected
    assert [score for _, score in neighbours] == sorted((score for _, score in neighbours), reverse=True)


def _cosines(residuals: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Cosines of all pairs of rows after their mean is taken away, (n, n), by the definition."""
    centred = residuals - residuals.mean(axis=0)
    return np.array([[a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) for b in centred] for a in centred])


def test_incomplete_anchors_give_no_neighbours(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    build_with(reranker, papers, dense)
    (reranker.anchors / PAPERS).write_text("{}", encoding="utf-8")
    assert reranker.neighbours("p:00", VectorSearch(dense), depth=5) == []


def test_the_stage_keeps_its_budget_and_ranks_what_it_scored_first(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_with(reranker, papers, dense)
    calls = Calls().of(reranker, monkeypatch)
    pool = candidates(papers)
    ranked = reranker.rerank("car forest", pool, VectorSearch(dense, PATIENCE_S))
    assert len(calls) == len(set(calls)) == 8
    assert sorted(key for key, _ in ranked) == sorted(candidate.key for candidate in pool)
    scored = {candidate.key for candidate in pool if candidate.text in set(calls)}
    assert {key for key, _ in ranked[:8]} == scored
    exact = reranker._resident.get().score_pairs([("car forest", text) for text in calls])
    best = pool[[candidate.text for candidate in pool].index(calls[int(np.argmax(exact))])].key
    assert ranked[0][0] == best


def test_a_pool_within_the_budget_is_ordered_exactly(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    build_with(reranker, papers, dense)
    pool = candidates(papers[:5])
    ranked = [key for key, _ in reranker.rerank("sea", pool, VectorSearch(dense, PATIENCE_S))]
    exact = reranker._resident.get().score_pairs([("sea", candidate.text) for candidate in pool])
    assert ranked == [pool[row].key for row in np.argsort(-exact, kind="stable")]


def test_papers_newer_than_the_build_are_scored_first(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_with(reranker, papers, dense)
    calls = Calls().of(reranker, monkeypatch)
    new = [AnchorPaper("new:1", "Oak", ""), AnchorPaper("new:2", "Feline", "")]
    dense.update(["new:2"], ["Feline"], removed=(), revision=2)  # the other one has no vector yet
    ranked = reranker.rerank("car", candidates([*papers, *new]), VectorSearch(dense, PATIENCE_S))
    assert set(calls[:2]) == {reranking_text(paper.title, paper.abstract) for paper in new}
    assert len(ranked) == len(papers) + 2


def test_without_anchors_the_first_candidates_are_scored(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls().of(reranker, monkeypatch)
    pool = candidates(papers)
    reranker.rerank("car", pool, VectorSearch(dense, PATIENCE_S))
    assert calls == [candidate.text for candidate in pool[:8]]


@pytest.mark.parametrize("damage", ["half", "parts", "models"])
def test_damaged_anchors_are_logged_once_and_ignored(
    reranker: AnchorReranker,
    papers: list[AnchorPaper],
    dense: ConceptRetriever,
    damage: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_with(reranker, papers, dense)
    if damage == "half":
        (reranker.anchors / PAPERS).write_text('{"keys": ["p:0', encoding="utf-8")
    elif damage == "parts":
        manifest = reranker.anchors / "calibration" / "manifest.json"
        manifest.write_text(manifest.read_text(encoding="utf-8"), encoding="utf-8")  # of another build
    else:
        dense.hash_of_model = "concepts-2"
    calls = Calls().of(reranker, monkeypatch)
    with caplog.at_level(logging.WARNING, logger="search.neural.rerankers"):
        for _ in range(2):
            reranker.rerank("car", candidates(papers), VectorSearch(dense, PATIENCE_S))
    assert calls[:8] == [candidate.text for candidate in candidates(papers)[:8]]
    assert len(caplog.records) == 1
    assert "build_anchors" in caplog.text


def test_anchors_of_another_cross_encoder_are_refused(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    build_with(reranker, papers, dense)
    with pytest.raises(AnchorsBroken, match="build_anchors"):
        open_anchors(reranker.anchors, model_hash="another", encoder_hash=dense.model_hash())


def test_a_truncated_array_is_refused(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    build_with(reranker, papers, dense)
    for path in (reranker.anchors / "calibration").glob("*.npy"):
        path.write_bytes(path.read_bytes()[:20])
    scorer = reranker.open_model()
    with pytest.raises(AnchorsBroken, match="build_anchors"):
        open_anchors(reranker.anchors, model_hash=scorer.model_hash, encoder_hash=dense.model_hash())


def test_identity_follows_the_build(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    before = reranker.identity()
    assert build_stamp(reranker.anchors) == [0, 0]
    build_with(reranker, papers, dense)
    assert reranker.identity() != before


def test_administrators_see_the_state_of_the_anchors(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    assert reranker.describe().endswith(
        "model, 8 calls per search, without anchors (manage.py build_anchors builds them)"
    )
    build_with(reranker, papers, dense)
    assert reranker.describe().endswith("model, 8 calls per search, with anchors")


def test_the_table_of_neighbours_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[object] = []

    class Counted(RowCorrelations):
        def __init__(self, table: Any) -> None:
            prepared.append(table)
            super().__init__(table)

    monkeypatch.setattr("rerank.budget.correlations.RowCorrelations", Counted)
    anchors = made_anchors([[1, 0], [2, 0], [0, 1], [-3, -1]])
    assert prepared == []  # opening anchors stays cheap
    first = anchors.neighbours("p:0", depth=2)
    assert anchors.neighbours("p:0", depth=2) == first
    assert anchors.neighbours("p:1", depth=2) != first
    assert len(prepared) == 1


def test_anchors_of_papers_whose_text_has_changed_are_not_used(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    """As after a restored backup and other imports, or beside the database of another library."""
    build_with(reranker, papers, dense)
    search = VectorSearch(dense)
    nearest = reranker.neighbours("p:00", search, depth=5)[0][0]
    dense.update([nearest, "p:01"], ["Other words", "Words"], removed=["p:02"], revision=2)
    keys = {key for key, _ in reranker.neighbours("p:00", search, depth=N_PAPERS)}
    assert keys
    assert keys.isdisjoint({nearest, "p:01", "p:02"})
    assert reranker.neighbours("p:01", search, depth=5) == []


@pytest.mark.parametrize("part", ["calibration", "lexical"])
@pytest.mark.parametrize("way", ["flip", "cut", "empty", "delete"])
def test_damage_of_any_file_is_refused_with_the_cure(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever, part: str, way: str
) -> None:
    build_with(reranker, papers, dense)
    for path in sorted((reranker.anchors / part).glob("*-*.*")):
        content = path.read_bytes()
        damage(path, way, seed=1)
        with pytest.raises(AnchorsBroken, match="build_anchors"):
            reranker.built_anchors(dense)
        path.write_bytes(content)
    assert reranker.built_anchors(dense) is not None
    damage(path, way, seed=1)
    build_with(reranker, papers, dense)  # the cure
    assert reranker.built_anchors(dense) is not None
