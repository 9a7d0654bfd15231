"""Reordering the first candidates of a search with a cross-encoder, within a budget of calls.

A door to the neural library, beside ``search.neural.dense``. ``RERANKERS`` in the settings names the choices.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.base.aliases import Ranking
from search.base.backends import BackendHandler
from search.errors import AnchorsBroken, StageUnavailable
from search.fusion import weighted_fusion
from search.neural.dense import VectorRetriever
from search.neural.vector_search import VectorSearch

if TYPE_CHECKING:
    from rerank.encoders.cross_encoder import CrossEncoder
    from rerank.encoders.lazy_model import LazyModel
    from search.base.aliases import Vectors
    from search.neural.anchors import Anchors

logger = logging.getLogger(__name__)

# Share of the cross-encoder in the final order, chosen on eight sets of searches (decision 0016); 0.2 and 0.3 do nearly
# as well. The rest is the stages before: alone, a cross-encoder likes some far papers.
CROSS_ENCODER_WEIGHT = 0.25
# How anchors spend a budget: a share on what looks best, then rounds that learn from the scores seen (five
# rounds in all; with ten nothing is gained).
FIRST_SHARE = 0.3
MORE_ROUNDS = 4


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
    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        """The same keys, best first, with decreasing scores. It waits for its model as long as ``vectors`` does.

        Raises
        ------
        StageUnavailable
            If the model is missing, broken, or not loaded in time.
        """

    def neighbours(self, key: str, vectors: VectorSearch, *, depth: int) -> Ranking:  # noqa: ARG002
        """Papers similar to a paper by what the reranker stores of papers, best first; none where it stores nothing."""
        return []

    def identity(self) -> str:
        """Changes when the order may."""
        return type(self).__name__

    @property
    def is_configured(self) -> bool:
        """Whether the settings name a model for it."""
        return False

    def describe(self) -> str:
        """What there is, in a few words, for who looks after the site."""
        return type(self).__name__

    def check(self) -> str:
        """What is wrong, in a sentence with its cure; "" where all is well."""
        return ""


class NoReranker(Reranker):
    """Leaves the order of the stages before."""

    def rerank(
        self,
        query: str,  # noqa: ARG002
        candidates: Sequence[Candidate],
        vectors: VectorSearch,  # noqa: ARG002
    ) -> Ranking:
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
        from rerank.encoders.lazy_model import LazyModel

        self.model = model
        self.budget = budget
        self.max_tokens = max_tokens
        self.weight = weight
        self._placement: dict[str, Any] = {"device": device, "dtype": dtype}
        self._resident: LazyModel[CrossEncoder] = LazyModel(lambda: self.open_model(), idle_s=idle_s or None)

    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        from rerank.errors import RerankError

        if not candidates:
            return []
        scorer = self._scorer(wait_s=vectors.wait_s)
        try:
            exact = self._score(scorer, query, candidates, vectors)
        except RerankError as exc:
            raise StageUnavailable(str(exc)) from exc
        return self._joined(candidates, exact)

    def _joined(self, candidates: Sequence[Candidate], exact: Ranking) -> Ranking:
        """Candidates with a score by it and the stages before, each scaled over them; the others below, as they were.

        Scaled over all candidates, the stages before would hardly tell the first ones apart.
        """
        scored = {key for key, _score in exact}
        joined = weighted_fusion(
            {"before": [(one.key, one.score) for one in candidates if one.key in scored], "cross-encoder": exact},
            weights={"before": 1 - self.weight, "cross-encoder": self.weight},
        )
        others = [one.key for one in candidates if one.key not in scored]
        return [*joined, *((key, -float(place)) for place, key in enumerate(others, start=1))]

    def identity(self) -> str:
        return f"{type(self).__name__}:{self.model}:{self.budget}:{self.weight}"

    def check(self) -> str:
        from rerank.encoders.weights import check_model, find_model
        from rerank.errors import ModelError

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

    def describe(self) -> str:
        return f"{self.model}, {self.budget} calls a search"

    def open_model(self) -> CrossEncoder:
        """The cross-encoder of the settings, loaded. Raises rerank.errors.ModelError."""
        from transformers.utils import logging as their_logging

        from rerank.encoders.cross_encoder import CrossEncoder
        from rerank.encoders.pair_cache import MemoryScoreCache

        their_logging.disable_progress_bar()  # a bar in the log of a server is noise
        return CrossEncoder(self.model, max_tokens=self.max_tokens, cache=MemoryScoreCache(), **self._placement)

    def _score(
        self,
        scorer: CrossEncoder,
        query: str,
        candidates: Sequence[Candidate],
        vectors: VectorSearch,  # noqa: ARG002
    ) -> Ranking:
        """Scores of as many candidates as the budget allows, best first. Raises rerank.errors.RerankError."""
        chosen = candidates[: self.budget]
        scores = scorer.score(query, [candidate.text for candidate in chosen])
        pairs = zip((candidate.key for candidate in chosen), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _scorer(self, *, wait_s: float) -> CrossEncoder:
        """The model; raises StageUnavailable if it is not there within ``wait_s``."""
        from rerank.errors import LoadFailed, StillLoading

        if not self.model:
            raise StageUnavailable("there is no cross-encoder; COOLPAPERS_CROSS_ENCODER names one")
        problem = "" if self._resident.loaded else self.check()
        if problem:
            raise StageUnavailable(problem)
        try:
            return self._resident.get_within(wait_s)
        except StillLoading as exc:
            raise StageUnavailable("the cross-encoder is still loading", is_transient=True) from exc
        except LoadFailed as exc:
            raise StageUnavailable(str(exc)) from exc


class AnchorReranker(CrossEncoderReranker):
    """The cross-encoder's budget spent where anchor scores say it pays, in rounds; the rest of the pool estimated.

    Without anchors, or with anchors of other models (said in the log), it is a :class:`CrossEncoderReranker`.

    Parameters
    ----------
    anchors : folder that ``build_anchors`` writes
    """

    def __init__(self, *, anchors: Path, **options: Any) -> None:
        super().__init__(**options)
        self.anchors = Path(anchors)
        self._opened: tuple[object, Anchors | None] = (None, None)

    def identity(self) -> str:
        from search.neural.anchors import build_stamp

        return f"{super().identity()}:{build_stamp(self.anchors)}"

    def describe(self) -> str:
        from search.neural.anchors import build_stamp

        how = (
            "with anchors" if any(build_stamp(self.anchors)) else "without anchors (manage.py build_anchors makes some)"
        )
        return f"{super().describe()}, {how}"

    def _score(
        self, scorer: CrossEncoder, query: str, candidates: Sequence[Candidate], vectors: VectorSearch
    ) -> Ranking:
        from rerank.budget.retrieval import Rounds, retrieve

        anchors = self._anchors(scorer.model_hash, vectors.retriever)
        if anchors is None:
            return super()._score(scorer, query, candidates, vectors)
        keys = [candidate.key for candidate in candidates]
        pool_vectors = _pool_vectors(keys, vectors.retriever)
        similarity = np.array([candidate.similarity for candidate in candidates], dtype=np.float32)
        estimate, unknown = anchors.estimate(query, vectors.query_vector(query), keys, similarity, pool_vectors)
        found = retrieve(
            estimate,
            lambda rows: scorer.score(query, [candidates[row].text for row in rows]),
            budget=self.budget,
            top_k=len(candidates),
            rounds=Rounds(first=FIRST_SHARE, more=MORE_ROUNDS, start=unknown),
        )
        return list(zip((keys[row] for row in found.rows), _falling(found.scores.tolist()), strict=True))

    def neighbours(self, key: str, vectors: VectorSearch, *, depth: int) -> Ranking:
        """Papers whose anchor scores go together with the paper's; needs the anchors, not the cross-encoder."""
        from rerank.encoders.weights import find_model, model_hash
        from rerank.errors import ModelError

        try:
            anchors = self._anchors(model_hash(find_model(self.model)), vectors.retriever)
        except ModelError as exc:
            raise StageUnavailable(str(exc)) from exc
        return anchors.neighbours(key, depth=depth) if anchors else []

    def _anchors(self, model_hash: str, dense: VectorRetriever) -> Anchors | None:
        """The anchors as they lie there now: opened once, again when a build has replaced them."""
        from search.neural.anchors import build_stamp, open_anchors

        stamp = (build_stamp(self.anchors), model_hash, dense.query_hash())
        if self._opened[0] != stamp:
            try:
                opened = open_anchors(self.anchors, model_hash=stamp[1], encoder_hash=stamp[2])
            except AnchorsBroken as exc:
                logger.warning("Reranking goes on without anchors: %s", exc)
                opened = None
            self._opened = (stamp, opened)
        return self._opened[1]


def _falling(scores: Sequence[float]) -> list[float]:
    """Scores that never tie, in the order given: an estimate stands below the exact score that bounds it."""
    step = 1e-9 * max(max(scores) - min(scores), 1.0)  # below any difference that means something
    falling: list[float] = []
    for score in scores:
        falling.append(min(score, falling[-1] - step) if falling else score)
    return falling


def _pool_vectors(keys: Sequence[str], dense: VectorRetriever) -> Vectors:
    """Vectors of a pool, (n_keys, dim); 0 for a paper that has none yet."""
    known, vectors = dense.vectors_of(keys)
    row_of = {key: row for row, key in enumerate(known)}
    found = np.zeros((len(keys), vectors.shape[1]), dtype=np.float32)
    for place, key in enumerate(keys):
        if key in row_of:
            found[place] = vectors[row_of[key]]
    return found


rerankers: BackendHandler[Reranker] = BackendHandler("RERANKERS")
