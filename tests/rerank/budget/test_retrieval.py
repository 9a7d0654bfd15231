from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rerank.arrays import Float64s, Ints
from rerank.budget.retrieval import CallCounter, Rounds, retrieve
from rerank.errors import ScoresNotFinite, ShapeError
from rerank.research.estimates import FixedOrder


def exact_scores(n: int = 100, *, seed: int = 0) -> Float64s:
    return np.random.default_rng(seed).normal(size=n)


def test_retrieve_and_rerank_scores_the_head_of_the_first_stage() -> None:
    exact, first_stage = exact_scores(), exact_scores(seed=1)
    ranked = retrieve(FixedOrder(first_stage), exact.__getitem__, budget=20, top_k=5)
    head = np.argsort(-first_stage)[:20]
    assert set(ranked.scored.tolist()) == set(head.tolist())
    assert ranked.rows.tolist() == head[np.argsort(-exact[head])][:5].tolist()
    assert ranked.scores == pytest.approx(exact[ranked.rows])
    assert (ranked.n_calls, ranked.n_exact) == (20, 5)


@given(
    st.integers(1, 60),
    st.integers(1, 80),
    st.integers(1, 80),
    st.floats(0.01, 1),
    st.integers(0, 9),
    st.integers(0, 30),
)
def test_every_setting_spends_the_budget_and_never_more(
    n_papers: int, budget: int, top_k: int, first: float, more: int, n_start: int
) -> None:
    exact = exact_scores(n_papers)
    start = np.arange(min(n_start, n_papers))
    ranked = retrieve(
        FixedOrder(exact_scores(n_papers, seed=1)),
        exact.__getitem__,
        budget=budget,
        top_k=top_k,
        rounds=Rounds(first=first, more=more, start=start),
    )
    assert ranked.n_calls == len(ranked.scored) == min(budget, n_papers)
    assert len(set(ranked.rows.tolist())) == len(ranked.rows) == min(top_k, n_papers)
    assert ranked.scores[: ranked.n_exact] == pytest.approx(exact[ranked.rows[: ranked.n_exact]])
    assert (np.diff(ranked.scores) <= 1e-12).all()


def test_a_budget_for_all_gives_the_exact_order() -> None:
    exact = exact_scores()
    ranked = retrieve(FixedOrder(np.zeros(100)), exact.__getitem__, budget=500, top_k=100)
    assert ranked.rows.tolist() == np.argsort(-exact).tolist()


def test_exact_papers_stand_above_estimated_ones() -> None:
    exact = np.array([-5.0, 0.0, 0.0, 0.0])
    ranked = retrieve(FixedOrder(np.array([9.0, 8.0, 7.0, 6.0])), exact.__getitem__, budget=1, top_k=3)
    assert ranked.rows.tolist() == [0, 1, 2]
    assert ranked.n_exact == 1
    assert ranked.scores.tolist() == [-5.0, -5.0, -5.0]


def test_rounds_begin_with_the_given_rows() -> None:
    scored_rows = []

    def score(rows: Ints) -> Float64s:
        scored_rows.append(rows.tolist())
        return rows.astype(float)

    order = np.linspace(1, 0, 50)
    retrieve(FixedOrder(order), score, budget=10, top_k=1, rounds=Rounds(first=0.5, more=3, start=np.array([40, 41])))
    assert scored_rows == [[40, 41, 0, 1, 2], [3, 4], [5, 6], [7]]


def test_the_call_counter_refuses_repeated_rows_and_calls_over_the_budget() -> None:
    counter = CallCounter(lambda rows: rows.astype(float), budget=3)
    counter(np.array([0, 1]))
    with pytest.raises(ShapeError, match="twice"):
        counter(np.array([1]))
    with pytest.raises(ShapeError, match="too many"):
        counter(np.array([2, 3]))
    assert counter.n_calls == 2


def test_nan_scores_are_an_error_that_names_the_papers() -> None:
    with pytest.raises(ScoresNotFinite) as caught:
        retrieve(FixedOrder(np.arange(3.0)), lambda rows: np.where(rows == 1, np.nan, 0.0), budget=3, top_k=1)
    assert caught.value.rows == (1,)


def test_a_scorer_that_returns_too_few_scores_is_refused() -> None:
    with pytest.raises(ShapeError, match="returned shape"):
        retrieve(FixedOrder(np.arange(3.0)), lambda rows: np.zeros(1), budget=3, top_k=1)


@pytest.mark.parametrize(("budget", "top_k"), [(0, 1), (1, 0)])
def test_a_budget_or_top_k_below_one_is_refused(budget: int, top_k: int) -> None:
    with pytest.raises(ShapeError, match="at least 1"):
        retrieve(FixedOrder(np.arange(3.0)), np.arange(3.0).__getitem__, budget=budget, top_k=top_k)


def test_an_empty_pool_gives_nothing() -> None:
    ranked = retrieve(FixedOrder(np.zeros(0)), lambda rows: np.zeros(len(rows)), budget=5, top_k=3)
    assert ranked.rows.tolist() == []
    assert ranked.n_calls == 0
