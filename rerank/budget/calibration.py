"""What anchor scores teach once, so that a query's budget of calls goes further: fitted offline, saved, used for
every query.

Three parts, each taking what the one before leaves:

1. **Prior** ``m(q, k)``: ridge regression on cheap features of query and paper (:mod:`rerank.budget.prior`).
2. **Anchors**: the residuals ``R = S − m`` of the anchor queries. A new query's residuals are expected to be those of
   the anchor queries like it: Gaussian process regression over queries, ``w(q)ᵀ R`` with
   ``w(q) = k(q, V) (K + λ I)⁻¹`` and the kernel ``k(q, q') = c + q · q'`` of the bi-encoder's query vectors. Its
   constant part is the mean residual of a paper.
3. **Posterior**: what is still left is correlated over papers as the anchors' loo_residuals are, and as embeddings are
   alike: ``Φ = [√a L / √|V| ; √b E ; √c 1]`` with L the anchors' leave-one-out loo_residuals and E the papers' centred
   vectors (:mod:`rerank.budget.posterior`). Scores of the query itself move the estimate along these features, round
   by round.

Where an anchor score is missing (a sparse build, a new paper), its residual is mapped from the paper's vector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Float32s, Floats, Mask, Rows
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.budget.posterior import Scales, fit_scales, posterior_mean
from rerank.budget.prior import Observed, RidgePrior, fit_prior
from rerank.errors import ShapeError

Features = Callable[[int, Rows], Floats]

KIND = "calibration"
BLOCKS = ("anchors", "embeddings", "level")
N_FOLDS = 4
PRIOR_ROWS = 1000  # papers of each anchor query that the prior is fitted to
EVIDENCE_ROWS = 60  # papers of each anchor query that the scales are fitted to, about a budget; the optimum is flat
LEVELS = (0.1, 0.3, 1.0, 3.0)  # c, tried against the cosines of queries
NOISES = (0.3, 1.0, 3.0, 10.0, 30.0)  # λ
MAP_PENALTY = 1.0  # of the map from vectors to residuals


@dataclass(frozen=True)
class Calibration:
    """Fitted parts, and the papers' side of them.

    Attributes
    ----------
    prior
        The first part.
    query_vectors : float32, (n_anchors, dim)
        Of the anchor queries.
    level
        c of the kernel over queries.
    weights : float32, (n_anchors, n_anchors)
        ``(K + λ I)⁻¹``.
    residuals, loo_residuals : float16, (n_papers, n_anchors)
        R and L, transposed: a pool's rows lie together.
    centre : float32, (dim,)
        Mean vector of the papers.
    scales
        a, b, c and the noise.
    slope
        Mean slope of an anchor query's scores on the cosines: the bi-encoder alone as a prior.
    """

    prior: RidgePrior
    query_vectors: Floats
    level: float
    weights: Floats
    residuals: Floats
    loo_residuals: Floats
    centre: Floats
    scales: Scales
    slope: float
    model: str = ""
    model_hash: str = ""

    def estimate(self, features: Floats, query_vector: Floats, vectors: Floats, rows: Rows) -> PosteriorEstimate:
        """What is believed about a pool, for :func:`rerank.budget.retrieval.retrieve`.

        Parameters
        ----------
        features : (n_rows, n_features)
            As the prior was fitted on.
        query_vector : (dim,)
        vectors : (n_rows, dim)
            Of the pool's papers.
        rows : int64, (n_rows,)
            Which papers these are.
        """
        expected = self.prior.predict(features, query_vector, vectors)
        like = (self.level + self.query_vectors @ query_vector) @ self.weights  # (n_anchors,)
        expected = expected - expected.mean() + self.residuals[rows].astype(np.float32) @ like
        return PosteriorEstimate(expected, self._phi(vectors, rows), self.scales.noise)

    def _phi(self, vectors: Floats, rows: Rows) -> Float32s:
        """Φ of a pool, (n_rows, n_anchors + dim + 1)."""
        blocks = self.scales.blocks
        n_anchors = len(self.query_vectors)
        anchors = self.loo_residuals[rows].astype(np.float32) * np.sqrt(blocks["anchors"] / n_anchors)
        embeddings = (vectors - self.centre) * np.sqrt(blocks["embeddings"])
        level = np.full((len(rows), 1), np.sqrt(blocks["level"]))
        return np.concatenate([anchors, embeddings, level], axis=1).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write it as an artifact of the model whose scores it was fitted to."""
        arrays: dict[str, AnyArray] = {
            "prior_weights": self.prior.weights,
            "prior_products": self.prior.products,
            "query_vectors": self.query_vectors,
            "weights": self.weights,
            "residuals": self.residuals,
            "loo_residuals": self.loo_residuals,
            "centre": self.centre,
        }
        extra = {
            "level": self.level,
            "slope": self.slope,
            "blocks": dict(self.scales.blocks),
            "noise": self.scales.noise,
        }
        manifest = Manifest(kind=KIND, model=self.model, model_hash=self.model_hash, extra=extra)
        write_artifact(folder, manifest, arrays=arrays)

    @classmethod
    def load(cls, folder: Path, *, model_hash: str | None = None, model: str = "") -> Calibration:
        """Map a saved one; raises as :func:`rerank.artifacts.read_artifact` does."""
        return read_artifact(folder, _read, kind=KIND, model_hash=model_hash, model=model)


