"""CUR decomposition of a score matrix: a query's scores of all items from its exact scores of a few.

With anchor queries V (rows ``R = M[V, :]``, computed offline) and anchor items U (columns ``C = M[:, U]``, computed for
each query), ``M ≈ C · pinv(W) · R`` where ``W = R[:, U]`` (Mahoney & Drineas, PNAS 2009; for cross-encoders: ANNCUR,
Yadav et al., EMNLP 2022, arXiv:2210.12579). ``factors = pinv(W) R`` does not depend on the query, so the approximate
scores of a query are one matrix product.

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

from rerank.arrays import Columns, Float64s, Matrix, Rows
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.errors import ShapeError

KIND = "cur"
RCONDS = (1e-10, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)  # grid of thresholds
N_FOLDS = 4  # of the anchor queries, when tuning
SQUARE_BAND = 1.3  # W is nearly square, and unstable, if |U| / |V| is within this factor of one
MAX_ERROR_RATIO = 1.5  # held-out error of a given rcond over that of the best one, above which it is refused


@dataclass(frozen=True)
class CUR:
    """A factorised anchor matrix.

    Attributes
    ----------
    rows : (n_rows, n_items)
        Scores of the anchor queries with every item.
    anchors : int64, (n_anchors,)
        The anchor items.
    rcond
        Singular values of W below this share of the largest were dropped.
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
        """Approximate scores of all items. See :func:`approximate`."""
        return approximate(anchor_scores, self.factors)

    def with_items(self, columns: Matrix) -> CUR:
        """Append items, given the anchor queries' scores of them; only their columns are computed.

        Parameters
        ----------
        columns : (n_rows, n_new)
        """
        if columns.ndim != 2 or len(columns) != len(self.rows):
            raise ShapeError(f"Expected scores of shape ({len(self.rows)}, n_new) for new items, got {columns.shape}.")
        new = columns.astype(self.rows.dtype)
        rows = np.concatenate([self.rows, new], axis=1)  # (n_rows, n_items + n_new)
        factors = np.concatenate([self.factors, self.inverse @ new], axis=1)
        return replace(self, rows=rows, factors=factors)

    def without_items(self, items: Columns) -> CUR:
        """Remove items; the others keep their order. If an anchor is removed, W is factorised again."""
        remaining = np.setdiff1d(np.arange(self.rows.shape[1]), items)
        new_column = np.full(self.rows.shape[1], -1)
        new_column[remaining] = np.arange(len(remaining))
        anchors = new_column[self.anchors]
        if (anchors < 0).any():
            return _factorized(self.rows[:, remaining], anchors[anchors >= 0], self.rcond)
        return replace(self, rows=self.rows[:, remaining], factors=self.factors[:, remaining], anchors=anchors)

    def with_queries(self, rows: Matrix) -> CUR:
        """Append anchor queries, given their scores (n_new, n_items)."""
        if rows.ndim != 2 or rows.shape[1] != self.rows.shape[1]:
            raise ShapeError(
                f"Expected scores of shape (n_new, {self.rows.shape[1]}) for new queries, got {rows.shape}."
            )
        return _factorized(np.concatenate([self.rows, rows.astype(self.rows.dtype)]), self.anchors, self.rcond)

    def without_queries(self, queries: Rows) -> CUR:
        """Remove anchor queries."""
        return _factorized(np.delete(self.rows, queries, axis=0), self.anchors, self.rcond)

    def save(self, folder: Path, *, model: str, model_hash: str) -> None:
        """Write it as an artifact of the cross-encoder whose scores it holds."""
        arrays = {"rows": self.rows, "anchors": self.anchors, "inverse": self.inverse, "factors": self.factors}
        manifest = Manifest(kind=KIND, model=model, model_hash=model_hash, extra={"rcond": self.rcond})
        write_artifact(folder, manifest, arrays=arrays)

    @classmethod
    def load(cls, folder: Path, *, model_hash: str | None = None, model: str = "") -> CUR:
        """Memory-map a saved decomposition. Raises as :func:`rerank.artifacts.read_artifact` does."""

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
    """Approximate scores of all items for new queries, given their exact scores of the anchor items.

    Parameters
    ----------
    anchor_scores : shape (n_queries, n_anchors) or (n_anchors,)
        Cross-encoder logits of the queries with the anchor items.
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
    Exact if W has the rank of the whole score matrix.
    """
    if anchor_scores.ndim not in (1, 2) or anchor_scores.shape[-1] != len(factors):
        raise ShapeError(f"Expected {len(factors)} anchor scores per query, got shape {anchor_scores.shape}.")
    return anchor_scores @ factors


