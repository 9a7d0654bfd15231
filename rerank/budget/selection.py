"""Which items (or queries) to take as anchors.

Without scores: :func:`uniform` and :func:`kmeans` on embeddings. With the anchor queries' rows, at no further model
call: :func:`pivoted_qr`, :func:`deim` and :func:`norm_sampled`. All answer distinct column numbers.
"""

from __future__ import annotations

import numpy as np

from rerank.arrays import Columns, Float64s, Matrix
from rerank.errors import ShapeError

KMEANS_ROUNDS = 10  # centres of unit vectors hardly move after that


def uniform(n_items: int, *, n_anchors: int, rng: np.random.Generator) -> Columns:
    """Anchors at random: the baseline of ANNCUR."""
    _check(n_anchors, n_items)
    return rng.choice(n_items, size=n_anchors, replace=False).astype(np.int64)


def kmeans(vectors: Matrix, *, n_anchors: int, rng: np.random.Generator, n_rounds: int = KMEANS_ROUNDS) -> Columns:
    """The items nearest to the centres of k-means on embeddings (k-means++ start, Arthur & Vassilvitskii 2007).

    Parameters
    ----------
    vectors : floats, shape (n_items, dim)
    """
    _check(n_anchors, len(vectors))
    centres = vectors[_spread_start(vectors, n_anchors, rng)].copy()  # (n_anchors, dim)
    for _ in range(n_rounds):
        owner = np.argmin(_distances(vectors, centres), axis=1)  # (n_items,)
        counts = np.bincount(owner, minlength=n_anchors)
        sums = np.zeros_like(centres)
        np.add.at(sums, owner, vectors)
        filled = counts > 0
        centres[filled] = sums[filled] / counts[filled, None]
    return _distinct_nearest(_distances(vectors, centres))


def pivoted_qr(rows: Matrix, *, n_anchors: int) -> Columns:
    """Greedy columns, each the one with most left after projecting out those before (Golub's column-pivoted QR).

    Parameters
    ----------
    rows : floats, shape (n_rows, n_items)

    Raises
    ------
    ShapeError
        If more anchors are asked for than the rows have independent columns: the rest would be arbitrary.

    >>> pivoted_qr(np.array([[1.0, 0.0, 5.0], [0.0, 2.0, 0.0]]), n_anchors=2).tolist()
    [2, 1]
    """
    _check(n_anchors, min(rows.shape))
    left = np.array(rows, dtype=np.float64)  # (n_rows, n_items), what is not yet explained
    norms = np.einsum("ri,ri->i", left, left)
    floor = norms.max(initial=0.0) * 1e-24
    chosen: list[int] = []
    for _ in range(n_anchors):
        pivot = int(np.argmax(norms))
        if norms[pivot] <= floor:
            raise ShapeError(f"The rows have rank {len(chosen)}; {n_anchors} independent columns cannot be chosen.")
        direction = left[:, pivot] / np.sqrt(norms[pivot])
        left -= np.outer(direction, direction @ left)
        norms = np.einsum("ri,ri->i", left, left)
        norms[[*chosen, pivot]] = 0.0
        chosen.append(pivot)
    return np.array(chosen, dtype=np.int64)


def deim(rows: Matrix, *, n_anchors: int) -> Columns:
    """Discrete empirical interpolation on the right singular vectors (Sorensen & Embree 2016, arXiv:1407.5516).

    Raises
    ------
    ShapeError
        If more anchors are asked for than the rank of the rows.
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
    """Drawn with chances proportional to squared column norms (CR: Drineas, Kannan & Mahoney 2006), none twice."""
    _check(n_anchors, rows.shape[1])
    weights = np.einsum("ri,ri->i", rows, rows).astype(np.float64)
    # Gumbel's trick: the largest perturbed log-weights are a draw without replacement; zero columns come last.
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + rng.gumbel(size=len(weights))
    return np.argsort(-keys, kind="stable")[:n_anchors].astype(np.int64)


def _spread_start(vectors: Matrix, n_anchors: int, rng: np.random.Generator) -> list[int]:
    chosen = [int(rng.integers(len(vectors)))]
    nearest = _distances(vectors, vectors[chosen])[:, 0]
    for _ in range(1, n_anchors):
        total = float(nearest.sum())
        chance = nearest / total if total > 0 else None
        chosen.append(int(rng.choice(len(vectors), p=chance)))
        nearest = np.minimum(nearest, _distances(vectors, vectors[chosen[-1:]])[:, 0])
    return chosen


def _distances(vectors: Matrix, centres: Matrix) -> Float64s:
    """Squared distances (n_items, n_centres)."""
    left = np.einsum("nd,nd->n", vectors, vectors)[:, None]
    right = np.einsum("kd,kd->k", centres, centres)[None, :]
    squared = left + right - 2 * (vectors @ centres.T)
    return np.asarray(np.maximum(squared, 0.0), dtype=np.float64)


def _distinct_nearest(distances: Float64s) -> Columns:
    """For each centre the nearest item that no centre before it took."""
    free = np.ones(len(distances), dtype=bool)
    chosen = []
    for centre in range(distances.shape[1]):
        item = int(np.argmin(np.where(free, distances[:, centre], np.inf)))
        free[item] = False
        chosen.append(item)
    return np.array(chosen, dtype=np.int64)


def _check(n_anchors: int, at_most: int) -> None:
    if not 1 <= n_anchors <= at_most:
        raise ShapeError(f"Between 1 and {at_most} anchors can be chosen here, not {n_anchors}.")
