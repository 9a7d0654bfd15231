from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.linalg

from rerank.arrays import Float64s, Ints
from rerank.errors import ShapeError
from rerank.research.column_selection import deim, norm_sampled, pivoted_qr, uniform
from rerank.research.cur import factorize, residuals


def decaying(rng: np.random.Generator, n_rows: int = 30, n_items: int = 200) -> Float64s:
    left, _ = np.linalg.qr(rng.normal(size=(n_rows, n_rows)))
    right = rng.normal(size=(n_rows, n_items))
    return left @ (right * (0.7 ** np.arange(n_rows))[:, None])


def test_pivoted_qr_chooses_what_lapack_chooses() -> None:
    rows = decaying(np.random.default_rng(0))
    pivots = scipy.linalg.qr(rows, mode="r", pivoting=True)[1]
    assert pivoted_qr(rows, n_anchors=12).tolist() == pivots[:12].tolist()


def test_deim_follows_its_definition() -> None:
    rows = decaying(np.random.default_rng(1))
    right = np.linalg.svd(rows, full_matrices=False)[2]
    chosen = deim(rows, n_anchors=6)
    for k in range(1, 6):
        basis = right[:k].T  # (n_items, k)
        projector = basis @ np.linalg.inv(basis[chosen[:k]])
        error = right[k] - projector @ right[k, chosen[:k]]
        assert np.argmax(np.abs(error)) == chosen[k]


@pytest.mark.parametrize("choose", [pivoted_qr, deim])
def test_chosen_columns_beat_random_ones(choose: Callable[..., Ints]) -> None:
    rng = np.random.default_rng(2)
    rows = decaying(rng)
    ours = np.linalg.norm(residuals(rows, factorize(rows, choose(rows, n_anchors=10), rcond=1e-10)))
    theirs = [
        np.linalg.norm(residuals(rows, factorize(rows, uniform(200, n_anchors=10, rng=rng), rcond=1e-10)))
        for _ in range(20)
    ]
    assert ours < np.median(theirs)


def test_norm_sampling_prefers_large_columns_and_draws_none_twice() -> None:
    rng = np.random.default_rng(5)
    rows = np.ones((4, 50))
    rows[:, :5] *= 100
    rows[:, 40:] = 0
    anchors = norm_sampled(rows, n_anchors=8, rng=rng)
    assert set(range(5)) <= set(anchors.tolist())
    assert len(set(anchors.tolist())) == 8
    assert not set(anchors.tolist()) & set(range(40, 50))


def test_the_same_seed_draws_the_same_anchors() -> None:
    first = uniform(99, n_anchors=9, rng=np.random.default_rng(6))
    again = uniform(99, n_anchors=9, rng=np.random.default_rng(6))
    assert first.tolist() == again.tolist()
    assert len(set(first.tolist())) == 9


def test_more_anchors_than_independent_columns_are_refused() -> None:
    rank_one = np.outer(np.arange(1.0, 6), np.arange(1.0, 9))
    with pytest.raises(ShapeError, match="rank 1"):
        pivoted_qr(rank_one, n_anchors=2)
    with pytest.raises(ShapeError, match="rank 1"):
        deim(rank_one, n_anchors=2)
    with pytest.raises(ShapeError, match="Between 1 and 5"):
        uniform(5, n_anchors=6, rng=np.random.default_rng(0))
