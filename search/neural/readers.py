"""What a search asks of stored vectors, and the answers from a folder. Start at :class:`VectorReader`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from search.base.aliases import Ranking

if TYPE_CHECKING:
    from rerank.vectors.index import VectorIndex
    from search.base.aliases import Vectors
    from search.neural.former import FormerEncoder


class VectorReader(Protocol):
    """The vectors of a library at one moment. Wherever they are stored, scores are cosines of the vectors in float16.

    Every method raises DenseUnavailable if the vectors cannot be read. ``former`` is the encoder that made them, where
    it is not the present one: queries must be encoded by it.
    """

    @property
    def former(self) -> FormerEncoder | None: ...

    def nearest(self, query: Vectors, *, depth: int, min_score: float, among: Collection[str] | None = None) -> Ranking:
        """The papers nearest to a query, (dim,): (key, inner product), best first, none below ``min_score``.

        ``among`` restricts the search to these papers; the best ``depth`` of them are found however few they are.
        """

    def vectors_of(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        """The keys that have a vector, in the order of ``keys``, and their vectors, float32 (n_embedded, dim)."""

    def nearest_and_vectors_of(
        self, query: Vectors, keys: Sequence[str], *, depth: int, min_score: float
    ) -> tuple[Ranking, tuple[list[str], Vectors]]:
        """:meth:`nearest` and :meth:`vectors_of`, in one round trip where the vectors are elsewhere."""

    def sample(self, size: int) -> Vectors:
        """About ``size`` vectors, evenly spread and deterministic, float32 (n, dim)."""


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads an opened folder of vectors."""

    index: VectorIndex
    former: FormerEncoder | None = None

    def nearest(self, query: Vectors, *, depth: int, min_score: float, among: Collection[str] | None = None) -> Ranking:
        import numpy as np

        allowed = None
        if among is not None:
            rows = self.index.rows_of(list(among))
            allowed = np.zeros(len(self.index.alive), dtype=bool)
            allowed[rows[rows >= 0]] = True
        hits = self.index.search(query[None, :], top_k=depth, allowed=allowed)
        is_near = (hits.rows[0] >= 0) & (hits.scores[0] >= min_score)
        return list(zip(self.index.ids_of(hits.rows[0][is_near]), hits.scores[0][is_near].tolist(), strict=True))

    def vectors_of(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        rows = self.index.rows_of(keys)
        return [key for key, row in zip(keys, rows, strict=True) if row >= 0], self.index.vectors[rows[rows >= 0]]

    def nearest_and_vectors_of(
        self, query: Vectors, keys: Sequence[str], *, depth: int, min_score: float
    ) -> tuple[Ranking, tuple[list[str], Vectors]]:
        return self.nearest(query, depth=depth, min_score=min_score), self.vectors_of(keys)

    def sample(self, size: int) -> Vectors:
        vectors = self.index.vectors
        return vectors[:: max(1, len(vectors) // size)]
