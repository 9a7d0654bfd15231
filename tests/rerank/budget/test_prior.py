from __future__ import annotations

import numpy as np
import pytest

from rerank.arrays import Float64s
from rerank.budget.prior import FEATURES, Observed, fit_prior, fused_ranks, pair_features
from rerank.errors import ShapeError
from rerank.lexical import Matches


def random_matches(rng: np.random.Generator, n: int) -> Matches:
    return Matches(*(rng.random(n).astype(np.float32) for _ in range(4)))


def observe(
    rng: np.random.Generator, weights: Float64s, products: Float64s, *, n: int = 60, noise: float = 0.0
) -> Observed:
    features, vectors, query = rng.normal(size=(n, len(weights))), rng.normal(size=(n, len(products))), None
    query = rng.normal(size=len(products))
    level = rng.normal() * 10
    scores = level + features @ weights + (vectors * query) @ products + rng.normal(0, noise, n)
    return Observed(features=features, query_vector=query, vectors=vectors, scores=scores)


def test_it_finds_the_weights_whatever_the_level_of_each_query() -> None:
    rng = np.random.default_rng(0)
    weights, products = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.0, -0.7, 0.1])
    prior = fit_prior([observe(rng, weights, products) for _ in range(40)], penalty=1e-6)
    assert prior.weights == pytest.approx(weights, abs=1e-3)
    assert prior.products == pytest.approx(products, abs=1e-3)
    new = observe(rng, weights, products)
    expected = prior.predict(new.features, new.query_vector, new.vectors)
    assert expected - expected.mean() == pytest.approx(new.scores - new.scores.mean(), abs=1e-2)


def test_products_are_left_out_if_not_wanted() -> None:
    rng = np.random.default_rng(1)
    prior = fit_prior([observe(rng, np.ones(2), np.zeros(3), noise=0.1) for _ in range(9)], with_products=False)
    assert prior.products.tolist() == [0, 0, 0]


def test_a_constant_feature_does_no_harm() -> None:
    rng = np.random.default_rng(2)
    observed = []
    for _ in range(9):
        item = observe(rng, np.array([1.0, 0.0]), np.zeros(1))
        item.features[:, 1] = 7.0
        observed.append(item)
    prior = fit_prior(observed)
    assert np.isfinite(prior.weights).all()
    assert prior.weights[0] == pytest.approx(1.0, abs=0.02)


def test_features_have_their_names_and_ranges() -> None:
    rng = np.random.default_rng(3)
    table = pair_features(rng.random(50).astype(np.float32), random_matches(rng, 50))
    assert table.shape == (50, 2 * len(FEATURES))
    assert table[:, FEATURES.index("bm25")].max() == 1.0
    ranks = np.exp(-table[:, FEATURES.index("log rank by similarity")])
    assert sorted(ranks.round().astype(int)) == list(range(1, 51))


def test_features_come_again_with_the_length_of_the_query_and_take_soft_matches_in() -> None:
    rng = np.random.default_rng(5)
    similarity, matches, soft = rng.random(9), random_matches(rng, 9), rng.random((9, 3)).astype(np.float32)
    table = pair_features(similarity, matches, soft=soft, length_share=0.25)
    half = table.shape[1] // 2
    assert half == len(FEATURES) + 3
    assert table[:, half:] == pytest.approx(0.25 * table[:, :half])
    assert table[:, half - 3 : half] == pytest.approx(soft)


def test_no_matching_word_gives_finite_features() -> None:
    zeros = np.zeros(5, dtype=np.float32)
    table = pair_features(np.linspace(0, 1, 5), Matches(zeros, zeros, zeros, zeros))
    assert np.isfinite(table).all()
    assert pair_features(zeros[:0], Matches(zeros[:0], zeros[:0], zeros[:0], zeros[:0])).shape == (0, 2 * len(FEATURES))


def test_fused_ranks_are_reciprocal_rank_fusion() -> None:
    assert fused_ranks(np.array([1.0, 2.0]), np.array([2.0, 1.0])).tolist() == pytest.approx([1 / 61 + 1 / 62] * 2)


def test_arrays_that_do_not_fit_are_refused() -> None:
    prior = fit_prior([observe(np.random.default_rng(4), np.ones(2), np.ones(3))])
    with pytest.raises(ShapeError, match="2 features and vectors of dimension 3"):
        prior.predict(np.ones((4, 9)), np.ones(3), np.ones((4, 3)))
    with pytest.raises(ShapeError, match="at least one anchor query"):
        fit_prior([])