@dataclass(frozen=True)
class PosteriorEstimate:
    """Prior mean, features and noise of one pool; an :class:`rerank.budget.retrieval.Estimate`."""

    expected: Floats  # (n_papers,)
    phi: Floats  # (n_papers, n_features)
    noise: float

    def before(self) -> Floats:
        """The prior mean."""
        return self.expected

    def after(self, rows: Rows, scores: Floats) -> Floats:
        """Prior mean and posterior of what it leaves. The mean of the seen is the level, which the prior does not
        know."""
        left = scores - self.expected[rows]
        level = left.mean()
        return np.asarray(self.expected + level + posterior_mean(self.phi, rows, left - level, noise=self.noise))


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
        ``features(anchor, rows)``: cheap features of an anchor query with papers, (n_rows, n_features).
    query_vectors : (n_anchors, dim)
    vectors : (n_papers, dim)

    Raises
    ------
    ShapeError
        If the shapes do not fit, or an anchor query has fewer than two scores.
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
    """Residuals with the missing ones (NaN) mapped from the papers' vectors, one ridge regression an anchor query.

    Parameters
    ----------
    residuals : (n_anchors, n_papers)
    vectors : (n_papers, dim)
    """
    filled = np.array(residuals, dtype=np.float64)
    centred = vectors - vectors.mean(axis=0)
    for row in filled:
        missing = np.isnan(row)
        if missing.any():
            seen = centred[~missing]
            gram = seen @ seen.T  # (n_seen, n_seen)
            gram[np.diag_indices_from(gram)] += penalty
            row[missing] = centred[missing] @ (seen.T @ np.linalg.solve(gram, row[~missing]))
    return filled


def tune_kernel(query_vectors: Floats, residuals: Floats) -> tuple[float, float]:
    """c and λ with the least leave-one-out error, which a Gaussian process has in closed form (R & W 2006, eq.
    5.12)."""
    cosines = np.asarray(query_vectors @ query_vectors.T, dtype=np.float64)
    best, chosen = np.inf, (LEVELS[0], NOISES[-1])
    for level in LEVELS:
        for noise in NOISES:
            inverse = np.linalg.inv(level + cosines + noise * np.eye(len(cosines)))
            error = float(np.mean(((inverse @ residuals) / np.diag(inverse)[:, None]) ** 2))
            if error < best:
                best, chosen = error, (level, noise)
    return chosen


