from __future__ import annotations

from random import Random

import ir_measures
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from rerank.errors import ShapeError
from rerank.evaluation import (
    evaluate_run,
    overlap_at_k,
    paired_bootstrap,
    rank_documents,
    recall_of_scored,
    spearman,
    top_rows,
)

NAMES = ("nDCG@10", "nDCG@5", "RR", "RR@10", "R@5", "R@100", "P@5")


def random_run_and_qrels(seed: int, *, ties: bool) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, int]]]:
    rng = np.random.default_rng(seed)
    docs = [f"d{number}" for number in range(60)]
    qrels = {f"q{q}": {doc: int(rng.integers(0, 4)) for doc in rng.choice(docs, 12, replace=False)} for q in range(8)}
    run = {}
    for q in range(7):  # q7 has no ranking
        scores = rng.integers(0, 9, 40) if ties else rng.normal(size=40)
        run[f"q{q}"] = dict(zip(rng.choice(docs, 40, replace=False), map(float, scores), strict=True))
    return run, qrels


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_ir_measures(seed: int, ties: bool) -> None:
    run, qrels = random_run_and_qrels(seed, ties=ties)
    ours = evaluate_run(run, qrels, measures=NAMES)
    parsed = [ir_measures.parse_measure(name) for name in NAMES]
    n_seen = 0
    for metric in ir_measures.iter_calc(parsed, qrels, run):
        if ties and str(metric.measure) == "RR@10":
            continue  # ir_measures hands RR@k to another program, which breaks ties otherwise
        assert ours[str(metric.measure)][metric.query_id] == pytest.approx(metric.value, abs=1e-9), metric
        n_seen += 1
    assert n_seen >= 7 * len(qrels) - 16


def test_a_query_without_ranking_counts_zero() -> None:
    assert evaluate_run({}, {"q": {"d": 1}}, measures=("RR",)) == {"RR": {"q": 0.0}}


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(ShapeError, match="MAP@3"):
        evaluate_run({}, {}, measures=("MAP@3",))


def test_equal_scores_are_ordered_by_id_from_the_end() -> None:
    assert rank_documents({"a": 0.0, "c": 0.0, "b": 1.0}) == ["b", "c", "a"]


@given(st.lists(st.integers(0, 6), min_size=2, max_size=40), st.randoms())
def test_spearman_equals_scipy(values: list[int], random: Random) -> None:
    other = list(values)
    random.shuffle(other)
    if len(set(values)) > 1:
        assert spearman(values, other) == pytest.approx(scipy.stats.spearmanr(values, other).statistic, abs=1e-9)


def test_spearman_of_a_constant_row_is_not_a_number() -> None:
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))


@given(st.lists(st.integers(0, 9), max_size=50), st.integers(0, 60))
def test_top_rows_are_the_head_of_a_stable_sort(values: list[int], k: int) -> None:
    scores = np.array(values, dtype=float)
    assert top_rows(scores, k=k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()


def test_recall_of_scored_and_overlap_agree_on_a_ranking() -> None:
    rng = np.random.default_rng(0)
    exact, other = rng.normal(size=(2, 100))
    chosen = top_rows(other, k=10)
    assert recall_of_scored(exact, chosen, k=10) == overlap_at_k(exact, other, k=10)
    assert overlap_at_k(exact, exact, k=10) == 1.0


def test_the_bootstrap_distinguishes_a_difference_from_noise() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(size=300)
    better = paired_bootstrap(base + rng.normal(0.05, 0.1, 300), base, rng=np.random.default_rng(2), n_resamples=2000)
    same = paired_bootstrap(base + rng.normal(0, 0.1, 300), base, rng=np.random.default_rng(2), n_resamples=2000)
    assert 0 < better.low < better.mean < better.high
    assert better.p_not_better < 0.01
    assert same.low < 0 < same.high


def test_the_bootstrap_interval_is_that_of_the_normal_law_for_many_queries() -> None:
    difference = np.random.default_rng(3).normal(0.3, 1.0, 4000)
    interval = paired_bootstrap(difference, np.zeros(4000), rng=np.random.default_rng(4), n_resamples=4000)
    half = 1.96 * difference.std() / np.sqrt(4000)
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.1)


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="one length"):
        overlap_at_k([1.0], [1.0, 2.0], k=1)
