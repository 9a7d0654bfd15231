"""Measures of rankings: nDCG, reciprocal rank, recall, overlap with an exact order, Spearman, paired bootstrap.

Runs and qrels are ``{query_id: {doc_id: number}}``, as everywhere in retrieval evaluation; the array measures take
one row of scores. A query of the qrels that is absent from a run counts 0: an engine does not gain by staying silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rerank.arrays import Floats, Ints, Rows
from rerank.errors import ShapeError

Run = Mapping[str, Mapping[str, float]]
Qrels = Mapping[str, Mapping[str, float]]

MEASURES = ("nDCG@10", "RR", "R@100")

_MEASURE = re.compile(r"(nDCG|RR|R|P)(?:@(\d+))?")


def rank_documents(scores: Mapping[str, float]) -> list[str]:
    """Documents best first; equal scores by id from the end of the alphabet, as trec_eval does.

    >>> rank_documents({"a": 1.0, "b": 2.0, "c": 1.0})
    ['b', 'c', 'a']
    """
    return sorted(sorted(scores, reverse=True), key=lambda doc_id: -scores[doc_id])


def ndcg(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Discounted cumulative gain over its best possible value (Järvelin & Kekäläinen 2002; gain = label, log2).

    >>> round(ndcg(["x", "a", "b"], {"a": 1, "b": 2}, k=3), 4)
    0.6199
    """
    gains = np.array([max(0, relevance.get(doc_id, 0)) for doc_id in ranking[:k]], dtype=float)
    ideal = np.sort([gain for gain in relevance.values() if gain > 0])[::-1][:k]
    best = float(np.sum(ideal / np.log2(np.arange(2, len(ideal) + 2))))
    return float(np.sum(gains / np.log2(np.arange(2, len(gains) + 2)))) / best if best > 0 else 0.0


def reciprocal_rank(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """One over the rank of the first relevant document, 0 if there is none."""
    for rank, doc_id in enumerate(ranking[:k], start=1):
        if relevance.get(doc_id, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Share of the relevant documents among the first `k`."""
    relevant = {doc_id for doc_id, label in relevance.items() if label > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def precision(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Share of relevant documents among the first `k`; missing ranks count as not relevant."""
    depth = k or len(ranking)
    return sum(relevance.get(doc_id, 0) > 0 for doc_id in ranking[:depth]) / depth if depth else 0.0


def evaluate_run(run: Run, qrels: Qrels, *, measures: Sequence[str] = MEASURES) -> dict[str, dict[str, float]]:
    """Each measure for each query of the qrels.

    Parameters
    ----------
    measures
        ``nDCG@k``, ``RR``, ``RR@k``, ``R@k``, ``P@k``: the names of ir_measures.

    Returns
    -------
    ``{measure: {query_id: value}}``

    Raises
    ------
    ShapeError
        For a measure it does not know.
    """
    rankings = {query_id: rank_documents(run.get(query_id, {})) for query_id in qrels}
    values: dict[str, dict[str, float]] = {}
    for name in measures:
        function, k = _measure(name)
        values[name] = {query_id: function(rankings[query_id], qrels[query_id], k=k) for query_id in qrels}
    return values


def overlap_at_k(exact_scores: npt.ArrayLike, other_scores: npt.ArrayLike, *, k: int) -> float:
    """Share of the exact top `k` that the other scores put into their top `k`.

    >>> overlap_at_k([3.0, 2.0, 1.0], [1.0, 3.0, 2.0], k=2)
    0.5
    """
    exact, other = _rows(exact_scores, other_scores)
    return len(np.intersect1d(top_rows(exact, k=k), top_rows(other, k=k))) / min(k, len(exact)) if len(exact) else 0.0


def recall_of_scored(exact_scores: npt.ArrayLike, scored_rows: Ints, *, k: int) -> float:
    """Share of the exact top `k` among the rows that were scored: what a method with a call budget can return.

    >>> recall_of_scored([3.0, 2.0, 1.0, 0.0], np.array([0, 3]), k=2)
    0.5
    """
    best = top_rows(np.asarray(exact_scores), k=k)
    return len(np.intersect1d(best, scored_rows)) / len(best) if len(best) else 0.0


def top_rows(scores: Floats, *, k: int) -> Rows:
    """Rows of the `k` largest scores, best first, equal ones in row order."""
    if k < 1:
        return np.empty(0, dtype=np.int64)
    if k >= len(scores):
        return np.argsort(-scores, kind="stable").astype(np.int64)
    edge = np.partition(scores, len(scores) - k)[len(scores) - k]
    certain = np.flatnonzero(scores >= edge)
    return certain[np.argsort(-scores[certain], kind="stable")][:k].astype(np.int64)


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Correlation of ranks, equal values sharing their mean rank; NaN when a row is constant.

    >>> spearman([1, 2, 3], [10, 20, 15])
    0.5
    """
    first, second = _rows(a, b)
    if len(first) < 2:
        return float("nan")
    x, y = _mean_ranks(first), _mean_ranks(second)
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / spread if spread > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of paired differences with a bootstrap interval; ``p_not_better`` is the share of resamples at or below
    0."""

    mean: float
    low: float
    high: float
    p_not_better: float


def paired_bootstrap(
    ours: npt.ArrayLike,
    theirs: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    n_resamples: int = 10_000,
    level: float = 0.95,
) -> Difference:
    """Is `ours` better, query by query? Percentile interval of the mean difference (Efron & Tibshirani 1993, ch. 13).

    Parameters
    ----------
    ours, theirs : floats, shape (n_queries,)
        One measure of two systems on the same queries.
    """
    first, second = _rows(ours, theirs)
    if not len(first):
        raise ShapeError("A bootstrap wants at least one query.")
    difference = first - second
    means = np.empty(n_resamples)
    step = max(1, 2_000_000 // len(difference))  # rows of one draw: bounds the memory
    for start in range(0, n_resamples, step):
        drawn = rng.integers(len(difference), size=(min(step, n_resamples - start), len(difference)))
        means[start : start + len(drawn)] = difference[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Difference(float(difference.mean()), float(low), float(high), float(np.mean(means <= 0)))


def _mean_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def _measure(name: str) -> tuple[Callable[..., float], int | None]:
    found = _MEASURE.fullmatch(name)
    if found is None or (found[1] in {"P", "R"} and found[2] is None):
        raise ShapeError(f"The measure {name!r} is not known; nDCG@k, RR, RR@k, R@k and P@k are.")
    functions = {"nDCG": ndcg, "RR": reciprocal_rank, "R": recall, "P": precision}
    return functions[found[1]], int(found[2]) if found[2] else None


def _rows(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[Floats, Floats]:
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ShapeError(f"Two rows of one length are wanted, got {first.shape} and {second.shape}.")
    return first, second
