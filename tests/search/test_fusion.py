from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import RRF_K, JudgedQuery, fit_weights, reciprocal_rank_fusion, scale, weighted_fusion

rankings = st.dictionaries(
    st.sampled_from(["bm25", "dense", "title"]),
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(-5, 5)), max_size=8, unique_by=lambda pair: pair[0]),
    max_size=3,
)


def test_rrf_is_the_formula_of_the_paper() -> None:
    fused = dict(reciprocal_rank_fusion({"bm25": [("a", 9), ("b", 8)], "dense": [("b", 0.9), ("c", 0.1)]}))
    assert fused == pytest.approx({"a": 1 / (RRF_K + 1), "b": 1 / (RRF_K + 2) + 1 / (RRF_K + 1), "c": 1 / (RRF_K + 2)})


def test_rrf_weights_count() -> None:
    fused = reciprocal_rank_fusion({"bm25": [("a", 1)], "dense": [("b", 1)]}, weights={"dense": 2})
    assert [key for key, _ in fused] == ["b", "a"]


@given(rankings)
def test_fusion_ignores_the_order_in_which_rankings_are_given(
    given_rankings: dict[str, list[tuple[str, float]]],
) -> None:
    reversed_rankings = dict(reversed(given_rankings.items()))
    weights = {"bm25": 0.5, "dense": 0.3, "title": 0.2}
    assert reciprocal_rank_fusion(given_rankings) == reciprocal_rank_fusion(reversed_rankings)
    assert weighted_fusion(given_rankings, weights=weights) == weighted_fusion(reversed_rankings, weights=weights)


@given(rankings)
def test_every_candidate_of_every_ranking_is_in_the_result_once(
    given_rankings: dict[str, list[tuple[str, float]]],
) -> None:
    keys = [key for key, _ in reciprocal_rank_fusion(given_rankings)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for ranking in given_rankings.values() for key, _ in ranking}


def test_a_retriever_without_a_weight_is_ignored() -> None:
    fused = dict(weighted_fusion({"bm25": [("a", 2), ("b", 1)], "dense": [("b", 7)]}, weights={"bm25": 1.0}))
    assert fused == {"a": 1.0, "b": 0.0}


def test_coverage_is_not_scaled() -> None:
    rankings = {"coverage": [("a", 0.3), ("b", 0.2)], "bm25": [("a", 5.0), ("b", 1.0)]}
    assert dict(weighted_fusion(rankings, weights={"coverage": 2.0})) == {"a": 0.6, "b": 0.4}
    fused = dict(weighted_fusion(rankings, weights={"coverage": 1.0, "bm25": 1.0}))
    assert fused == pytest.approx({"a": 1.3, "b": 0.2})


def test_scaling_keeps_order_and_fills_zero_to_one() -> None:
    assert scale([("a", 30.0), ("b", 20.0), ("c", 10.0)]) == [("a", 1.0), ("b", 0.5), ("c", 0.0)]
    assert scale([("a", 3.0)]) == [("a", 1.0)]
    assert scale([]) == []


def _queries(rng: np.random.Generator, *, informative: str) -> list[JudgedQuery]:
    queries = []
    for _ in range(40):
        relevant = {f"d{i}" for i in rng.choice(30, size=3, replace=False)}
        informative_scores = {f"d{i}": float(rng.normal(2.0 if f"d{i}" in relevant else 0.0)) for i in range(30)}
        noise = {f"d{i}": float(rng.normal()) for i in range(30)}
        other = "dense" if informative == "bm25" else "bm25"
        table = {informative: informative_scores, other: noise}
        queries.append(
            JudgedQuery(
                rankings={name: sorted(run.items(), key=lambda item: -item[1]) for name, run in table.items()},
                grades=dict.fromkeys(relevant, 1.0),
            )
        )
    return queries


@pytest.mark.parametrize("informative", ["bm25", "dense"])
def test_fitting_prefers_the_informative_retriever(informative: str) -> None:
    weights = fit_weights(_queries(np.random.default_rng(7), informative=informative))
    assert math.isclose(sum(weights.values()), 1.0)
    assert weights[informative] > 0.9


def test_fitted_weights_lower_the_loss_against_equal_ones() -> None:
    queries = _queries(np.random.default_rng(3), informative="bm25")
    weights = fit_weights(queries)

    def mean_rank(chosen: dict[str, float]) -> float:
        ranks = []
        for query in queries:
            order = [key for key, _ in weighted_fusion(query.rankings, weights=chosen)]
            ranks += [order.index(key) for key in query.grades]
        return float(np.mean(ranks))

    assert mean_rank(weights) < mean_rank({"bm25": 0.5, "dense": 0.5})


def test_fitting_without_usable_queries_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot fit"):
        fit_weights([JudgedQuery(rankings={"bm25": [("a", 1.0)]}, grades={"a": 1.0})])
