"""Fits a :class:`~rerank.budget.calibration.Calibration` to anchor scores. Start at :func:`calibrate`.

Where an anchor score is missing (in a sparse build), its residual is predicted from the paper's vector.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rerank.arrays import Floats, Mask, Rows
from rerank.budget.calibration import Calibration
from rerank.budget.posterior import Scales, fit_scales
from rerank.budget.prior import Observed, RidgePrior, fit_prior
from rerank.errors import ShapeError

Features = Callable[[int, Rows], Floats]

BLOCKS = ("anchors", "embeddings", "level")
N_FOLDS = 4  # of anchor queries, when the scales are fitted
PRIOR_ROWS = 1000  # papers per anchor query that the prior is fitted to, at most
EVIDENCE_ROWS = 60  # papers per anchor query that the scales are fitted to: about a budget; the optimum is flat
LEVELS = (0.1, 0.3, 1.0, 3.0)  # grid for c
NOISES = (0.3, 1.0, 3.0, 10.0, 30.0)  # grid for λ
MAP_PENALTY = 1.0  # ridge penalty of the map from vectors to residuals


def calibrate(
    scores: Floats,
    features: Features,
    query_vectors: Floats,
    vectors: Floats,
    *,
    rng: np.random.Generator,
    model: str = "",
    model_hash: str = "",
) -> Calibration:
    """Fit all parts to anchor scores.

    Parameters
    ----------
    scores : floats, shape (n_anchors, n_papers)
        Raw logits; NaN where nothing was scored.
    features
        ``features(anchor, rows)`` returns the cheap features of an anchor query with papers, (n_rows, n_features).
    query_vectors : (n_anchors, dim)
    vectors : (n_papers, dim)

    Raises
    ------
    ShapeError
        If the shapes do not fit, there are fewer than two anchor queries, or one has fewer than two scores.
    """
    _check(scores, query_vectors, vectors)
    prior, residuals = _residuals(scores, features, query_vectors, vectors, rng)
    residuals = complete(residuals, vectors)  # (n_anchors, n_papers)
    level, noise = tune_kernel(query_vectors, residuals)
    kernel = level + query_vectors @ query_vectors.T
    weights = np.linalg.inv(kernel + noise * np.eye(len(kernel)))
    loo_residuals = (weights @ residuals) / np.diag(weights)[:, None]  # leave-one-out errors of the regression
    centre = vectors.mean(axis=0)
    scales = _scales(loo_residuals, np.isfinite(scores), vectors - centre, rng)
    return Calibration(
        prior=prior,
        query_vectors=query_vectors.astype(np.float32),
        level=level,
        weights=weights.astype(np.float32),
        residuals=np.ascontiguousarray(residuals.T, dtype=np.float16),
        loo_residuals=np.ascontiguousarray(loo_residuals.T, dtype=np.float16),
        centre=centre.astype(np.float32),
        scales=scales,
        slope=_slope(scores, query_vectors @ vectors.T),
        model=model,
        model_hash=model_hash,
    )


def complete(residuals: Floats, vectors: Floats, *, penalty: float = MAP_PENALTY) -> Floats:
    """Residuals whose missing values (NaN) are predicted from the papers' vectors, by one ridge regression per query.

    Parameters
    ----------
    residuals : (n_anchors, n_papers)
    vectors : (n_papers, dim)
    """
    completed = np.array(residuals, dtype=np.float64)
    centred = vectors - vectors.mean(axis=0)
    for row in completed:
        is_missing = np.isnan(row)
        if is_missing.any():
            scored = centred[~is_missing]  # (n_scored, dim)
            gram = scored @ scored.T  # (n_scored, n_scored)
            gram[np.diag_indices_from(gram)] += penalty
            row[is_missing] = centred[is_missing] @ (scored.T @ np.linalg.solve(gram, row[~is_missing]))
    return completed


def tune_kernel(query_vectors: Floats, residuals: Floats) -> tuple[float, float]:
    """c and λ with the smallest leave-one-out error.

    A Gaussian process has that error in closed form (Rasmussen & Williams 2006, equation 5.12).
    """
    cosines = np.asarray(query_vectors @ query_vectors.T, dtype=np.float64)
    least_error, best = np.inf, (LEVELS[0], NOISES[-1])
    for level in LEVELS:
        for noise in NOISES:
            inverse = np.linalg.inv(level + cosines + noise * np.eye(len(cosines)))
            error = float(np.mean(((inverse @ residuals) / np.diag(inverse)[:, None]) ** 2))
            if error < least_error:
                least_error, best = error, (level, noise)
    return best


def _residuals(
    scores: Floats, features: Features, query_vectors: Floats, vectors: Floats, rng: np.random.Generator
) -> tuple[RidgePrior, Floats]:
    """Fit the prior; return it with the residuals of all scores, each query's mean subtracted."""

    def observe(anchor: int, n_rows: int | None) -> tuple[Rows, Observed]:
        rows = np.flatnonzero(np.isfinite(scores[anchor]))
        if n_rows is not None and len(rows) > n_rows:
            rows = rng.choice(rows, size=n_rows, replace=False)
        x = features(anchor, rows)
        return rows, Observed(x, query_vectors[anchor], vectors[rows], scores[anchor, rows])

    anchors = range(len(scores))
    prior = fit_prior(observe(anchor, PRIOR_ROWS)[1] for anchor in anchors)
    residuals = np.full(scores.shape, np.nan)
    for anchor in anchors:
        rows, observed = observe(anchor, None)
        error = observed.scores - prior.predict(observed.features, observed.query_vector, observed.vectors)
        residuals[anchor, rows] = error - error.mean()
    return prior, residuals


