"""CUR decomposition of a score matrix: exact scores against a few items stand for the scores against all.

With anchor queries V (rows ``R = M[V, :]``, computed offline) and anchor items U (columns ``C = M[:, U]``, computed
when a query comes), ``M ≈ C · pinv(W) · R`` where ``W = R[:, U]`` (Mahoney & Drineas, PNAS 2009; for cross-encoders:
ANNCUR, Yadav et al., EMNLP 2022, arXiv:2210.12579). ``factors = pinv(W) R`` does not depend on the query, so
approximate scores are one product.

The pseudo-inverse must be truncated: near ``|U| = |V|`` the small singular values of W are noise, and their inverses
dominate the result. :func:`tune_rcond` finds the threshold by cross-validation over the anchor queries.
:func:`factorize` tunes it unless one is given, and refuses one that makes a nearly square W unstable. Ways to choose U
are in :mod:`rerank.research.column_selection`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rerank.arrays import Columns, Float64s, Matrix
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.errors import ShapeError

KIND = "cur"
RCONDS = (1e-10, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
N_FOLDS = 4  # of the anchor queries when tuning
SQUARE_BAND = 1.3  # |U| / |V| within this factor of one: the unstable case
MAX_ERROR_RATIO = 1.5  # held-out error of a given rcond over that of the best one, above which it is refused


@dataclass(frozen=True)
class CUR:
    """A factorised anchor matrix.

    Attributes
    ----------
    rows : (n_rows, n_items)
        Scores of the anchor queries against every item.
    anchors : int64, (n_anchors,)
        Which items are anchors.
    rcond
        Singular values of W below this share of the largest were cut.
    inverse : (n_anchors, n_rows)
        Truncated pseudo-inverse of W.
    factors : (n_anchors, n_items)
        ``inverse @ rows``.
    """

    rows: Matrix
    anchors: Columns
    rcond: float
    inverse: Matrix
    factors: Matrix

    def approximate(self, anchor_scores: Matrix) -> Matrix:
        """See :func:`approximate`."""
        return approximate(anchor_scores, self.factors)

    def with_items(self, columns: Matrix) -> CUR:
        """New items at the end, given the anchor queries' scores for them; only these columns are computed.

        Parameters
        ----------
        columns : (n_rows, n_new)
        """
        if columns.ndim != 2 or len(columns) != len(self.rows):
            raise ShapeError(
                f"New items want one score per anchor query ({len(self.rows)}), got shape {columns.shape}."
            )
        new = columns.astype(self.rows.dtype)
        rows = np.concatenate([self.rows, new], axis=1)  # (n_rows, n_items + n_new)
        factors = np.concatenate([self.factors, self.inverse @ new], axis=1)
        return replace(self, rows=rows, factors=factors)

    def without_items(self, items: Columns) -> CUR:
        """The others in their order. If an anchor leaves, the small matrix W is inverted again."""
        kept = np.setdiff1d(np.arange(self.rows.shape[1]), items)
        new_place = np.full(self.rows.shape[1], -1)
        new_place[kept] = np.arange(len(kept))
        anchors = new_place[self.anchors]
        if (anchors < 0).any():
            return _factorized(self.rows[:, kept], anchors[anchors >= 0], self.rcond)
        return replace(self, rows=self.rows[:, kept], factors=self.factors[:, kept], anchors=anchors)

    def with_queries(self, rows: Matrix) -> CUR:
        """More anchor queries (n_new, n_items); one small SVD and one product."""
        if rows.ndim != 2 or rows.shape[1] != self.rows.shape[1]:
            raise ShapeError(f"New anchor queries want {self.rows.shape[1]} scores each, got shape {rows.shape}.")
        return _factorized(np.concatenate([self.rows, rows.astype(self.rows.dtype)]), self.anchors, self.rcond)

    def without_queries(self, queries: Columns) -> CUR:
        """Fewer anchor queries."""
        return _factorized(np.delete(self.rows, queries, axis=0), self.anchors, self.rcond)

    def save(self, folder: Path, *, model: str, model_hash: str) -> None:
        """Write it as an artifact of the model whose scores it holds."""
        arrays = {"rows": self.rows, "anchors": self.anchors, "inverse": self.inverse, "factors": self.factors}
        manifest = Manifest(kind=KIND, model=model, model_hash=model_hash, extra={"rcond": self.rcond})
        write_artifact(folder, manifest, arrays=arrays)

    @classmethod
    def load(cls, folder: Path, *, model_hash: str | None = None, model: str = "") -> CUR:
        """Map a saved one; raises as :func:`rerank.artifacts.read_artifact` does."""

        def read(artifact: Artifact) -> CUR:
            names = ("rows", "anchors", "inverse", "factors")
            return cls(rcond=float(artifact.manifest.extra["rcond"]), **{name: artifact.array(name) for name in names})

        return read_artifact(folder, read, kind=KIND, model_hash=model_hash, model=model)


def factorize(rows: Matrix, anchors: Columns, *, rcond: float | None = None) -> CUR:
    """Factorise the anchor matrix for a choice of anchor items.

    Parameters
    ----------
    rows : floats, shape (n_rows, n_items)
        Raw logits of the anchor queries.
    anchors : int64, shape (n_anchors,)
    rcond
        Singular values below this share of the largest are dropped; None takes the one of :func:`tune_rcond`.

    Raises
    ------
    ShapeError
        If there are no anchors, an anchor occurs twice or is not a column; or if W is nearly square and `rcond` leaves
        a held-out error of more than :data:`MAX_ERROR_RATIO` times the best one. The message names that one.

    Examples
    --------
    >>> scores = np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0, 0.5])
    >>> cur = factorize(scores[:2], np.array([0]))
    >>> np.abs(cur.approximate(scores[2:, [0]]) - scores[2:]).max() < 1e-8
    np.True_
    """
    _check(rows, anchors)
    if rcond is None:
        return _factorized(rows, anchors, tune_rcond(rows, anchors))
    _check_stability(rows, anchors, rcond)
    return _factorized(rows, anchors, rcond)


def approximate(anchor_scores: Matrix, factors: Matrix) -> Matrix:
    """Scores of every item for new queries, from a few exact ones.

    Parameters
    ----------
    anchor_scores : shape (n_queries, n_anchors) or (n_anchors,)
        Cross-encoder logits of the queries against the anchor items.
    factors : shape (n_anchors, n_items)
        As in :class:`CUR`.

    Returns
    -------
    shape (n_queries, n_items) or (n_items,)

    Raises
    ------
    ShapeError
        If the anchor counts differ.

    Notes
    -----
    Exact when the score matrix has rank at most ``n_anchors`` and W keeps it.
    """
    if anchor_scores.ndim not in (1, 2) or anchor_scores.shape[-1] != len(factors):
        raise ShapeError(f"{len(factors)} anchor scores a query are wanted, got shape {anchor_scores.shape}.")
    return anchor_scores @ factors


def residuals(scores: Matrix, cur: CUR) -> Matrix:
    """What the approximation leaves: ``M − C · pinv(W) · R``, shape (n_queries, n_items)."""
    if scores.ndim != 2 or scores.shape[1] != cur.rows.shape[1]:
        raise ShapeError(f"Rows of {cur.rows.shape[1]} scores are wanted, got shape {scores.shape}.")
    return scores - approximate(scores[:, cur.anchors], cur.factors)


def tune_rcond(rows: Matrix, anchors: Columns, *, rconds: Sequence[float] = RCONDS) -> float:
    """The cut with the least error on anchor queries left out; of equal ones the largest, which is the calmest."""
    if len(rows) < 2:
        return max(rconds[0], 1e-10)
    errors = held_out_errors(rows, anchors, rconds=rconds)
    best = np.min(errors)
    within = [rcond for rcond, error in zip(rconds, errors, strict=True) if error <= best * 1.001 + 1e-12]
    return max(within)


def held_out_errors(rows: Matrix, anchors: Columns, *, rconds: Sequence[float]) -> Float64s:
    """Median relative error of anchor queries approximated from the others, for each rcond.

    Each query in turn is left out with a quarter of the others, so it is as new to W as a reader's query will be.
    """
    exact = np.asarray(rows, dtype=np.float64)
    n_folds = min(N_FOLDS, len(exact))
    errors = [np.empty(len(exact)) for _ in rconds]
    for fold in range(n_folds):
        out = np.arange(len(exact)) % n_folds == fold
        inside, wanted = exact[~out], exact[out]
        left, values, right = np.linalg.svd(inside[:, anchors], full_matrices=False)
        at_anchors = wanted[:, anchors]
        norms = np.maximum(np.linalg.norm(wanted, axis=1), 1e-300)
        for number, rcond in enumerate(rconds):
            inverse = _inverse(left, values, right, rcond)
            guess = (at_anchors @ inverse) @ inside  # (n_out, n_items)
            errors[number][out] = np.linalg.norm(wanted - guess, axis=1) / norms
    return np.array([float(np.median(error)) for error in errors])


def _check_stability(rows: Matrix, anchors: Columns, rcond: float) -> None:
    """Refuse an rcond that keeps the noise of a nearly square W."""
    ratio = len(anchors) / len(rows)
    if not 1 / SQUARE_BAND < ratio < SQUARE_BAND or len(rows) < N_FOLDS:
        return
    errors = held_out_errors(rows, anchors, rconds=(rcond, *RCONDS))
    best = int(np.argmin(errors))
    if errors[0] > MAX_ERROR_RATIO * errors[best] + np.finfo(rows.dtype).eps:
        raise ShapeError(
            f"W is nearly square ({len(rows)} × {len(anchors)}), and rcond={rcond:g} leaves a held-out error of"
            f" {errors[0]:.3g}; {(rcond, *RCONDS)[best]:g} leaves {errors[best]:.3g}."
            " Pass that value, or leave rcond out to tune it."
        )


def _factorized(rows: Matrix, anchors: Columns, rcond: float) -> CUR:
    _check(rows, anchors)
    w = np.asarray(rows[:, anchors], dtype=np.float64)  # (n_rows, n_anchors)
    inverse = _inverse(*np.linalg.svd(w, full_matrices=False), rcond).astype(rows.dtype)
    return CUR(rows=rows, anchors=anchors.astype(np.int64), rcond=rcond, inverse=inverse, factors=inverse @ rows)


def _inverse(left: Matrix, values: Matrix, right: Matrix, rcond: float) -> Float64s:
    """Pseudo-inverse (n_anchors, n_rows) of ``left · values · right``, without the singular values below the cut."""
    largest = float(values[0]) if values.size else 0.0
    kept = (values > rcond * largest) & (values > 0)
    return (right[kept].T / values[kept]) @ left[:, kept].T


def _check(rows: Matrix, anchors: Columns) -> None:
    if rows.ndim != 2 or not len(rows):
        raise ShapeError(f"Anchor rows want the shape (n_rows, n_items), got {rows.shape}.")
    if anchors.ndim != 1 or not len(anchors) or len(np.unique(anchors)) != len(anchors):
        raise ShapeError("Anchor items want one axis, at least one item, and none twice.")
    if anchors.min() < 0 or anchors.max() >= rows.shape[1]:
        raise ShapeError(f"Anchor items lie between 0 and {rows.shape[1] - 1}, got {anchors.min()} to {anchors.max()}.")
