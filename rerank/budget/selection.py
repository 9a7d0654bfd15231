"""Selection of the papers whose titles become anchor queries: those nearest to the centres of k-means.

Methods that need scores are in :mod:`rerank.research.column_selection`.
"""

from __future__ import annotations

import numpy as np

from rerank.arrays import Columns, Float64s, Matrix
from rerank.errors import ShapeError

KMEANS_ROUNDS = 10  # the centres of unit vectors hardly move after ten


def kmeans(vectors: Matrix, *, n_anchors: int, rng: np.random.Generator, n_rounds: int = KMEANS_ROUNDS) -> Columns:
    """The items nearest to the centres of k-means on embeddings (k-means++ start, Arthur & Vassilvitskii 2007).

    Parameters
    ----------
    vectors : floats, shape (n_items, dim)
    """
    _check(n_anchors, len(vectors))
    centres = vectors[_spread_start(vectors, n_anchors, rng)].copy()  # (n_anchors, dim)
    for _ in range(n_rounds):
        centre_of = np.argmin(_squared_distances(vectors, centres), axis=1)  # (n_items,)
        counts = np.bincount(centre_of, minlength=n_anchors)
        sums = np.zeros_like(centres)
        np.add.at(sums, centre_of, vectors)
        has_items = counts > 0
        centres[has_items] = sums[has_items] / counts[has_items, None]
    return _distinct_nearest(_squared_distances(vectors, centres))


def _spread_start(vectors: Matrix, n_anchors: int, rng: np.random.Generator) -> list[int]:
    """k-means++: each start is drawn with a chance proportional to its squared distance from the starts so far."""
    chosen = [int(rng.integers(len(vectors)))]
    nearest = _squared_distances(vectors, vectors[chosen])[:, 0]
    for _ in range(1, n_anchors):
        total = float(nearest.sum())
        chance = nearest / total if total > 0 else None
        chosen.append(int(rng.choice(len(vectors), p=chance)))
        nearest = np.minimum(nearest, _squared_distances(vectors, vectors[chosen[-1:]])[:, 0])
    return chosen


def _squared_distances(vectors: Matrix, centres: Matrix) -> Float64s:
    """Squared Euclidean distances, shape (n_items, n_centres)."""
    left = np.einsum("nd,nd->n", vectors, vectors)[:, None]
    right = np.einsum("kd,kd->k", centres, centres)[None, :]
    squared = left + right - 2 * (vectors @ centres.T)
    return np.asarray(np.maximum(squared, 0.0), dtype=np.float64)


def _distinct_nearest(distances: Float64s) -> Columns:
    """For each centre in turn, the nearest item that is not chosen yet."""
    is_free = np.ones(len(distances), dtype=bool)
    chosen = []
    for centre in range(distances.shape[1]):
        item = int(np.argmin(np.where(is_free, distances[:, centre], np.inf)))
        is_free[item] = False
        chosen.append(item)
    return np.array(chosen, dtype=np.int64)


def _check(n_anchors: int, at_most: int) -> None:
    if not 1 <= n_anchors <= at_most:
        raise ShapeError(f"Between 1 and {at_most} anchors can be chosen, not {n_anchors}.")
