"""Posterior of all scores given some of them: Bayesian linear regression on features of the papers.

The residuals have the prior ``r ~ N(0, Φ Φᵀ)`` and are observed with noise σ² (Rasmussen & Williams 2006, chapter 2).
Given scores on a set A, the weights are ``w = Φ_Aᵀ (Φ_A Φ_Aᵀ + σ² I)⁻¹ r_A``: an |A| × |A| system, whatever the number
of papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rerank.arrays import Floats, Rows
from rerank.errors import ShapeError

JITTER = 1e-8  # added to the noise, so that the system can be solved without noise too


def posterior_mean(features: Floats, rows: Rows, residuals: Floats, *, noise: float) -> Floats:
    """Posterior mean of every paper's residual.

    Parameters
    ----------
    features : (n_papers, n_features)
        Φ, already scaled.
    rows : int64, (n_scored,)
        A: the papers that were scored.
    residuals : (n_scored,)
        Their scores minus the prior mean.
    noise
        σ², the variance that the features do not explain.

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
    scored = features[rows]  # (n_scored, n_features)
    gram = scored @ scored.T  # (n_scored, n_scored)
    gram[np.diag_indices_from(gram)] += noise + JITTER
    weights = scored.T @ np.linalg.solve(gram, residuals)  # (n_features,)
    return np.asarray(features @ weights)


def log_evidence(grams: Sequence[Floats], residuals: Floats, *, scales: Sequence[float], noise: float) -> float:
    """Log density of residuals, given the scale of each block of features and the noise.

    Parameters
    ----------
    grams : one array (n, n) per block
        ``Φ_b Φ_bᵀ`` of the unscaled features of a block.
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
    """Variance of each block of features, and of the noise."""

    blocks: Mapping[str, float]
    noise: float


def fit_scales(
    names: Sequence[str],
    samples: Iterable[tuple[Sequence[Floats], Floats]],
    *,
    start: Sequence[float] | None = None,
    n_rounds: int = 3,
) -> Scales:
    """Empirical Bayes: the scales and the noise that maximise the evidence of held-out residuals (type II likelihood).

    Coordinate search with shrinking factors, starting from the variance of the residuals. The surface is smooth, and
    flat near its maximum.

    Parameters
    ----------
    samples
        For each anchor query, the blocks' Gram matrices and the residuals of the same papers. The features must not
        contain this query's own row, or the noise is estimated near zero.
    start
        Scales of the blocks and the noise to start from.

    Raises
    ------
    ShapeError
        If there are no samples.
    """
    samples = list(samples)
    if not samples:
        raise ShapeError("Scales are fitted to at least one anchor query, got none.")
    variance = float(np.mean([np.mean(residuals**2) for _, residuals in samples])) + 1e-12
    sizes = [np.mean([np.trace(grams[b]) / len(res) for grams, res in samples]) + 1e-12 for b in range(len(names))]
    values = list(start) if start is not None else [*(variance / len(names) / size for size in sizes), variance / 2]

    def evidence(candidate: Sequence[float]) -> float:
        return sum(log_evidence(grams, res, scales=candidate[:-1], noise=candidate[-1]) for grams, res in samples)

    best = evidence(values)
    for step in (4.0, 2.0, 1.4)[:n_rounds]:
        has_improved = True
        while has_improved:
            has_improved = False
            for coordinate in range(len(values)):
                for factor in (step, 1 / step):
                    trial = [*values]
                    trial[coordinate] = trial[coordinate] * factor
                    trial_evidence = evidence(trial)
                    if trial_evidence > best + 1e-6 * abs(best):
                        values, best, has_improved = trial, trial_evidence, True
    *scales, noise = (float(value) for value in values)  # numpy's floats cannot be written as JSON
    return Scales(blocks=dict(zip(names, scales, strict=True)), noise=noise)
