from __future__ import annotations

import numpy as np
import pytest

from rerank.arrays import Float64s
from rerank.budget.retrieval import Rounds, retrieve
from rerank.research.cur import factorize
from rerank.research.estimates import CURColumns, FixedOrder


def low_rank_scores(rng: np.random.Generator, n_rows: int, n_papers: int, rank: int) -> Float64s:
    return rng.normal(size=(n_rows, rank)) @ rng.normal(size=(rank, n_papers))


def test_cur_columns_are_the_cur_decomposition() -> None:
    rng = np.random.default_rng(2)
    matrix = low_rank_scores(rng, 21, 80, 6) + rng.normal(0, 0.1, (21, 80))
    rows, query = matrix[:20], matrix[20]
    anchors = rng.choice(80, 10, replace=False)
    ours = CURColumns(rows, order_scores=np.zeros(80), rcond=0.05).after(anchors, query[anchors])
    theirs = factorize(rows, anchors, rcond=0.05).approximate(query[anchors])
    assert ours == pytest.approx(theirs, abs=1e-8)


def test_adaptive_rounds_find_the_best_of_a_matrix_of_low_rank() -> None:
    rng = np.random.default_rng(3)
    matrix = low_rank_scores(rng, 41, 500, 5)
    rows, query = matrix[:40], matrix[40]
    estimate = CURColumns(rows, order_scores=rng.normal(size=500), rcond=1e-6)
    ranked = retrieve(estimate, query.__getitem__, budget=30, top_k=10, rounds=Rounds(first=0.4, more=3))
    assert ranked.rows.tolist() == np.argsort(-query)[:10].tolist()


def test_exact_scores_leave_a_fixed_order_as_it_is() -> None:
    order = np.array([3.0, 1.0, 2.0])
    assert FixedOrder(order).after(np.array([1]), np.array([9.0])).tolist() == order.tolist()
