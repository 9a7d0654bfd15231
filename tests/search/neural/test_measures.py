from __future__ import annotations

import math

import pytest

from search.neural.measures import measure_rankings


def test_measures_by_hand() -> None:
    measured = measure_rankings({"q": ["x", "a", "b"]}, {"q": {"a": 1.0, "b": 2.0}})
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert measured["nDCG@10"].mean == pytest.approx((1 / math.log2(3) + 2 / math.log2(4)) / ideal)
    assert measured["RR"].mean == 0.5
    assert measured["R@100"].mean == 1.0


def test_a_query_without_a_ranking_counts_nothing() -> None:
    measured = measure_rankings({"q": ["a"]}, {"q": {"a": 1.0}, "r": {"b": 1.0}})
    assert measured["RR"].mean == 0.5


def test_intervals_hold_the_mean_and_repeat() -> None:
    rankings = {str(number): ["a"] if number % 3 else ["b", "a"] for number in range(30)}
    qrels = {str(number): {"a": 1.0} for number in range(30)}
    first, second = measure_rankings(rankings, qrels), measure_rankings(rankings, qrels)
    assert first == second
    assert first["RR"].low < first["RR"].mean < first["RR"].high


def test_recall_has_a_depth_of_100() -> None:
    ranking = [f"d{number}" for number in range(100)]
    assert measure_rankings({"q": [*ranking, "a"]}, {"q": {"a": 1.0}})["R@100"].mean == 0.0
    assert measure_rankings({"q": [*ranking[:99], "a"]}, {"q": {"a": 1.0}})["R@100"].mean == 1.0


def test_nothing_judged_is_an_error() -> None:
    with pytest.raises(ValueError, match="no judged query"):
        measure_rankings({}, {})