def _residuals(
    scores: Floats, features: Features, query_vectors: Floats, vectors: Floats, rng: np.random.Generator
) -> tuple[RidgePrior, Floats]:
    """The prior, and what it leaves of the scores, each query's mean taken out."""

    def observe(anchor: int, n_rows: int | None) -> tuple[Rows, Observed]:
        rows = np.flatnonzero(np.isfinite(scores[anchor]))
        if n_rows is not None and len(rows) > n_rows:
            rows = rng.choice(rows, size=n_rows, replace=False)
        x = features(anchor, rows)
        return rows, Observed(x, query_vectors[anchor], vectors[rows], scores[anchor, rows])

    anchors = range(len(scores))
    prior = fit_prior(observe(anchor, PRIOR_ROWS)[1] for anchor in anchors)
    left = np.full(scores.shape, np.nan)
    for anchor in anchors:
        rows, seen = observe(anchor, None)
        error = seen.scores - prior.predict(seen.features, seen.query_vector, seen.vectors)
        left[anchor, rows] = error - error.mean()
    return prior, left


def _scales(loo_residuals: Floats, scored: Mask, centred: Floats, rng: np.random.Generator) -> Scales:
    """Empirical Bayes on each anchor query's loo_residuals, with anchor features that leave out its fold."""
    n_anchors = len(loo_residuals)
    fold = rng.permutation(n_anchors) % min(N_FOLDS, n_anchors)
    samples = []
    for anchor in range(n_anchors):
        rows = np.flatnonzero(scored[anchor])
        rows = rng.choice(rows, size=min(EVIDENCE_ROWS, len(rows)), replace=False)
        others = loo_residuals[fold != fold[anchor]][:, rows].T  # (n_rows, n_other_anchors)
        like = centred[rows]
        grams = (others @ others.T / max(1, others.shape[1]), like @ like.T, np.ones((len(rows), len(rows))))
        samples.append((grams, loo_residuals[anchor, rows]))
    return fit_scales(BLOCKS, samples)


def _slope(scores: Floats, cosines: Floats) -> float:
    """Mean over queries of the least-squares slope of the scores on the cosines, where there are scores."""
    scored = np.isfinite(scores)
    weight = scored / scored.sum(axis=1, keepdims=True)
    known = np.where(scored, scores, 0.0)
    x = cosines - (weight * cosines).sum(axis=1, keepdims=True)
    y = known - (weight * known).sum(axis=1, keepdims=True)
    spread = np.maximum((weight * x * x).sum(axis=1), 1e-12)
    return float(np.mean((weight * x * y).sum(axis=1) / spread))


def _check(scores: Floats, query_vectors: Floats, vectors: Floats) -> None:
    fits = scores.ndim == 2 and scores.shape == (len(query_vectors), len(vectors))
    if not fits or query_vectors.shape[1] != vectors.shape[1]:
        raise ShapeError(
            f"Scores of shape {scores.shape} do not fit {query_vectors.shape} query and {vectors.shape} paper vectors."
        )
    if len(scores) < 2 or (np.isfinite(scores).sum(axis=1) < 2).any():
        raise ShapeError("A calibration wants at least two anchor queries, each with at least two scores.")


def _read(artifact: Artifact) -> Calibration:
    extra = artifact.manifest.extra
    small = {name: artifact.array(name, mmap=False) for name in ("query_vectors", "weights", "centre")}
    return Calibration(
        prior=RidgePrior(
            weights=artifact.array("prior_weights", mmap=False), products=artifact.array("prior_products", mmap=False)
        ),
        level=float(extra["level"]),
        slope=float(extra["slope"]),
        residuals=artifact.array("residuals"),
        loo_residuals=artifact.array("loo_residuals"),
        scales=Scales(blocks=extra["blocks"], noise=float(extra["noise"])),
        model=artifact.manifest.model,
        model_hash=artifact.manifest.model_hash,
        **small,
    )
