"""What the scores seen so far say about the others: Bayesian linear regression on features of papers.

Prior ``r ~ N(0, Φ Φᵀ)`` over the papers' residuals, observations with noise σ² (Rasmussen & Williams 2006, chapter
2). After scores on a set A the weights are ``w = Φ_Aᵀ (Φ_A Φ_Aᵀ + σ² I)⁻¹ r_A``: an |A| × |A| system, however many
papers there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rerank.arrays import Floats, Rows
from rerank.errors import ShapeError

JITTER = 1e-8


def posterior_mean(features: Floats, rows: Rows, residuals: Floats, *, noise: float) -> Floats:
    """Expected residual of every paper.

    Parameters
    ----------
    features : (n_papers, n_features)
        Φ, already scaled.
    rows : int64, (n_seen,)
        A: which papers were scored.
    residuals : (n_seen,)
        Their scores less the prior mean.
    noise
        σ², the variance that features do not explain.

    Returns
    -------
    (n_papers,)

    Examples
    --------
    >>> posterior_mean(np.array([[1.0], [1.0], [-1.0]]), np.array([0]), np.array([2.0]), noise=1.0).round(6).tolist()
    [1.0, 1.0, -1.0]
    """
    if len(rows) != len(residuals):
        raise ShapeError(f"{len(rows)} papers and {len(residuals)} residuals.")
    seen = features[rows]  # (n_seen, n_features)
    gram = seen @ seen.T  # (n_seen, n_seen)
    gram[np.diag_indices_from(gram)] += noise + JITTER
    weights = seen.T @ np.linalg.solve(gram, residuals)  # (n_features,)
    return np.asarray(features @ weights)


def log_evidence(grams: Sequence[Floats], residuals: Floats, *, scales: Sequence[float], noise: float) -> float:
    """Log density of residuals when blocks of features have these scales.

    Parameters
    ----------
    grams : one (n, n) a block
        ``Φ_b Φ_bᵀ`` of the unscaled features of each block.
    """
    n = len(residuals)
    covariance = np.eye(n) * (noise + JITTER)
    for gram, scale in zip(grams, scales, strict=True):
        covariance += scale * gram
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, residuals)
    return float(-0.5 * white @ white - np.log(np.diag(lower)).sum() - 0.5 * n * np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Scales:
    """Variance of each block of features, and the noise."""

    blocks: Mapping[str, float]
    noise: float


def fit_scales(
    names: Sequence[str],
    samples: Iterable[tuple[Sequence[Floats], Floats]],
    *,
    start: Sequence[float] | None = None,
    n_rounds: int = 3,
) -> Scales:
    """Empirical Bayes: the scales and noise under which held-out residuals are most probable (type II likelihood).

    Coordinate search over powers of two, from the residuals' own variance; the surface is smooth and flat near its top.

    Parameters
    ----------
    samples
        For each anchor query the blocks' Gram matrices and the residuals on the same papers. They must be made from
        features that do not know this query's own row, or the noise comes out near zero.
    """
    kept = list(samples)
    if not kept:
        raise ShapeError("Scales are fitted to at least one anchor query.")
    spread = float(np.mean([np.mean(residuals**2) for _, residuals in kept])) + 1e-12
    sizes = [np.mean([np.trace(grams[b]) / len(res) for grams, res in kept]) + 1e-12 for b in range(len(names))]
    values = list(start) if start is not None else [*(spread / len(names) / size for size in sizes), spread / 2]

    def evidence(candidate: Sequence[float]) -> float:
        return sum(log_evidence(grams, res, scales=candidate[:-1], noise=candidate[-1]) for grams, res in kept)

    best = evidence(values)
    for step in (4.0, 2.0, 1.4)[:n_rounds]:
        improved = True
        while improved:
            improved = False
            for at in range(len(values)):
                for factor in (step, 1 / step):
                    trial = [*values]
                    trial[at] = trial[at] * factor
                    found = evidence(trial)
                    if found > best + 1e-6 * abs(best):
                        values, best, improved = trial, found, True
    sizes_found = [float(value) for value in values]  # numpy's own floats are no JSON
    return Scales(blocks=dict(zip(names, sizes_found[:-1], strict=True)), noise=sizes_found[-1])