def residuals(scores: Matrix, cur: CUR) -> Matrix:
    """Error of the approximation, ``M − C · pinv(W) · R``, shape (n_queries, n_items)."""
    if scores.ndim != 2 or scores.shape[1] != cur.rows.shape[1]:
        raise ShapeError(f"Expected rows of {cur.rows.shape[1]} scores, got shape {scores.shape}.")
    return scores - approximate(scores[:, cur.anchors], cur.factors)


def tune_rcond(rows: Matrix, anchors: Columns, *, rconds: Sequence[float] = RCONDS) -> float:
    """The threshold with the smallest held-out error; of nearly equal ones the largest, which amplifies noise least."""
    if len(rows) < 2:
        return max(rconds[0], 1e-10)
    errors = held_out_errors(rows, anchors, rconds=rconds)
    least = np.min(errors)
    candidates = [rcond for rcond, error in zip(rconds, errors, strict=True) if error <= least * 1.001 + 1e-12]
    return max(candidates)


def held_out_errors(rows: Matrix, anchors: Columns, *, rconds: Sequence[float]) -> Float64s:
    """Median relative error of each rcond, by cross-validation over the anchor queries.

    The queries of a fold are approximated by the anchor matrix of the other folds, to which they are as new as the
    query of a user.
    """
    exact = np.asarray(rows, dtype=np.float64)
    n_folds = min(N_FOLDS, len(exact))
    errors = [np.empty(len(exact)) for _ in rconds]
    for fold in range(n_folds):
        is_held_out = np.arange(len(exact)) % n_folds == fold
        training, held_out = exact[~is_held_out], exact[is_held_out]
        left, values, right = np.linalg.svd(training[:, anchors], full_matrices=False)
        anchor_scores = held_out[:, anchors]
        norms = np.maximum(np.linalg.norm(held_out, axis=1), 1e-300)
        for number, rcond in enumerate(rconds):
            inverse = _inverse(left, values, right, rcond)
            approximation = (anchor_scores @ inverse) @ training  # (n_held_out, n_items)
            errors[number][is_held_out] = np.linalg.norm(held_out - approximation, axis=1) / norms
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
    """Pseudo-inverse (n_anchors, n_rows) of ``left · diag(values) · right``, truncated at `rcond`."""
    largest = float(values[0]) if values.size else 0.0
    is_large = (values > rcond * largest) & (values > 0)
    return (right[is_large].T / values[is_large]) @ left[:, is_large].T


def _check(rows: Matrix, anchors: Columns) -> None:
    if rows.ndim != 2 or not len(rows):
        raise ShapeError(f"Expected rows of shape (n_rows, n_items), got {rows.shape}.")
    if anchors.ndim != 1 or not len(anchors) or len(np.unique(anchors)) != len(anchors):
        raise ShapeError(f"Expected at least one anchor item, each once, in one axis; got {anchors.tolist()}.")
    if anchors.min() < 0 or anchors.max() >= rows.shape[1]:
        raise ShapeError(
            f"Anchor items must lie between 0 and {rows.shape[1] - 1}, got {anchors.min()} to {anchors.max()}."
        )
