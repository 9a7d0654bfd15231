"""Rerankers: the first candidates of a search, reordered by a cross-encoder within a budget of calls.

The setting RERANKERS names the available ones.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from search.base.aliases import Ranking
from search.base.backends import BackendHandler
from search.errors import AnchorsBroken, StageUnavailable
from search.fusion import weighted_fusion
from search.neural.dense import VectorRetriever
from search.neural.vector_search import VectorSearch

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from rerank.encoders.cross_encoder import CrossEncoder
    from rerank.encoders.lazy_model import LazyModel
    from search.base.aliases import Vectors
    from search.neural.anchors import Anchors

logger = logging.getLogger(__name__)

# Weight of the cross-encoder in the final order, chosen on eight sets of searches (decision 0016); 0.2 and 0.3 are
# nearly as good. The stages before have the other share: a cross-encoder alone ranks some distant papers high.
CROSS_ENCODER_WEIGHT = 0.25
# How a budget is spent with anchors: this share on the candidates with the best estimates, then rounds that update
# the estimates (five rounds in all; ten are no better).
FIRST_SHARE = 0.3
MORE_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate: its text, its score by the stages before, and its cosine with the query."""

    key: str
    text: str
    score: float
    similarity: float


class Reranker(ABC):
    """Reorders candidates. ``weight`` is its share of the final score, 0 to 1; the stages before have the other."""

    weight: float = 0.0

    @abstractmethod
    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        """The same keys, best first, with decreasing scores. It waits for its model as long as ``vectors`` does.

        Raises
        ------
        StageUnavailable
            If the model is missing, broken, or not loaded in time.
        """

    def neighbours(self, key: str, vectors: VectorSearch, *, depth: int) -> Ranking:  # noqa: ARG002
        """Papers similar to a paper by data that the reranker stores, best first; none if it stores nothing."""
        return []

    def identity(self) -> str:
        """A text that changes whenever the order may change, for cache keys."""
        return type(self).__name__

    @property
    def is_configured(self) -> bool:
        """Whether the settings name a model."""
        return False

    def describe(self) -> StrOrPromise:
        """A short description for administrators, translated when it is shown."""
        return type(self).__name__

    def check(self) -> str:
        """A sentence about what is wrong and how to fix it; "" if nothing is."""
        return ""


class NoReranker(Reranker):
    """Keeps the order of the stages before."""

    def rerank(
        self,
        query: str,  # noqa: ARG002
        candidates: Sequence[Candidate],
        vectors: VectorSearch,  # noqa: ARG002
    ) -> Ranking:
        return [(candidate.key, candidate.score) for candidate in candidates]


