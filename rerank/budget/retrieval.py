"""The best papers of a pool for a limited number of cross-encoder calls.

:func:`retrieve` is one loop for every method: score the most promising papers, update the estimate of the others,
repeat until the budget is spent. :mod:`rerank.research.methods` holds the published methods and ours under their
names: what "promising" means at first, what the estimate learns from, and in how many rounds.
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
    """What a method believes about every paper of the pool."""

    def before(self) -> Floats:
        """Expected scores before any call, shape (n_papers,)."""

    def after(self, rows: Rows, scores: Floats) -> Floats:
        """Expected scores of all papers given exact ones of some."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How a budget is spent.

    ``first`` is the share of the budget scored before anything is learnt, ``more`` the number of rounds after it;
    ``start`` holds rows to score first whatever the estimate says (anchors, random papers), at most the first share.
    """

    first: float = 1.0
    more: int = 0
    start: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Retrieved:
    """What a budget bought.

    Attributes
    ----------
    rows : int64, (top_k,)
        Papers, exactly scored ones first, both parts best first.
    scores : (top_k,)
        Exact, then estimated; an estimate is never above the exact scores before it.
    n_exact
        How many of ``rows`` are exact.
    scored : int64, (n_calls,)
        Everything that was scored, in the order of the calls.
    n_calls
        Cross-encoder calls.
    own_ms
        Time outside the cross-encoder.
    """

    rows: Rows
    scores: Floats
    n_exact: int
    scored: Rows
    n_calls: int
    own_ms: float


class CallCounter:
    """Counts calls, and refuses a paper twice or one call too many: a method cannot cheat by accident."""

    def __init__(self, score_rows: ScoreRows, *, budget: int) -> None:
        self._score_rows = score_rows
        self.budget = budget
        self.n_calls = 0
        self.model_s = 0.0
        self._seen: set[int] = set()

    def __call__(self, rows: Rows) -> Floats:
        """Exact scores of rows."""
        wanted = rows.tolist()
        if len(wanted) + self.n_calls > self.budget:
            raise ShapeError(f"{self.n_calls} of {self.budget} calls are spent; {len(wanted)} more are too many.")
        if len(set(wanted)) != len(wanted) or not self._seen.isdisjoint(wanted):
            raise ShapeError("A paper was to be scored twice.")
        start = time.perf_counter()
        scores = np.asarray(self._score_rows(rows))
        self.model_s += time.perf_counter() - start
        if scores.shape != rows.shape:
            raise ShapeError(f"The scorer answered shape {scores.shape} for {len(rows)} papers.")
        if not np.isfinite(scores).all():
            bad = tuple(rows[~np.isfinite(scores)].tolist())
            raise ScoresNotFinite(f"The scorer answered NaN or infinity for {len(bad)} papers.", rows=bad)
        self.n_calls += len(wanted)
        self._seen.update(wanted)
        return scores


def retrieve(
    estimate: Estimate, score_rows: ScoreRows, *, budget: int, top_k: int, rounds: Rounds | None = None
) -> Retrieved:
    """Spend a budget of calls on a pool and answer the best papers.

    Parameters
    ----------
    estimate
        What is believed about the pool.
    score_rows
        Exact scores of rows of the pool: the cross-encoder.
    budget
        The most calls; a smaller pool is scored whole.
    top_k
        Papers wanted.

    Raises
    ------
    ShapeError
        If budget or top_k is below 1, or the scorer answers the wrong number of scores.
    ScoresNotFinite
        If the scorer answers NaN.
    """
    if budget < 1 or top_k < 1:
        raise ShapeError(f"A budget and a top_k of at least 1 are wanted, got {budget} and {top_k}.")
    began = time.perf_counter()
    expected = np.asarray(estimate.before(), dtype=np.float64)
    n_papers = len(expected)
    counter = CallCounter(score_rows, budget=budget)
    scored, exact = np.empty(0, dtype=np.int64), np.empty(0)
    for n_new, start in _portions(min(budget, n_papers), rounds or Rounds()):
        rows = _most_promising(expected, scored, n_new, start)
        scored, exact = np.concatenate([scored, rows]), np.concatenate([exact, counter(rows)])
        expected = np.asarray(estimate.after(scored, exact), dtype=np.float64)
    answer, values, n_exact = _ranked(expected, scored, exact, top_k=top_k)
    own_ms = (time.perf_counter() - began - counter.model_s) * 1e3
    return Retrieved(rows=answer, scores=values, n_exact=n_exact, scored=scored, n_calls=counter.n_calls, own_ms=own_ms)


def _portions(budget: int, rounds: Rounds) -> list[tuple[int, Rows]]:
    """How many papers each round scores, and which rows it must begin with."""
    first = budget if rounds.more == 0 else min(budget, max(1, round(rounds.first * budget)))
    left = budget - first
    sizes = [left // rounds.more + (number < left % rounds.more) for number in range(rounds.more)]
    nothing = np.empty(0, dtype=np.int64)
    return [(first, rounds.start[:first]), *((size, nothing) for size in sizes if size > 0)]


def _most_promising(expected: Floats, scored: Rows, n_new: int, start: Rows) -> Rows:
    """The rows to begin with, then the highest expectations among those not scored yet."""
    waiting = np.array(expected)
    waiting[scored] = -np.inf
    waiting[start] = -np.inf
    more = top_rows(waiting, k=n_new - len(start)) if n_new > len(start) else np.empty(0, dtype=np.int64)
    return np.concatenate([start, more])


def _ranked(expected: Floats, scored: Rows, exact: Floats, *, top_k: int) -> tuple[Rows, Floats, int]:
    best = top_rows(exact, k=top_k)
    others = np.array(expected)
    others[scored] = -np.inf
    more = top_rows(others, k=min(top_k - len(best), len(others) - len(scored))) if top_k > len(best) else best[:0]
    rows = np.concatenate([scored[best], more])
    ceiling = exact[best].min(initial=np.inf)
    values = np.concatenate([exact[best], np.minimum(expected[more], ceiling)])
    return rows, values, len(best)
