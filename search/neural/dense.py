"""Retrieval by meaning: paper vectors and the encoder that made them, behind one object a process.

The one door (beside ``search.neural.rerankers``) to the neural library. Nothing heavy is imported before the first
use; the
model loads in a thread, so that no page waits for it: until it is there, :class:`DenseUnavailable` says "warming up".
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base.aliases import Ranking, ShouldStop, never_stop
from search.base.backends import BackendHandler
from search.base.files import read_json, write_json
from search.errors import DenseUnavailable

if TYPE_CHECKING:
    from rerank.encoders.encoder import Encoder
    from rerank.encoders.lazy_model import LazyModel
    from rerank.vectors.index import VectorIndex
    from rerank.vectors.vector_store import VectorReport
    from search.base.aliases import Vectors

STATE = "state.json"  # the library revision that the vectors have taken in, and the model they are of
LOAD_PATIENCE_S = 600.0  # how long a command, which may wait, waits for the model: a busy machine takes minutes
MAX_QUERY_VECTORS = 256  # queries whose vectors are kept: one search uses its own three times
SLICE_TEXTS = 16  # half a second of a CPU: how long a search may wait for the encoder while papers are embedded


class VectorRetriever:
    """Papers near a text or a paper.

    Parameters
    ----------
    path : folder of the vectors
    model : encoder folder, or a package that carries one
    max_tokens : of a text; 128 is the length all-MiniLM-L6-v2 was trained at, and twice as fast as its limit
    min_similarity : neighbours of a paper below it are not neighbours (cosine)
    min_query_similarity : the same for papers near a query; None: as above
    idle_s : seconds without a query after which the model leaves memory; 0 keeps it
    """

    def __init__(
        self,
        *,
        path: Path,
        model: str | Path,
        max_tokens: int = 128,
        min_similarity: float = 0.25,
        min_query_similarity: float | None = None,
        device: str = "auto",
        dtype: str = "auto",
        idle_s: float = 0,
    ) -> None:
        from rerank.encoders.lazy_model import LazyModel

        self.path = Path(path)
        self.model = model
        self.max_tokens = max_tokens
        self.min_similarity = min_similarity
        self.min_query_similarity = min_similarity if min_query_similarity is None else min_query_similarity
        self._placement: dict[str, Any] = {"device": device, "dtype": dtype}
        # Late, so that a subclass may open another.
        self._resident: LazyModel[Encoder] = LazyModel(lambda: self.open_encoder(), idle_s=idle_s or None)
        self._lock = threading.Lock()
        self._query_lock = threading.Lock()
        self._query_vectors: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._vectors: VectorIndex | None = None
        self._stamp: tuple[int, int] | None = None

    # ---- vectors -----------------------------------------------------------------------------------

    def vectors_of(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        """The keys that have a vector, and their vectors, float32 (n_found, dim)."""
        vectors = self.open_vectors()
        known = [key for key in keys if key in vectors.row_of]
        return known, vectors.vectors[[vectors.row_of[key] for key in known]]

    def keys(self) -> list[str]:
        """Every paper that has a vector. Raises DenseUnavailable where there are none."""
        return list(self.open_vectors().row_of)

    def sample(self, size: int) -> Vectors:
        """About ``size`` vectors spread evenly over the library, float32 (n, dim); the same while it is."""
        vectors = self.open_vectors().vectors
        return vectors[:: max(1, len(vectors) // size)]

    # ---- the model ---------------------------------------------------------------------------------

    def encoder(self, *, wait_s: float = 0.0) -> Encoder:
        """The encoder; starts loading it, and raises DenseUnavailable if it is not there within ``wait_s``."""
        from rerank.errors import LoadFailed, StillLoading

        try:
            return self._resident.get_within(wait_s)
        except StillLoading as exc:
            raise DenseUnavailable("the encoder is still loading", is_transient=True) from exc
        except LoadFailed as exc:
            raise DenseUnavailable(str(exc)) from exc

    def query_vector(self, text: str, *, wait_s: float = 0.0) -> Vectors:
        """Unit vector of one query, float32 (dim,); that of a query asked lately is still known."""
        encoder = self.encoder(wait_s=wait_s)
        cache_key = encoder.query_hash, text
        with self._query_lock:
            if cache_key in self._query_vectors:
                self._query_vectors.move_to_end(cache_key)
                return self._query_vectors[cache_key]
        vector: Vectors = encoder.encode_queries([text])[0]
        with self._query_lock:
            self._query_vectors[cache_key] = vector
            if len(self._query_vectors) > MAX_QUERY_VECTORS:
                self._query_vectors.popitem(last=False)
        return vector

    def open_encoder(self) -> Encoder:
        """The encoder of the settings, loaded. Raises rerank.errors.ModelError, ImportError, OSError."""
        from transformers.utils import logging as their_logging

        from rerank.encoders.encoder import Encoder

        their_logging.disable_progress_bar()  # a bar in the log of a server is noise
        return Encoder(self.model, max_tokens=self.max_tokens, **self._placement)

    def model_hash(self) -> str:
        """Which weights embed papers; vectors of others are refused. Raises rerank.errors.ModelError."""
        from rerank.encoders.weights import find_model, vectors_hash

        return vectors_hash(find_model(self.model))

    def query_hash(self) -> str:
        """Which weights embed queries and papers, to file similarities under. Raises rerank.errors.ModelError."""
        from rerank.encoders.weights import find_model, model_hash

        return model_hash(find_model(self.model))

    def check(self) -> str:
        """What is wrong with the encoder's files or packages, in a sentence; "" where nothing is."""
        from importlib.util import find_spec

        from rerank.encoders.weights import check_model, find_model
        from rerank.errors import ModelError

        if find_spec("sentence_transformers") is None:
            return "The packages of the neural half are not installed."
        try:
            check_model(find_model(self.model))
        except ModelError as exc:
            return str(exc)
        return ""

    def device(self) -> str:
        """Where the encoder would run: cpu, or a card."""
        from rerank.encoders.devices import choose_device

        return str(choose_device(self._placement["device"]))

    # ---- the vectors -------------------------------------------------------------------------------

    def identity(self) -> str:
        """Changes when the answers may: the model's and the vectors' place and state."""
        return f"{self.model}:{self.path}:{self._stamp_now()}"

    def _stamp_now(self) -> tuple[int, int] | None:
        from rerank.artifacts import MANIFEST

        try:
            status = (self.path / MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def open_vectors(self) -> VectorIndex:
        """The vectors of the folder as it stands: opened once, again when another process has replaced them."""
        from rerank.errors import RerankError
        from rerank.vectors.index import open_vectors

        stamp = self._stamp_now()
        if stamp is None:
            raise DenseUnavailable(f"there are no vectors in {self.path}; run manage.py embed_papers")
        with self._lock:
            if self._vectors is None or self._stamp != stamp:
                try:
                    self._vectors = open_vectors(self.path, model_hash=self.model_hash())
                except (RerankError, OSError) as exc:
                    raise DenseUnavailable(f"{exc} (manage.py embed_papers makes vectors)") from exc
                self._stamp = stamp
            return self._vectors

    def has_vectors(self) -> bool:
        """Whether there are vectors at all, of whichever encoder: a look at one file, for every search."""
        return self._stamp_now() is not None

    def count(self) -> int:
        """How many papers have a vector; 0 where there are none."""
        try:
            return len(self.open_vectors())
        except DenseUnavailable:
            return 0

    def revision(self) -> int:
        """The library revision that vectors of this model have taken in; 0 where there are none."""
        return int(self._state().get("revision", 0))

    def origin(self) -> str:
        """The history of the library that :meth:`revision` belongs to; "" where there are no vectors of this model."""
        return str(self._state().get("origin", ""))

    def _state(self) -> dict[str, Any]:
        state = read_json(self.path / STATE)
        try:
            model_hash = self.open_vectors().manifest.model_hash
        except DenseUnavailable:
            return {}
        return state if isinstance(state, dict) and state.get("model_hash") == model_hash else {}

    def update(
        self,
        keys: Sequence[str],
        texts: Sequence[str],
        *,
        removed: Sequence[str],
        revision: int,
        origin: str = "",
        should_stop: ShouldStop = never_stop,
        progress: Callable[[int, int], None] | None = None,
        yields_to_searches: bool = False,
    ) -> VectorReport:
        """Embed what changed; texts embedded before are not embedded again. Resumes after a stop or a kill.

        ``origin`` names the history of the library that the revision belongs to. ``yields_to_searches`` lets searches
        of this process have the encoder in between, at some cost of speed.

        Raises
        ------
        DenseUnavailable
            If the model cannot be loaded or answers nonsense, or if another process is at it.
        """
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.vector_store import VectorFolder

        encoder = self.encoder(wait_s=LOAD_PATIENCE_S)
        folder = VectorFolder(self.path, encoder.name, encoder.model_hash)
        try:
            report = folder.update(
                keys,
                texts,
                encode=functools.partial(_encode_slices, encoder) if yields_to_searches else encoder.encode,
                remove=removed,
                stop=should_stop,
                progress=progress,
            )
        except BuildRunning as exc:
            raise DenseUnavailable(f"another process is embedding papers: {exc}", is_transient=True) from exc
        except RerankError as exc:
            raise DenseUnavailable(str(exc)) from exc
        if report.finished:
            write_json(self.path / STATE, {"revision": revision, "origin": origin, "model_hash": encoder.model_hash})
        return report


retrievers: BackendHandler[VectorRetriever] = BackendHandler("DENSE_RETRIEVERS")


def nearest(vectors: VectorIndex, query: Vectors, *, depth: int, min_score: float) -> Ranking:
    """The papers nearest to a query, (1, dim): (key, inner product), best first, none below ``min_score``."""
    hits = vectors.search(query, top_k=depth)
    pairs = zip(hits.rows[0].tolist(), hits.scores[0].tolist(), strict=True)
    return [(vectors.ids[row], score) for row, score in pairs if row >= 0 and score >= min_score]


def _encode_slices(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    import numpy as np

    starts = range(0, len(texts), SLICE_TEXTS)
    return np.concatenate([encoder.encode(texts[start : start + SLICE_TEXTS]) for start in starts])