class CrossEncoderReranker(Reranker):
    """Scores the first candidates by a cross-encoder, and fuses these scores with those of the stages before.

    Parameters
    ----------
    model : folder of the cross-encoder, or a package that contains one; "" means none
    budget : cross-encoder calls per query
    max_tokens : tokens of query and text together
    weight : weight of the cross-encoder in the final order, 0 to 1
    inference, device, dtype : library, device and number format, as of the encoder
    idle_s : seconds without a query after which the model is unloaded; 0 keeps it loaded
    """

    def __init__(
        self,
        *,
        model: str | Path = "",
        budget: int = 16,
        max_tokens: int = 256,
        weight: float = CROSS_ENCODER_WEIGHT,
        idle_s: float = 0.0,
        device: str = "auto",
        dtype: str = "auto",
        inference: str = "auto",
    ) -> None:
        from rerank.encoders.lazy_model import LazyModel

        self.model = model
        self.budget = budget
        self.max_tokens = max_tokens
        self.weight = weight
        self._placement: dict[str, Any] = {"device": device, "dtype": dtype, "inference": inference}
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
        return self._fuse(candidates, exact)

    def _fuse(self, candidates: Sequence[Candidate], exact: Ranking) -> Ranking:
        """The fused order of the candidates with an exact score; the others follow in their order.

        Both scores are scaled over the candidates with an exact score: scaled over all candidates, the scores of the
        stages before would hardly distinguish the first ones.
        """
        scored = {key for key, _score in exact}
        before = [(candidate.key, candidate.score) for candidate in candidates if candidate.key in scored]
        fused = weighted_fusion(
            {"before": before, "cross-encoder": exact},
            weights={"before": 1 - self.weight, "cross-encoder": self.weight},
        )
        unscored = [candidate.key for candidate in candidates if candidate.key not in scored]
        return [*fused, *((key, -float(number)) for number, key in enumerate(unscored, start=1))]

    def identity(self) -> str:
        return f"{type(self).__name__}:{self.model}:{self.budget}:{self.weight}"

    def check(self) -> str:
        from rerank.encoders.loading import library_for
        from rerank.encoders.weights import check_model, find_model
        from rerank.errors import PackageMissing, RerankError

        if not self.model:
            return ""
        try:
            folder = find_model(self.model)
            check_model(folder)
            library_for(folder, is_pair=True, **self._placement)
        except PackageMissing as exc:
            return str(exc)
        except RerankError as exc:
            return f"{exc} Set COOLPAPERS_CROSS_ENCODER to a model folder, or leave it empty."
        return ""

    @property
    def is_configured(self) -> bool:
        return bool(self.model)

    def describe(self) -> StrOrPromise:
        return format_lazy(_("{model}, {n_calls} calls per search"), model=self.model, n_calls=self.budget)

    def open_model(self) -> CrossEncoder:
        """Load the cross-encoder. Raises rerank.errors.ModelError."""
        from rerank.encoders.cross_encoder import CrossEncoder
        from rerank.encoders.pair_cache import MemoryScoreCache

        return CrossEncoder(self.model, max_tokens=self.max_tokens, cache=MemoryScoreCache(), **self._placement)

    def _score(
        self,
        scorer: CrossEncoder,
        query: str,
        candidates: Sequence[Candidate],
        vectors: VectorSearch,  # noqa: ARG002
    ) -> Ranking:
        """Exact scores of as many candidates as the budget allows, best first. Raises rerank.errors.RerankError."""
        chosen = candidates[: self.budget]
        scores = scorer.score(query, [candidate.text for candidate in chosen])
        pairs = zip((candidate.key for candidate in chosen), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _scorer(self, *, wait_s: float) -> CrossEncoder:
        """The model. Raises StageUnavailable if it is not loaded within ``wait_s`` seconds."""
        from rerank.errors import LoadFailed, StillLoading

        if not self.model:
            raise StageUnavailable("there is no cross-encoder; set COOLPAPERS_CROSS_ENCODER")
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
    """Chooses the candidates to score in rounds, by estimates from anchor scores; the other candidates are estimated.

    Without anchors, or with anchors of other models (which is logged), it is a :class:`CrossEncoderReranker`.

    Parameters
    ----------
    anchors : the folder that ``build_anchors`` writes
    """

    def __init__(self, *, anchors: Path, **options: Any) -> None:
        super().__init__(**options)
        self.anchors = Path(anchors)
        self._opened: tuple[object, Anchors | None] = (None, None)
        self._restricted: tuple[Anchors | None, object, Anchors | None] = (None, None, None)

    def identity(self) -> str:
        from search.neural.anchors import build_stamp

        return f"{super().identity()}:{build_stamp(self.anchors)}"

    def describe(self) -> StrOrPromise:
        from search.neural.anchors import build_stamp

        has_anchors = any(build_stamp(self.anchors))
        if has_anchors:
            return format_lazy(_("{model}, with anchors"), model=super().describe())
        message = _("{model}, without anchors (manage.py build_anchors builds them)")
        return format_lazy(message, model=super().describe())

    def _score(
        self, scorer: CrossEncoder, query: str, candidates: Sequence[Candidate], vectors: VectorSearch
    ) -> Ranking:
        from rerank.budget.retrieval import Rounds, retrieve

        anchors = self._anchors(scorer.model_hash, vectors)
        if anchors is None:
            return super()._score(scorer, query, candidates, vectors)
        keys = [candidate.key for candidate in candidates]
        pool_vectors = _pool_vectors(keys, vectors)
        similarity = np.array([candidate.similarity for candidate in candidates], dtype=np.float32)
        estimate, unknown = anchors.estimate(query, vectors.query_vector(query), keys, similarity, pool_vectors)
        ranked = retrieve(
            estimate,
            lambda rows: scorer.score(query, [candidates[row].text for row in rows]),
            budget=self.budget,
            top_k=len(candidates),
            rounds=Rounds(first=FIRST_SHARE, more=MORE_ROUNDS, start=unknown),
        )
        return list(zip((keys[row] for row in ranked.rows), _strictly_decreasing(ranked.scores.tolist()), strict=True))

    def neighbours(self, key: str, vectors: VectorSearch, *, depth: int) -> Ranking:
        """Papers whose anchor scores correlate with the paper's. Needs the anchors, not the loaded cross-encoder."""
        from rerank.encoders.weights import find_model, model_hash
        from rerank.errors import ModelError

        try:
            anchors = self._anchors(model_hash(find_model(self.model)), vectors)
        except ModelError as exc:
            raise StageUnavailable(str(exc)) from exc
        return anchors.neighbours(key, depth=depth) if anchors else []

    def _anchors(self, model_hash: str, vectors: VectorSearch) -> Anchors | None:
        """The anchors of these models, reopened when a build has replaced them; None if there are none."""
        from search.neural.anchors import build_stamp, open_anchors

        stamp = (build_stamp(self.anchors), model_hash, vectors.query_hash())
        if self._opened[0] != stamp:
            try:
                opened = open_anchors(self.anchors, model_hash=stamp[1], encoder_hash=stamp[2])
            except AnchorsBroken as exc:
                logger.warning("Reranking continues without anchors: %s", exc)
                opened = None
            self._opened = (stamp, opened)
        return self._restrict(self._opened[1], vectors.retriever)

    def _restrict(self, opened: Anchors | None, dense: VectorRetriever) -> Anchors | None:
        """The anchors of the papers whose text has not changed since the build; kept until the vectors change."""
        if opened is None or not dense.has_vectors():
            return opened
        version = dense.version()
        if self._restricted[0] is not opened or self._restricted[1] != version:
            self._restricted = opened, version, opened.restricted(dense)
        return self._restricted[2]

    def built_anchors(self, dense: VectorRetriever) -> Anchors | None:
        """The build in the folder, for checks; None if there is none. Raises AnchorsBroken."""
        from rerank.encoders.weights import find_model, model_hash
        from rerank.errors import ModelError
        from search.neural.anchors import open_anchors

        try:
            hashes = model_hash(find_model(self.model)), VectorSearch(dense).query_hash()
        except ModelError:  # what is wrong with a model is another check
            return None
        return open_anchors(self.anchors, model_hash=hashes[0], encoder_hash=hashes[1])


def _strictly_decreasing(scores: Sequence[float]) -> list[float]:
    """The scores, lowered where needed so that each is below the one before: the given order decides ties."""
    step = 1e-9 * max(max(scores) - min(scores), 1.0)  # smaller than any meaningful difference
    decreasing: list[float] = []
    for score in scores:
        decreasing.append(min(score, decreasing[-1] - step) if decreasing else score)
    return decreasing


def _pool_vectors(keys: Sequence[str], search: VectorSearch) -> Vectors:
    """Vectors of a pool, (n_keys, dim); 0 for a paper that has none yet."""
    embedded, vectors = search.reader.vectors_of(keys)
    row_of = {key: row for row, key in enumerate(embedded)}
    pool_vectors = np.zeros((len(keys), vectors.shape[1]), dtype=np.float32)
    for index, key in enumerate(keys):
        if key in row_of:
            pool_vectors[index] = vectors[row_of[key]]
    return pool_vectors


rerankers: BackendHandler[Reranker] = BackendHandler("RERANKERS")
