"""A model of cross-encoder scores, fitted offline to anchor scores and used to spend each query's budget of calls.

It has three parts; each explains the residuals of the previous ones:

1. **Prior** ``m(q, k)``: ridge regression on cheap features of query and paper (:mod:`rerank.budget.prior`).
2. **Anchors**: the residuals ``R = S − m`` of the anchor queries. A new query is expected to have the residuals of
   similar anchor queries: Gaussian process regression over queries, ``w(q)ᵀ R`` with ``w(q) = k(q, V) (K + λ I)⁻¹``
   and the kernel ``k(q, q') = c + q · q'`` of the bi-encoder's query vectors. The constant part of the kernel gives the
   mean residual of a paper.
3. **Posterior**: the remaining residuals are correlated between papers, as are the anchors' leave-one-out residuals L
   and the papers' centred vectors E: ``Φ = [√a L / √|V| ; √b E ; √c 1]`` (:mod:`rerank.budget.posterior`). The
   query's own scores update the estimate along these features, round by round.

:mod:`rerank.budget.fitting` fits it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Float32s, Floats, Rows
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.budget.posterior import Scales, posterior_mean
from rerank.budget.prior import RidgePrior

KIND = "calibration"


@dataclass(frozen=True)
class Calibration:
    """The fitted parts.

    Attributes
    ----------
    prior
        The first part.
    query_vectors : float32, (n_anchors, dim)
        Vectors of the anchor queries.
    level
        c of the kernel over queries.
    weights : float32, (n_anchors, n_anchors)
        ``(K + λ I)⁻¹``.
    residuals, loo_residuals : float16, (n_papers, n_anchors)
        R and L, transposed so that the rows of a pool are contiguous.
    centre : float32, (dim,)
        Mean vector of the papers.
    scales
        a, b, c of Φ and the noise.
    slope
        Mean over anchor queries of the regression slope of scores on cosines; AXN takes the bi-encoder alone as prior.
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
        """The estimate of a pool before any call, for :func:`rerank.budget.retrieval.retrieve`.

        Parameters
        ----------
        features : (n_rows, n_features)
            The features that the prior was fitted to.
        query_vector : (dim,)
        vectors : (n_rows, dim)
            Of the pool's papers.
        rows : int64, (n_rows,)
            Row numbers of the pool's papers in the tables of this calibration.
        """
        expected = self.prior.predict(features, query_vector, vectors)
        anchor_weights = (self.level + self.query_vectors @ query_vector) @ self.weights  # (n_anchors,)
        expected = expected - expected.mean() + self.residuals[rows].astype(np.float32) @ anchor_weights
        return PosteriorEstimate(expected, self._phi(vectors, rows), self.scales.noise)

    def _phi(self, vectors: Floats, rows: Rows) -> Float32s:
        """Φ of a pool, shape (n_rows, n_anchors + dim + 1)."""
        blocks = self.scales.blocks
        n_anchors = len(self.query_vectors)
        anchors = self.loo_residuals[rows].astype(np.float32) * np.sqrt(blocks["anchors"] / n_anchors)
        embeddings = (vectors - self.centre) * np.sqrt(blocks["embeddings"])
        level = np.full((len(rows), 1), np.sqrt(blocks["level"]))
        return np.concatenate([anchors, embeddings, level], axis=1).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write it as an artifact of the cross-encoder whose scores it was fitted to."""
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
        """Memory-map a saved calibration. Raises as :func:`rerank.artifacts.read_artifact` does."""
        return read_artifact(folder, _read, kind=KIND, model_hash=model_hash, model=model)


@dataclass(frozen=True)
class PosteriorEstimate:
    """Prior mean, features and noise of one pool. Implements :class:`rerank.budget.retrieval.Estimate`."""

    expected: Floats  # (n_papers,)
    phi: Floats  # (n_papers, n_features)
    noise: float

    def before(self) -> Floats:
        """The prior mean."""
        return self.expected

    def after(self, rows: Rows, scores: Floats) -> Floats:
        """Prior mean plus the posterior mean of the residuals.

        The mean residual of the scored rows is added to all rows: the prior is fitted within queries and does not
        predict a query's level.
        """
        residuals = scores - self.expected[rows]
        level = residuals.mean()
        return np.asarray(self.expected + level + posterior_mean(self.phi, rows, residuals - level, noise=self.noise))


def _read(artifact: Artifact) -> Calibration:
    extra = artifact.manifest.extra
    loaded = {name: artifact.array(name, mmap=False) for name in ("query_vectors", "weights", "centre")}
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
        **loaded,
    )
