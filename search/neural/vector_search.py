"""Papers similar to a text or a paper, by their vectors. Start at :class:`VectorSearch`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.base.aliases import Ranking
from search.neural.dense import VectorRetriever, nearest

if TYPE_CHECKING:
    from rerank.vectors.index import VectorIndex
    from search.base.aliases import Vectors


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """Nearest neighbours in a retriever's vectors.

    ``wait_s`` is how many seconds to wait for an encoder that is still loading. Every method raises DenseUnavailable
    if there are no vectors, or if it needs the encoder and it is not loaded in time.
    """

    retriever: VectorRetriever
    wait_s: float = 0.0

    def retrieve(self, text: str, *, depth: int) -> Ranking:
        """The ``depth`` papers nearest to a text: (key, cosine), best first."""
        vectors = self.retriever.open_vectors()
        query = self.query_vector(text)[None, :]  # (1, dim)
        return nearest(vectors, query, depth=depth, min_score=self.retriever.min_query_similarity)

    def retrieve_among(self, text: str, keys: Iterable[str], *, depth: int) -> tuple[Ranking, dict[str, float]]:
        """:meth:`retrieve`, and the cosine of each of ``keys`` that has a vector, by the same vectors of one moment."""
        vectors = self.retriever.open_vectors()
        query = self.query_vector(text)
        nearest_papers = nearest(vectors, query[None, :], depth=depth, min_score=self.retriever.min_query_similarity)
        near = dict(nearest_papers)
        return nearest_papers, _cosines(vectors, query, [key for key in keys if key not in near]) | near

    def neighbours(self, key: str, text: str, *, depth: int, toward: Sequence[str] = ()) -> Ranking:
        """The papers nearest to a paper, without itself: (key, cosine), best first.

        The paper's stored vector is the query; without one, the vector of its text. With ``toward`` the query is a
        point between the paper and the mean of these papers (Rocchio 1971, with equal weights), but the scores are
        cosines with the paper itself.
        """
        vectors = self.retriever.open_vectors()
        stored = vectors.vector(key)
        paper = stored[None, :] if stored is not None else self._encode(text)  # (1, dim)
        query = paper
        if toward:
            _keys, feedback = self.retriever.vectors_of(toward)
            query = paper + feedback.mean(axis=0) if len(feedback) else paper
            query = query / max(float((query @ query.T)[0, 0]) ** 0.5, 1e-9)
        hits = nearest(vectors, query, depth=depth + 1, min_score=self.retriever.min_similarity)
        keys = [hit for hit, _score in hits if hit != key][:depth]
        cosines = vectors.vectors[vectors.rows_of(keys)] @ paper[0]  # (n_keys,)
        return list(zip(keys, cosines.tolist(), strict=True))

    def similarities(
        self, text: str, keys: Iterable[str], *, toward: Sequence[str] = (), share: float = 0.0
    ) -> dict[str, float]:
        """Cosine of a text with each of the papers that have a vector.

        With ``toward`` the text's vector is moved by ``share`` of the mean of these papers (Rocchio 1971), and the
        scores are dot products with it.
        """
        vectors = self.retriever.open_vectors()
        keys = list(keys)
        if not keys:
            return {}
        query = self.query_vector(text)
        if toward:
            _keys, feedback = self.retriever.vectors_of(toward)
            query = query + share * feedback.mean(axis=0) if len(feedback) else query
        return _cosines(vectors, query, keys)

    def _encode(self, text: str) -> Vectors:
        return self.retriever.encoder(wait_s=self.wait_s).encode([text])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32 (n_texts, dim)."""
        return self.retriever.encoder(wait_s=self.wait_s).encode_queries(texts)

    def query_vector(self, text: str) -> Vectors:
        """Unit vector of one query, float32 (dim,)."""
        return self.retriever.query_vector(text, wait_s=self.wait_s)


def _cosines(vectors: VectorIndex, query: Vectors, keys: Sequence[str]) -> dict[str, float]:
    """Inner product of a query (dim,) with each of the papers that have a vector."""
    rows = vectors.rows_of(keys)
    embedded = [key for key, row in zip(keys, rows.tolist(), strict=True) if row >= 0]
    products = vectors.vectors[rows[rows >= 0]] @ query  # (n_embedded,)
    return dict(zip(embedded, products.tolist(), strict=True))
