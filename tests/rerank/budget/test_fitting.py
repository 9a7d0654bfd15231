from __future__ import annotations

import numpy as np
import pytest

from rerank.budget import fitting
from rerank.budget.fitting import calibrate, complete, tune_kernel
from rerank.errors import ShapeError
from tests.rerank.budget.world import World, unit_rows_of


def test_missing_residuals_are_mapped_from_vectors() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(80, 6))
    full = rng.normal(size=(3, 6)) @ vectors.T
    full -= full.mean(axis=1, keepdims=True)
    holes = np.where(rng.random(full.shape) < 0.3, np.nan, full)
    filled = complete(holes, vectors, penalty=1e-6)
    is_scored = np.isfinite(holes)
    assert np.array_equal(filled[is_scored], full[is_scored])
    assert filled[~is_scored] == pytest.approx(full[~is_scored], abs=0.2)


def test_the_kernel_is_tuned_to_how_alike_queries_score_alike() -> None:
    rng = np.random.default_rng(3)
    queries = unit_rows_of(rng, 60, 4)
    alike = queries @ rng.normal(size=(4, 200)) + rng.normal(0, 0.05, (60, 200))
    unlike = rng.normal(size=(60, 200))
    assert tune_kernel(queries, alike)[1] == min(fitting.NOISES)
    assert tune_kernel(queries, unlike)[1] == max(fitting.NOISES)


def test_arrays_of_other_shapes_are_refused() -> None:
    world = World()
    rng = np.random.default_rng(0)
    with pytest.raises(ShapeError, match="do not fit"):
        calibrate(world.scores[:5], world.features, world.queries[:4], world.papers, rng=rng)
    empty = np.full((3, 300), np.nan)
    with pytest.raises(ShapeError, match="at least two scores"):
        calibrate(empty, world.features, world.queries[:3], world.papers, rng=rng)


def test_the_slope_is_that_of_the_scores_on_the_cosines() -> None:
    rng = np.random.default_rng(4)
    queries, papers = unit_rows_of(rng, 20, 12), unit_rows_of(rng, 200, 12)
    scores = 7.0 + 3.0 * queries @ papers.T + rng.normal(0, 0.1, (20, 200))
    holes = np.where(rng.random(scores.shape) < 0.5, np.nan, scores)
    assert fitting._slope(holes, queries @ papers.T) == pytest.approx(3.0, abs=0.05)
