"""Reordering the first candidates of a search with a cross-encoder, within a budget of calls.

A door to the neural library, beside ``search.dense``. ``RERANKERS`` in the settings names the choices.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from coolpapers.backends import BackendHandler
from search.dense import VectorRetriever


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be what was asked for: its text, the score of the stages before, its cosine with the query."""

    key: str
    text: str
    score: float
    similarity: float


class Reranker(ABC):
    """Puts candidates in a better order."""

    @abstractmethod
    def rerank(
        self, query: str, candidates: Sequence[Candidate], dense: VectorRetriever, *, wait_s: float = 0.0
    ) -> list[tuple[str, float]]:
        """The same keys, best first, with scores that fall. Raises StageUnavailable."""


class NoReranker(Reranker):
    """Leaves the order of the stages before."""

    def rerank(
        self,
        query: str,  # noqa: ARG002
        candidates: Sequence[Candidate],
        dense: VectorRetriever,  # noqa: ARG002
        *,
        wait_s: float = 0.0,  # noqa: ARG002
    ) -> list[tuple[str, float]]:
        return [(candidate.key, candidate.score) for candidate in candidates]


rerankers: BackendHandler[Reranker] = BackendHandler("RERANKERS")
