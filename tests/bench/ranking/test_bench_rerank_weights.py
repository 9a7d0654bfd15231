from __future__ import annotations

import numpy as np
import pytest

from bench.ranking.bench_rerank_weights import WEIGHTS, chosen_weight, learned_gains, mixed_ndcg

ROW = {
    "query": "q",
    "before": [["a", 0.9], ["b", 0.8], ["c", 0.1], ["d", 0.05]],
    "scored": {"a": 0.0, "b": 0.5, "c": 1.0},
    "grades": {"c": 1.0},
}


def test_weight_zero_is_the_order_before_and_a_high_weight_that_of_the_cross_encoder() -> None:
    assert mixed_ndcg(ROW, 0.0) == pytest.approx(0.5)  # third of four
    assert mixed_ndcg(ROW, 0.9) == pytest.approx(1.0)
    assert mixed_ndcg({**ROW, "grades": {"d": 1.0}}, 0.9) == pytest.approx(1 / np.log2(5))  # unread papers stay last


def test_papers_beyond_the_calls_keep_their_order() -> None:
    assert mixed_ndcg(ROW, 0.9, n_calls=3) == mixed_ndcg(ROW, 0.9)
    assert mixed_ndcg(ROW, 0.9, n_calls=2) == pytest.approx(0.5)  # the relevant third paper is not read
    assert mixed_ndcg({**ROW, "grades": {"b": 1.0}}, 0.9, n_calls=2) == pytest.approx(1.0)


def test_a_weight_that_loses_on_one_set_is_not_chosen() -> None:
    better, worse = np.zeros((10, len(WEIGHTS))), np.zeros((10, len(WEIGHTS)))
    better[:, 3], worse[:, 3] = 0.1, -0.01
    better[:, 2] = 0.01
    assert chosen_weight({"a": better}) == 3
    assert chosen_weight({"a": better, "b": worse}) == 2


def test_the_learned_gain_of_noise_is_not_that_of_the_best_weight() -> None:
    noise = np.random.default_rng(0).normal(size=(50, len(WEIGHTS)))
    noise[:, 0] = 0
    learned = learned_gains({"a": noise})["a"]
    assert learned.mean() < noise[:, chosen_weight({"a": noise})].mean()
    steady = np.zeros((50, len(WEIGHTS)))
    steady[:, 4] = 0.1
    assert learned_gains({"a": steady})["a"] == pytest.approx(0.1)
