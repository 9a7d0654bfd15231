"""Reordering the first candidates of a search with a cross-encoder, within a budget of calls.

A door to the neural library, beside ``search.dense``. ``RERANKERS`` in the settings names the choices.
"""

from __future__ import annotations

import functools
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coolpapers.backends import BackendHandler
from search.dense import VectorRetriever
from search.errors import StageUnavailable
from search.fusion import weighted_fusion

if TYPE_CHECKING:
    from rerank.cross_encoder import CrossEncoder
    from rerank.resident import Resident

# Share of the cross-encoder in the final order. The rest is the stages before: alone, it likes some far papers.
CROSS_ENCODER_WEIGHT = 0.7


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

    def identity(self) -> str:
        """Changes when the order may."""
        return type(self).__name__

    @property
    def is_configured(self) -> bool:
        """Whether the settings name a model for it."""
        return False

    def check(self) -> str:
        """What is wrong, in a sentence with its cure; "" where all is well."""
        return ""


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


class CrossEncoderReranker(Reranker):
    """The most promising candidates by the stages before, scored by a cross-encoder, then fused with those stages.

    Parameters
    ----------
    model : cross-encoder folder, or a package that carries one; empty: there is none
    budget : cross-encoder calls for one query
    max_tokens : of query and text together
    weight : share of the cross-encoder in the final order, 0 to 1
    idle_s : seconds without a query after which the model leaves memory; 0 keeps it
    """

    def __init__(
        self,
        *,
        model: str | Path = "",
        budget: int = 32,
        max_tokens: int = 256,
        weight: float = CROSS_ENCODER_WEIGHT,
        idle_s: float = 0.0,
        device: str = "auto",
        dtype: str = "auto",
    ) -> None:
        self.model = model
        self.budget = budget
        self.max_tokens = max_tokens
        self.weight = weight
        self.idle_s = idle_s
        self._placement = {"device": device, "dtype": dtype}
        self._loading: threading.Thread | None = None

    def rerank(
        self,
        query: str,
        candidates: Sequence[Candidate],
        dense: VectorRetriever,  # noqa: ARG002
        *,
        wait_s: float = 0.0,
    ) -> list[tuple[str, float]]:
        if not candidates:
            return []
        scorer = self._scorer(wait_s=wait_s)
        exact = self._score(scorer, query, candidates)
        before = [(candidate.key, candidate.score) for candidate in candidates]
        return weighted_fusion(
            {"before": before, "cross-encoder": exact},
            weights={"before": 1 - self.weight, "cross-encoder": self.weight},
        )

    def identity(self) -> str:
        return f"{type(self).__name__}:{self.model}:{self.budget}:{self.weight}"

    def check(self) -> str:
        from rerank.errors import ModelError
        from rerank.weights import check_model, find_model

        if not self.model:
            return ""
        try:
            check_model(find_model(self.model))
        except ModelError as exc:
            return f"{exc} Set COOLPAPERS_CROSS_ENCODER to a model folder, or to nothing."
        return ""

    @property
    def is_configured(self) -> bool:
        return bool(self.model)

    def open_model(self) -> CrossEncoder:
        """The cross-encoder of the settings, loaded. Raises rerank.errors.ModelError."""
        from transformers.utils import logging as their_logging

        from rerank.cross_encoder import CrossEncoder
        from rerank.pair_cache import MemoryScoreCache

        their_logging.disable_progress_bar()  # a bar in the log of a server is noise
        return CrossEncoder(self.model, max_tokens=self.max_tokens, cache=MemoryScoreCache(), **self._placement)

    def _score(self, scorer: CrossEncoder, query: str, candidates: Sequence[Candidate]) -> list[tuple[str, float]]:
        """Scores of as many candidates as the budget allows. Raises StageUnavailable."""
        from rerank.errors import RerankError

        chosen = candidates[: self.budget]
        try:
            scores = scorer.score(query, [candidate.text for candidate in chosen])
        except RerankError as exc:
            raise StageUnavailable(str(exc)) from exc
        pairs = zip((candidate.key for candidate in chosen), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    @functools.cached_property
    def _resident(self) -> Resident[CrossEncoder]:
        from rerank.resident import Resident

        return Resident(self.open_model, idle_s=self.idle_s or None)

    def _scorer(self, *, wait_s: float) -> CrossEncoder:
        """The model; raises StageUnavailable if it is not there within ``wait_s``."""
        if not self.model:
            raise StageUnavailable("there is no cross-encoder; COOLPAPERS_CROSS_ENCODER names one")
        problem = "" if self._resident.loaded else self.check()
        if problem:
            raise StageUnavailable(problem)
        if not self._resident.loaded:
            if self._loading is None or not self._loading.is_alive():
                self._loading = self._resident.start()
            self._loading.join(wait_s)
        loaded = self._resident.get_if_loaded() if self._resident.loaded else None
        if loaded is None:
            raise StageUnavailable("the cross-encoder is still loading", is_passing=True)
        return loaded


rerankers: BackendHandler[Reranker] = BackendHandler("RERANKERS")


def reranking_text(title: str, abstract: str) -> str:
    """What a cross-encoder reads of a paper: as ``python -m rerank train`` shows papers to it."""
    return f"{title}. {abstract}"
