"""Published ways to choose anchor items for a CUR decomposition.

:func:`uniform` draws at random. :func:`pivoted_qr`, :func:`deim` and :func:`norm_sampled` choose by the scores of the
anchor queries and need no further model call. All return distinct column numbers. The site chooses its anchor queries
by :func:`rerank.budget.selection.kmeans`.
"""

from __future__ import annotations

import numpy as np

from rerank.arrays import Columns, Matrix
from rerank.errors import ShapeError


def uniform(n_items: int, *, n_anchors: int, rng: np.random.Generator) -> Columns:
    """Anchors drawn uniformly without replacement: the baseline of ANNCUR."""
    _check(n_anchors, n_items)
    return rng.choice(n_items, size=n_anchors, replace=False).astype(np.int64)


def pivoted_qr(rows: Matrix, *, n_anchors: int) -> Columns:
    """Column-pivoted QR (Golub): each step takes the column with the largest norm after projecting out those chosen.

    Parameters
    ----------
    rows : floats, shape (n_rows, n_items)

    Raises
    ------
    ShapeError
        If there are fewer independent columns than anchors: the choice of the rest would be arbitrary.

    >>> pivoted_qr(np.array([[1.0, 0.0, 5.0], [0.0, 2.0, 0.0]]), n_anchors=2).tolist()
    [2, 1]
    """
    _check(n_anchors, min(rows.shape))
    remainder = np.array(rows, dtype=np.float64)  # (n_rows, n_items), orthogonal to the chosen columns
    norms = np.einsum("ri,ri->i", remainder, remainder)
    floor = norms.max(initial=0.0) * 1e-24
    chosen: list[int] = []
    for _ in range(n_anchors):
        pivot = int(np.argmax(norms))
        if norms[pivot] <= floor:
            raise ShapeError(f"The rows have rank {len(chosen)}; {n_anchors} independent columns cannot be chosen.")
        direction = remainder[:, pivot] / np.sqrt(norms[pivot])
        remainder -= np.outer(direction, direction @ remainder)
        norms = np.einsum("ri,ri->i", remainder, remainder)
        norms[[*chosen, pivot]] = 0.0
        chosen.append(pivot)
    return np.array(chosen, dtype=np.int64)


def deim(rows: Matrix, *, n_anchors: int) -> Columns:
    """Discrete empirical interpolation on the right singular vectors (Sorensen & Embree 2016, arXiv:1407.5516).

    Raises
    ------
    ShapeError
        If the rows have a lower rank than anchors are requested.
    """
    _check(n_anchors, min(rows.shape))
    _, values, right = np.linalg.svd(np.asarray(rows, dtype=np.float64), full_matrices=False)
    rank = int(np.sum(values > values[0] * 1e-12)) if values.size else 0
    if n_anchors > rank:
        raise ShapeError(f"The rows have rank {rank}; DEIM cannot choose {n_anchors} columns.")
    chosen = [int(np.argmax(np.abs(right[0])))]
    for k in range(1, n_anchors):
        basis = right[:k, chosen]  # (k, k)
        weights = np.linalg.solve(basis.T, right[k, chosen])
        error = np.abs(right[k] - weights @ right[:k])  # (n_items,)
        error[chosen] = -1.0
        chosen.append(int(np.argmax(error)))
    return np.array(chosen, dtype=np.int64)


def norm_sampled(rows: Matrix, *, n_anchors: int, rng: np.random.Generator) -> Columns:
    """Drawn without replacement, with chances proportional to squared column norms (Drineas, Kannan & Mahoney 2006)."""
    _check(n_anchors, rows.shape[1])
    weights = np.einsum("ri,ri->i", rows, rows).astype(np.float64)
    # Gumbel's trick: the largest log-weights after adding Gumbel noise are a draw without replacement. Zero columns
    # come last.
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + rng.gumbel(size=len(weights))
    return np.argsort(-keys, kind="stable")[:n_anchors].astype(np.int64)


def _check(n_anchors: int, at_most: int) -> None:
    if not 1 <= n_anchors <= at_most:
        raise ShapeError(f"Between 1 and {at_most} anchors can be chosen, not {n_anchors}.")
