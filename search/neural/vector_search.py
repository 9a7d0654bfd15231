"""Papers similar to a text or a paper, by their vectors. Start at :class:`VectorSearch`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from search.base.aliases import Ranking
from search.errors import DenseUnavailable
from search.neural.dense import VectorRetriever
from search.neural.readers import VectorReader

if TYPE_CHECKING:
    from search.base.aliases import Vectors


@dataclass(frozen=True)
class VectorSearch:
    """Nearest neighbours in a retriever's vectors, as they are at its first use: make one for each search.

    ``wait_s`` is how many seconds to wait for an encoder that is still loading. Every method raises DenseUnavailable
    if there are no vectors, or if it needs the encoder and it is not loaded in time.
    """

    retriever: VectorRetriever
    wait_s: float = 0.0

    def retrieve(self, text: str, *, depth: int) -> Ranking:
        """The ``depth`` papers nearest to a text: (key, cosine), best first."""
        reader = self.reader
        floor = self.retriever.min_query_similarity
        return reader.nearest(self.query_vector(text), depth=depth, min_score=floor)

    def retrieve_among(self, text: str, keys: Iterable[str], *, depth: int) -> tuple[Ranking, dict[str, float]]:
        """:meth:`retrieve`, and the cosine of each of ``keys`` that has a vector, by the same vectors of one moment."""
        reader = self.reader
        query = self.query_vector(text)
        floor = self.retriever.min_query_similarity
        nearest, (embedded, vectors) = reader.nearest_and_vectors_of(query, list(keys), depth=depth, min_score=floor)
        return nearest, _cosines(embedded, vectors, query) | dict(nearest)

    def neighbours(self, key: str, text: str, *, depth: int, toward: Sequence[str] = ()) -> Ranking:
        """The papers nearest to a paper, without itself: (key, cosine), best first.

        The paper's stored vector is the query; without one, the vector of its text. With ``toward`` the query is a
        point between the paper and the mean of these papers (Rocchio 1971, with equal weights), but the scores are
        cosines with the paper itself.
        """
        reader = self.reader
        embedded, vectors = reader.vectors_of([key, *toward])
        stored = dict(zip(embedded, vectors, strict=True))
        paper = stored[key] if key in stored else self._encode(text)[0]  # (dim,)
        query = paper
        feedback = [stored[other] for other in toward if other in stored]
        if feedback:
            query = paper + sum(feedback) / len(feedback)
            query = query / max(float(query @ query) ** 0.5, 1e-9)
        hits = reader.nearest(query, depth=depth + 1, min_score=self.retriever.min_similarity)
        keys = [hit for hit, _score in hits if hit != key][:depth]
        return list(_cosines(*reader.vectors_of(keys), paper).items())

    def similarities(
        self, text: str, keys: Iterable[str], *, toward: Sequence[str] = (), share: float = 0.0
    ) -> dict[str, float]:
        """Cosine of a text with each of the papers that have a vector.

        With ``toward`` the text's vector is moved by ``share`` of the mean of these papers (Rocchio 1971), and the
        scores are dot products with it.
        """
        reader = self.reader
        keys = list(keys)
        if not keys:
            return {}
        query = self.query_vector(text)
        embedded, vectors = reader.vectors_of([*keys, *toward])
        stored = dict(zip(embedded, vectors, strict=True))
        feedback = [stored[key] for key in toward if key in stored]
        if feedback:
            query = query + share * sum(feedback) / len(feedback)
        asked = set(keys)
        return {key: score for key, score in _cosines(embedded, vectors, query).items() if key in asked}

    @cached_property
    def reader(self) -> VectorReader:
        """The vectors of one moment, so that no search mixes those of two encoders. Raises DenseUnavailable."""
        return self.retriever.reader()

    def query_hash(self) -> str:
        """Hash of the weights that embed queries and papers. Raises rerank.errors.ModelError."""
        with suppress(DenseUnavailable):
            if self.reader.former is not None:
                return self.reader.former.query_hash
        return self.retriever.query_hash()

    def _encode(self, text: str) -> Vectors:
        return self.retriever.encoder(wait_s=self.wait_s, former=self.reader.former).encode([text])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32 (n_texts, dim)."""
        return self.retriever.encoder(wait_s=self.wait_s, former=self.reader.former).encode_queries(texts)

    def query_vector(self, text: str) -> Vectors:
        """Unit vector of one query, float32 (dim,)."""
        return self.retriever.query_vector(text, wait_s=self.wait_s, former=self.reader.former)


def _cosines(keys: Sequence[str], vectors: Vectors, query: Vectors) -> dict[str, float]:
    """Inner product of a query (dim,) with the vector of each paper (n_keys, dim)."""
    return dict(zip(keys, (vectors @ query).tolist(), strict=True))