def _scales(loo_residuals: Floats, scored: Mask, centred: Floats, rng: np.random.Generator) -> Scales:
    """Fit the scales to each anchor query's leave-one-out residuals, with features of the queries of other folds."""
    n_anchors = len(loo_residuals)
    fold = rng.permutation(n_anchors) % min(N_FOLDS, n_anchors)
    samples = []
    for anchor in range(n_anchors):
        rows = np.flatnonzero(scored[anchor])
        rows = rng.choice(rows, size=min(EVIDENCE_ROWS, len(rows)), replace=False)
        others = loo_residuals[fold != fold[anchor]][:, rows].T  # (n_rows, n_other_anchors)
        embeddings = centred[rows]  # (n_rows, dim)
        grams = (
            others @ others.T / max(1, others.shape[1]),
            embeddings @ embeddings.T,
            np.ones((len(rows), len(rows))),
        )
        samples.append((grams, loo_residuals[anchor, rows]))
    return fit_scales(BLOCKS, samples)


def _slope(scores: Floats, cosines: Floats) -> float:
    """Mean over queries of the least-squares slope of the scores on the cosines; missing scores do not count."""
    is_scored = np.isfinite(scores)
    weight = is_scored / is_scored.sum(axis=1, keepdims=True)
    without_nan = np.where(is_scored, scores, 0.0)
    x = cosines - (weight * cosines).sum(axis=1, keepdims=True)
    y = without_nan - (weight * without_nan).sum(axis=1, keepdims=True)
    variance = np.maximum((weight * x * x).sum(axis=1), 1e-12)
    return float(np.mean((weight * x * y).sum(axis=1) / variance))


def _check(scores: Floats, query_vectors: Floats, vectors: Floats) -> None:
    fits = scores.ndim == 2 and scores.shape == (len(query_vectors), len(vectors))
    if not fits or query_vectors.shape[1] != vectors.shape[1]:
        raise ShapeError(
            f"Scores of shape {scores.shape} do not fit query vectors of shape {query_vectors.shape} and paper vectors"
            f" of shape {vectors.shape}."
        )
    if len(scores) < 2 or (np.isfinite(scores).sum(axis=1) < 2).any():
        raise ShapeError("A calibration needs at least two anchor queries, each with at least two scores.")
