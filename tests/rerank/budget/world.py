"""Scores with the structure that a calibration can learn, for tests."""

from __future__ import annotations

import numpy as np

from rerank.arrays import Float32s, Ints


class World:
    """Scores made of what the three parts can learn: cheap features, anchor-like structure, embeddings, and noise."""

    def __init__(self, *, n_queries: int = 60, n_papers: int = 300, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.queries, self.papers = unit_rows_of(rng, n_queries, 12), unit_rows_of(rng, n_papers, 12)
        self.cheap = rng.normal(size=(n_queries, n_papers, 3)).astype(np.float32)
        likes = rng.normal(size=(12, 5))
        hidden = rng.normal(size=(n_papers, 5))  # visible in the scores only
        self.scores = (
            5.0
            + rng.normal(0, 3, (n_queries, 1))
            + self.cheap @ np.array([0.6, -0.3, 0.0])
            + 0.8 * (self.queries @ likes) @ hidden.T
            + 0.4 * rng.normal(size=(n_queries, 5)) @ hidden.T
            + rng.normal(0, 0.3, (n_queries, n_papers))
        )

    def features(self, query: int, rows: Ints) -> Float32s:
        cheap: Float32s = self.cheap[query, rows]
        return cheap


def unit_rows_of(rng: np.random.Generator, n: int, dim: int) -> Float32s:
    vectors = rng.normal(size=(n, dim)).astype(np.float32)
    unit_vectors: Float32s = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit_vectors


N_ANCHORS = 40
