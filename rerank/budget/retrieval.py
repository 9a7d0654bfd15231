"""Adaptive retrieval: the best papers of a pool with a limited number of cross-encoder calls.

:func:`retrieve` is the loop of every method: score the papers with the highest estimates, update the estimates of the
others, and repeat until the budget is spent. Methods differ in their :class:`Estimate` and their :class:`Rounds`;
:mod:`rerank.research.methods` has the published ones and ours by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from rerank.arrays import Floats, Rows
from rerank.errors import ScoresNotFinite, ShapeError
from rerank.evaluation import top_rows

ScoreRows = Callable[[Rows], Floats]


class Estimate(Protocol):
    """A method's estimate of every paper's score."""

    def before(self) -> Floats:
        """Expected scores before any call, shape (n_papers,)."""

    def after(self, rows: Rows, scores: Floats) -> Floats:
        """Expected scores of all papers, given the exact scores of `rows`."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How a budget is divided.

    Parameters
    ----------
    first
        Share of the budget that the first round spends.
    more
        Number of rounds after it; they share the rest evenly.
    start
        Rows that the first round scores whatever their estimates (anchors, random papers), cut to its size.
    """

    first: float = 1.0
    more: int = 0
    start: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Retrieved:
    """Result of :func:`retrieve`.

    Attributes
    ----------
    rows : int64, (top_k,)
        Papers: those with exact scores first, then those with estimates, each part best first.
    scores : (top_k,)
        Exact scores, then estimates; an estimate is at most as high as the lowest exact score.
    n_exact
        How many of ``rows`` have exact scores.
    scored : int64, (n_calls,)
        All papers that were scored, in the order of the calls.
    n_calls
        Cross-encoder calls.
    own_ms
        Milliseconds spent outside the cross-encoder.
    """

    rows: Rows
    scores: Floats
    n_exact: int
    scored: Rows
    n_calls: int
    own_ms: float


class CallCounter:
    """Counts the calls of a scorer, and refuses to score a paper twice or to exceed the budget."""

    def __init__(self, score_rows: ScoreRows, *, budget: int) -> None:
        self._score_rows = score_rows
        self.budget = budget
        self.n_calls = 0
        self.model_s = 0.0
        self._seen: set[int] = set()

    def __call__(self, rows: Rows) -> Floats:
        """Exact scores of rows.

        Raises
        ------
        ShapeError
            If the budget is exceeded, a row occurs twice, or the scorer returns the wrong number of scores.
        ScoresNotFinite
            If the scorer returns NaN or infinity.
        """
        requested = rows.tolist()
        if len(requested) + self.n_calls > self.budget:
            raise ShapeError(f"{self.n_calls} of {self.budget} calls are spent; {len(requested)} more are too many.")
        if len(set(requested)) != len(requested) or not self._seen.isdisjoint(requested):
            raise ShapeError("A paper was requested twice; each is scored once.")
        start = time.perf_counter()
        scores = np.asarray(self._score_rows(rows))
        self.model_s += time.perf_counter() - start
        if scores.shape != rows.shape:
            raise ShapeError(f"The scorer returned shape {scores.shape} for {len(rows)} papers.")
        if not np.isfinite(scores).all():
            invalid = tuple(rows[~np.isfinite(scores)].tolist())
            raise ScoresNotFinite(f"The scorer returned NaN or infinity for {len(invalid)} papers.", rows=invalid)
        self.n_calls += len(requested)
        self._seen.update(requested)
        return scores


def retrieve(
    estimate: Estimate, score_rows: ScoreRows, *, budget: int, top_k: int, rounds: Rounds | None = None
) -> Retrieved:
    """Spend a budget of calls on a pool and return its best papers.

    Parameters
    ----------
    estimate
        Estimates the scores of the pool's papers.
    score_rows
        The cross-encoder: exact scores of rows of the pool.
    budget
        Maximum number of calls. A pool of at most that size is scored completely.
    top_k
        How many papers to return.
    rounds
        None: the whole budget in one round.

    Raises
    ------
    ShapeError
        If budget or top_k is below 1, or the scorer returns the wrong number of scores.
    ScoresNotFinite
        If the scorer returns NaN or infinity.
    """
    if budget < 1 or top_k < 1:
        raise ShapeError(f"budget and top_k must be at least 1, got {budget} and {top_k}.")
    started = time.perf_counter()
    expected = np.asarray(estimate.before(), dtype=np.float64)
    n_papers = len(expected)
    counter = CallCounter(score_rows, budget=budget)
    scored, exact = np.empty(0, dtype=np.int64), np.empty(0)
    for n_new, start in _round_sizes(min(budget, n_papers), rounds or Rounds()):
        rows = _next_rows(expected, scored, n_new, start)
        scored, exact = np.concatenate([scored, rows]), np.concatenate([exact, counter(rows)])
        expected = np.asarray(estimate.after(scored, exact), dtype=np.float64)
    ranking, scores, n_exact = _ranked(expected, scored, exact, top_k=top_k)
    own_ms = (time.perf_counter() - started - counter.model_s) * 1e3
    return Retrieved(
        rows=ranking, scores=scores, n_exact=n_exact, scored=scored, n_calls=counter.n_calls, own_ms=own_ms
    )


def _round_sizes(budget: int, rounds: Rounds) -> list[tuple[int, Rows]]:
    """For each round, how many papers it scores and the rows it must start with."""
    first = budget if rounds.more == 0 else min(budget, max(1, round(rounds.first * budget)))
    remaining = budget - first
    sizes = [remaining // rounds.more + (number < remaining % rounds.more) for number in range(rounds.more)]
    no_rows = np.empty(0, dtype=np.int64)
    return [(first, rounds.start[:first]), *((size, no_rows) for size in sizes if size > 0)]


def _next_rows(expected: Floats, scored: Rows, n_new: int, start: Rows) -> Rows:
    """The `start` rows, then the rows with the highest expectations that are not scored yet."""
    unscored = np.array(expected)
    unscored[scored] = -np.inf
    unscored[start] = -np.inf
    highest = top_rows(unscored, k=n_new - len(start)) if n_new > len(start) else np.empty(0, dtype=np.int64)
    return np.concatenate([start, highest])


def _ranked(expected: Floats, scored: Rows, exact: Floats, *, top_k: int) -> tuple[Rows, Floats, int]:
    """Rows and scores of the top k, exact scores before estimates, and how many are exact."""
    best = top_rows(exact, k=top_k)
    unscored = np.array(expected)
    unscored[scored] = -np.inf
    n_estimates = min(top_k - len(best), len(unscored) - len(scored))
    estimated = top_rows(unscored, k=n_estimates) if top_k > len(best) else best[:0]
    rows = np.concatenate([scored[best], estimated])
    ceiling = exact[best].min(initial=np.inf)
    scores = np.concatenate([exact[best], np.minimum(expected[estimated], ceiling)])
    return rows, scores, len(best)
