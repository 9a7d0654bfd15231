"""Ranking measures: nDCG, reciprocal rank, recall, precision, overlap with an exact order, Spearman, paired bootstrap.

Runs and qrels are ``{query_id: {doc_id: number}}``, as usual in retrieval evaluation; the array measures take one row
of scores. A query of the qrels that is missing from a run counts 0, so an engine gains nothing by returning nothing.
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
    """Documents by falling score; ties by descending id, as trec_eval orders them.

    >>> rank_documents({"a": 1.0, "b": 2.0, "c": 1.0})
    ['b', 'c', 'a']
    """
    return sorted(sorted(scores, reverse=True), key=lambda doc_id: -scores[doc_id])


def ndcg(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002; the gain is the label, the discount log2).

    >>> round(ndcg(["x", "a", "b"], {"a": 1, "b": 2}, k=3), 4)
    0.6199
    """
    gains = np.array([max(0, relevance.get(doc_id, 0)) for doc_id in ranking[:k]], dtype=float)
    ideal = np.sort([gain for gain in relevance.values() if gain > 0])[::-1][:k]
    best = float(np.sum(ideal / np.log2(np.arange(2, len(ideal) + 2))))
    return float(np.sum(gains / np.log2(np.arange(2, len(gains) + 2)))) / best if best > 0 else 0.0


def reciprocal_rank(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """The reciprocal of the rank of the first relevant document; 0 if there is none."""
    for rank, doc_id in enumerate(ranking[:k], start=1):
        if relevance.get(doc_id, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Share of the relevant documents that are among the first `k`."""
    relevant = {doc_id for doc_id, label in relevance.items() if label > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def precision(ranking: Sequence[str], relevance: Mapping[str, float], *, k: int | None = None) -> float:
    """Share of the first `k` ranks that hold a relevant document; empty ranks count as not relevant."""
    depth = k or len(ranking)
    return sum(relevance.get(doc_id, 0) > 0 for doc_id in ranking[:depth]) / depth if depth else 0.0


def evaluate_run(run: Run, qrels: Qrels, *, measures: Sequence[str] = MEASURES) -> dict[str, dict[str, float]]:
    """Compute each measure for each query of the qrels.

    Parameters
    ----------
    measures
        ``nDCG@k``, ``RR``, ``RR@k``, ``R@k`` or ``P@k``, named as in ir_measures.

    Returns
    -------
    ``{measure: {query_id: value}}``

    Raises
    ------
    ShapeError
        For any other name.
    """
    rankings = {query_id: rank_documents(run.get(query_id, {})) for query_id in qrels}
    values: dict[str, dict[str, float]] = {}
    for name in measures:
        function, k = _measure(name)
        values[name] = {query_id: function(rankings[query_id], qrels[query_id], k=k) for query_id in qrels}
    return values


def overlap_at_k(exact_scores: npt.ArrayLike, other_scores: npt.ArrayLike, *, k: int) -> float:
    """Share of the exact top `k` that is also in the top `k` of the other scores.

    >>> overlap_at_k([3.0, 2.0, 1.0], [1.0, 3.0, 2.0], k=2)
    0.5
    """
    exact, other = _equal_rows(exact_scores, other_scores)
    return len(np.intersect1d(top_rows(exact, k=k), top_rows(other, k=k))) / min(k, len(exact)) if len(exact) else 0.0


def recall_of_scored(exact_scores: npt.ArrayLike, scored_rows: Ints, *, k: int) -> float:
    """Share of the exact top `k` among the scored rows: the recall of a method with a budget of calls.

    >>> recall_of_scored([3.0, 2.0, 1.0, 0.0], np.array([0, 3]), k=2)
    0.5
    """
    best = top_rows(np.asarray(exact_scores), k=k)
    return len(np.intersect1d(best, scored_rows)) / len(best) if len(best) else 0.0


def top_rows(scores: Floats, *, k: int) -> Rows:
    """Rows of the `k` largest scores, best first; ties in row order."""
    if k < 1:
        return np.empty(0, dtype=np.int64)
    if k >= len(scores):
        return np.argsort(-scores, kind="stable").astype(np.int64)
    kth_largest = np.partition(scores, len(scores) - k)[len(scores) - k]
    candidates = np.flatnonzero(scores >= kth_largest)  # more than k if there are ties
    return candidates[np.argsort(-scores[candidates], kind="stable")][:k].astype(np.int64)


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Spearman's rank correlation; tied values share their mean rank. NaN if a row is constant.

    >>> spearman([1, 2, 3], [10, 20, 15])
    0.5
    """
    first, second = _equal_rows(a, b)
    if len(first) < 2:
        return float("nan")
    x, y = _mean_ranks(first), _mean_ranks(second)
    x, y = x - x.mean(), y - y.mean()
    norms = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norms if norms > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of paired differences with its bootstrap interval.

    ``p_not_better`` is the share of resamples whose mean is at most 0.
    """

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
    """Percentile interval of the mean of ``ours - theirs`` (Efron & Tibshirani 1993, chapter 13).

    Parameters
    ----------
    ours, theirs : floats, shape (n_queries,)
        One measure of two systems on the same queries.

    Raises
    ------
    ShapeError
        If the lengths differ, or there is no query.
    """
    first, second = _equal_rows(ours, theirs)
    if not len(first):
        raise ShapeError("A bootstrap needs at least one query.")
    difference = first - second
    means = np.empty(n_resamples)
    step = max(1, 2_000_000 // len(difference))  # resamples drawn at once; bounds the memory
    for start in range(0, n_resamples, step):
        resampled = rng.integers(len(difference), size=(min(step, n_resamples - start), len(difference)))
        means[start : start + len(resampled)] = difference[resampled].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Difference(float(difference.mean()), float(low), float(high), float(np.mean(means <= 0)))


def _mean_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def _measure(name: str) -> tuple[Callable[..., float], int | None]:
    match = _MEASURE.fullmatch(name)
    if match is None or (match[1] in {"P", "R"} and match[2] is None):
        raise ShapeError(f"Unknown measure {name!r}; known are nDCG@k, RR, RR@k, R@k and P@k.")
    functions = {"nDCG": ndcg, "RR": reciprocal_rank, "R": recall, "P": precision}
    return functions[match[1]], int(match[2]) if match[2] else None


def _equal_rows(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Both arguments in float64; they must be one-dimensional and of the same length."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ShapeError(f"Expected two rows of one length, got shapes {first.shape} and {second.shape}.")
    return first, second
