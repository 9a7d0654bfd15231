from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.arrays import Ints
from rerank.budget.calibration import Calibration, PosteriorEstimate
from rerank.budget.fitting import calibrate
from rerank.budget.retrieval import Rounds, retrieve
from rerank.errors import ModelMismatch
from rerank.evaluation import recall_of_scored
from rerank.research.estimates import FixedOrder
from tests.rerank.budget.world import N_ANCHORS, World


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def calibration(world: World) -> Calibration:
    scores, queries = world.scores[:N_ANCHORS], world.queries[:N_ANCHORS]
    return calibrate(
        scores, world.features, queries, world.papers, rng=np.random.default_rng(0), model="m", model_hash="a" * 64
    )


def recalls(world: World, make_estimate: Callable[..., Any], *, rounds: Rounds, budget: int = 30, k: int = 10) -> float:
    recall_values = []
    for query in range(N_ANCHORS, len(world.queries)):
        exact = world.scores[query]
        spent = retrieve(make_estimate(query), exact.__getitem__, budget=budget, top_k=k, rounds=rounds)
        recall_values.append(recall_of_scored(exact, spent.scored, k=k))
    return float(np.mean(recall_values))


def estimate(world: World, calibration: Calibration, query: int, rows: Ints | None = None) -> PosteriorEstimate:
    rows = np.arange(len(world.papers)) if rows is None else rows
    return calibration.estimate(world.features(query, rows), world.queries[query], world.papers[rows], rows)


def test_each_part_finds_more_for_the_same_calls(world: World, calibration: Calibration) -> None:
    def prior_only(query: int) -> FixedOrder:
        rows = np.arange(len(world.papers))
        return FixedOrder(calibration.prior.predict(world.features(query, rows), world.queries[query], world.papers))

    def with_anchors(query: int) -> FixedOrder:
        return FixedOrder(estimate(world, calibration, query).expected)

    prior = recalls(world, prior_only, rounds=Rounds())
    anchors = recalls(world, with_anchors, rounds=Rounds())
    posterior = recalls(world, lambda query: estimate(world, calibration, query), rounds=Rounds(first=0.3, more=4))
    assert prior + 0.1 < anchors
    assert anchors + 0.05 < posterior
    assert posterior > 0.85


def test_the_estimate_is_close_to_observed_scores(world: World, calibration: Calibration) -> None:
    query, rows = N_ANCHORS + 1, np.arange(0, 300, 5)
    after = estimate(world, calibration, query).after(rows, world.scores[query][rows])
    unseen = np.setdiff1d(np.arange(300), rows)
    exact = world.scores[query]
    assert np.abs(after[rows] - exact[rows]).mean() < 0.3
    assert np.corrcoef(after[unseen], exact[unseen])[0, 1] > 0.8


def test_the_level_of_a_query_does_not_matter(world: World, calibration: Calibration) -> None:
    query, rows = N_ANCHORS + 2, np.arange(20)
    exact = world.scores[query][rows]
    low = estimate(world, calibration, query).after(rows, exact)
    high = estimate(world, calibration, query).after(rows, exact + 100)
    assert high - low == pytest.approx(np.full(300, 100.0), abs=1e-3)


def test_a_pool_is_estimated_as_part_of_the_whole(world: World, calibration: Calibration) -> None:
    rows = np.array([250, 3, 77])
    part, whole = estimate(world, calibration, 45, rows), estimate(world, calibration, 45)
    assert part.expected - part.expected.mean() == pytest.approx(
        whole.expected[rows] - whole.expected[rows].mean(), abs=1e-4
    )
    assert part.phi == pytest.approx(whole.phi[rows])


def test_a_sparse_matrix_still_helps(world: World) -> None:
    rng = np.random.default_rng(1)
    sparse = np.where(rng.random((N_ANCHORS, 300)) < 0.4, world.scores[:N_ANCHORS], np.nan)
    fitted = calibrate(sparse, world.features, world.queries[:N_ANCHORS], world.papers, rng=rng)
    bare = recalls(world, lambda query: FixedOrder(world.queries[query] @ world.papers.T), rounds=Rounds())
    ours = recalls(world, lambda query: estimate(world, fitted, query), rounds=Rounds(first=0.3, more=4))
    assert ours > bare + 0.3


def test_it_is_the_same_after_saving_and_refuses_another_model(
    world: World, calibration: Calibration, tmp_path: Path
) -> None:
    calibration.save(tmp_path)
    again = Calibration.load(tmp_path, model_hash="a" * 64)
    first, second = estimate(world, calibration, 50), estimate(world, again, 50)
    assert np.array_equal(first.expected, second.expected)
    assert np.array_equal(first.phi, second.phi)
    with pytest.raises(ModelMismatch):
        Calibration.load(tmp_path, model_hash="b" * 64, model="other")
