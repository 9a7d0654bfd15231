"""Fusion of the rankings of several retrievers into one. Pure.

:func:`reciprocal_rank_fusion` fuses by rank and needs no common scale. :func:`weighted_fusion` fuses by score, with
weights that :func:`fit_weights` learns from judged queries. The result does not depend on the order of the rankings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search.base.aliases import Ranking, Rankings

if TYPE_CHECKING:
    from search.base.aliases import Floats

# What each retriever adds to a fused score: retriever name → key → term of the sum.
Parts = Mapping[str, Mapping[str, float]]

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009: insensitive between 10 and 100


def reciprocal_rank_fusion(
    rankings: Rankings, *, weights: Mapping[str, float] | None = None, rrf_k: float = RRF_K
) -> Ranking:
    """Fuse by rank: ``score(d) = Σ_r w_r / (rrf_k + rank_r(d))``, ranks from 1.

    Parameters
    ----------
    rankings : retriever name → (key, score) best first; scores are not used.
    weights : retriever name → weight, 1 where missing.

    Returns
    -------
    (key, fused score), best first, ties by key.

    References
    ----------
    Cormack, Clarke, Büttcher: Reciprocal rank fusion outperforms Condorcet, SIGIR 2009, equation 1.
    """
    return add_parts(reciprocal_rank_parts(rankings, weights=weights, rrf_k=rrf_k))


def reciprocal_rank_parts(
    rankings: Rankings, *, weights: Mapping[str, float] | None = None, rrf_k: float = RRF_K
) -> Parts:
    """The terms of the sum of :func:`reciprocal_rank_fusion`."""
    return {
        name: {
            key: (1.0 if weights is None else weights.get(name, 1.0)) / (rrf_k + rank)
            for rank, (key, _) in enumerate(rankings[name], start=1)
        }
        for name in sorted(rankings)
    }


# Scores that are already between 0 and 1 and comparable between queries, so that they are not scaled.
SHARES = frozenset({"coverage"})


def weighted_fusion(rankings: Rankings, *, weights: Mapping[str, float]) -> Ranking:
    """Fuse by score: ``Σ_r w_r · scaled_r(d)``, each ranking scaled to 0…1 over its own depth.

    :data:`SHARES` are not scaled. A paper that a retriever did not return scores 0 there, as the retriever's last
    paper does. A retriever without a weight is ignored.
    """
    return add_parts(weighted_parts(rankings, weights=weights))


def weighted_parts(rankings: Rankings, *, weights: Mapping[str, float]) -> Parts:
    """The terms of the sum of :func:`weighted_fusion`."""
    return {
        name: {key: weights.get(name, 0.0) * score for key, score in _scaled(name, rankings[name])}
        for name in sorted(rankings)
    }


def add_parts(parts: Parts) -> Ranking:
    """The sum of the parts of each key: (key, fused score), best first, ties by key."""
    fused: dict[str, float] = {}
    for part in parts.values():
        for key, score in part.items():
            fused[key] = fused.get(key, 0.0) + score
    return _best_first(fused)


def _scaled(name: str, ranking: Ranking) -> Ranking:
    return ranking if name in SHARES else scale(ranking)


def scale(ranking: Ranking) -> Ranking:
    """Min-max scaling to 0…1; all 1 where the scores are equal, so that a single hit counts fully."""
    if not ranking:
        return []
    values = [score for _, score in ranking]
    low, high = min(values), max(values)
    if high <= low:
        return [(key, 1.0) for key, _ in ranking]
    return [(key, (score - low) / (high - low)) for key, score in ranking]


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """The rankings of one query, and its judgments: key → grade, 0 or missing for not relevant."""

    rankings: Rankings
    grades: Mapping[str, float]


def fit_weights(
    queries: Sequence[JudgedQuery], *, n_steps: int = 200, step_size: float = 0.5, temperature: float = 0.1
) -> dict[str, float]:
    """Non-negative weights, summing to 1, for :func:`weighted_fusion`, by exponentiated gradient.

    Minimises the mean over queries of ``Σ_{i relevant} log(1 + Σ_{j not} exp((f_j − f_i) / temperature))`` per
    relevant paper, where ``f = Σ_r w_r · scaled_r``: convex in the weights, so the start does not matter.

    Parameters
    ----------
    queries : judged queries; those without a relevant and a non-relevant candidate are skipped.
    n_steps, step_size : updates ``w ← w · exp(−step_size · gradient)``, renormalised.

    Raises
    ------
    ValueError
        If all queries are skipped.

    References
    ----------
    Kivinen and Warmuth: Exponentiated gradient versus gradient descent for linear predictors, 1997.
    """
    names = sorted({name for query in queries for name in query.rankings})
    prepared = [table for query in queries if (table := _feature_table(query, names)) is not None]
    if not prepared:
        raise ValueError("cannot fit fusion weights: no query has both a relevant and a non-relevant candidate")
    weights = np.full(len(names), 1.0 / len(names))  # (n_retrievers,)
    for _ in range(n_steps):
        gradient = np.mean([_gradient(relevant, others, weights, temperature) for relevant, others in prepared], axis=0)
        weights = weights * np.exp(-step_size * (gradient - gradient.min()))
        weights /= weights.sum()
    return {name: float(weight) for name, weight in zip(names, weights, strict=True)}


def _feature_table(query: JudgedQuery, names: Sequence[str]) -> tuple[Floats, Floats] | None:
    """Scaled scores of relevant (n_relevant, n_retrievers) and other (n_other, n_retrievers) candidates."""
    columns = [dict(_scaled(name, query.rankings.get(name, ()))) for name in names]
    keys = sorted({key for column in columns for key in column})
    table = np.array([[column.get(key, 0.0) for column in columns] for key in keys]).reshape(len(keys), len(names))
    is_relevant = np.array([query.grades.get(key, 0.0) > 0 for key in keys], dtype=bool)
    if is_relevant.all() or not is_relevant.any():
        return None
    return table[is_relevant], table[~is_relevant]


def _gradient(relevant: Floats, others: Floats, weights: Floats, temperature: float) -> Floats:
    margins = ((others @ weights)[None, :] - (relevant @ weights)[:, None]) / temperature  # (n_relevant, n_other)
    peak = np.maximum(margins.max(axis=1, keepdims=True), 0.0)
    shares = np.exp(margins - peak)
    shares /= np.exp(-peak) + shares.sum(axis=1, keepdims=True)  # derivative of log(1 + Σ exp)
    gradients = shares @ others - shares.sum(axis=1, keepdims=True) * relevant  # (n_relevant, n_retrievers)
    return np.asarray(gradients.mean(axis=0) / temperature)


def _best_first(fused: Mapping[str, float]) -> Ranking:
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
