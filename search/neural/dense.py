"""Vectors of papers and the encoder that made them: one object per process.

Heavy packages are imported on first use. The model loads in a thread, so that no page waits for it; until then
:class:`~search.errors.DenseUnavailable` is raised. :mod:`search.neural.vector_search` searches in the vectors.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base.aliases import ShouldStop, never_stop
from search.base.backends import BackendHandler
from search.base.files import MappedFiles, read_json
from search.errors import DenseUnavailable
from search.neural.readers import FolderReader, VectorReader

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from rerank.encoders.encoder import Encoder
    from rerank.encoders.lazy_model import LazyModel
    from rerank.vectors.index import VectorIndex
    from rerank.vectors.vector_store import VectorReport
    from search.base.aliases import Vectors

STATE = "state.json"  # revision and origin in folders of older versions; the manifest holds them now
# How long a command waits for the model, so that it ranks as the site does: minutes on a busy machine. No page waits.
LOAD_PATIENCE_S = 600.0
MAX_QUERY_VECTORS = 256  # cached vectors of queries: one search uses its own three times
PLACEMENT = {"device": "auto", "dtype": "auto", "inference": "auto"}
SLICE_TEXTS = 16  # texts per slice (half a second of CPU): a search waits no longer for the encoder


def has_neural_packages() -> bool:
    """Whether a library that runs models is installed: ONNX Runtime or torch. Imports neither."""
    from rerank.encoders.devices import has_any_library

    return has_any_library()


class VectorRetriever:
    """The vectors of a library and their encoder.

    Parameters
    ----------
    path : folder of the vectors
    model : folder of the encoder, or a package that contains one
    max_tokens : tokens read of a text; 128 is the length at which all-MiniLM-L6-v2 was trained, and twice as fast as
        its limit
    min_similarity : least cosine of a neighbour of a paper
    min_query_similarity : least cosine of a paper near a query; None means ``min_similarity``
    idle_s : seconds without a query after which the model is unloaded; 0 keeps it loaded
    placement : ``inference``, ``device``, ``dtype``: library, device and number format, ``auto`` unless given; see
        :class:`rerank.encoders.encoder.Encoder`
    """

    def __init__(
        self,
        *,
        path: Path,
        model: str | Path,
        max_tokens: int = 128,
        min_similarity: float = 0.25,
        min_query_similarity: float | None = None,
        idle_s: float = 0,
        **placement: str,
    ) -> None:
        from rerank.encoders.lazy_model import LazyModel

        self.path = Path(path)
        self.model = model
        self.max_tokens = max_tokens
        self.min_similarity = min_similarity
        self.min_query_similarity = min_similarity if min_query_similarity is None else min_query_similarity
        if unknown := placement.keys() - PLACEMENT.keys():
            raise TypeError(f"VectorRetriever has no option {', '.join(sorted(unknown))}.")
        self._placement: dict[str, Any] = {**PLACEMENT, **placement}
        # A lambda, so that a subclass can override open_encoder.
        self._resident: LazyModel[Encoder] = LazyModel(lambda: self.open_encoder(), idle_s=idle_s or None)
        self._lock = threading.Lock()
        self._query_lock = threading.Lock()
        self._query_vectors: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._vectors: VectorIndex | None = None
        self._mapped = MappedFiles(())
        self._stamp: tuple[int, int] | None = None

    # ---- vectors -----------------------------------------------------------------------------------

    def reader(self) -> VectorReader:
        """The vectors as searches read them. Raises DenseUnavailable."""
        return FolderReader(self.open_vectors())

    def version(self) -> object:
        """Something that compares equal while no vector changes. Raises DenseUnavailable if there are no vectors."""
        return self.open_vectors().vectors

    def advice(self) -> tuple[StrOrPromise, StrOrPromise] | None:
        """What an administrator should know about the store of the vectors, and what fixes it; None if all is well."""
        return None

    def vectors_of(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        """The keys that have a vector, and their vectors, float32 (n_embedded, dim)."""
        return self.reader().vectors_of(keys)

    def keys(self) -> list[str]:
        """All papers that have a vector. Raises DenseUnavailable if there are no vectors."""
        return self.open_vectors().ids()

    def text_hashes(self, keys: Sequence[str]) -> list[str]:
        """The hash of the embedded text of each paper, in hexadecimal; "" for papers without a vector.

        Raises DenseUnavailable if there are no vectors.
        """
        vectors = self.open_vectors()
        rows = vectors.rows_of(keys)
        hashes = iter(vectors.hashes[rows[rows >= 0]])  # (n_embedded, 16)
        return [next(hashes).tobytes().hex() if row >= 0 else "" for row in rows]

    def text_lookup(self) -> Callable[[str], bool]:
        """A function that says whether a text has a vector, or had one; for many texts."""
        import numpy as np

        from rerank.artifacts import content_hash

        try:
            hashes = frozenset(map(bytes, np.asarray(self.open_vectors().hashes)))
        except DenseUnavailable:
            hashes = frozenset()
        return lambda text: content_hash(text) in hashes

    def sample(self, size: int) -> Vectors:
        """About ``size`` vectors, evenly spread and deterministic, float32 (n, dim)."""
        vectors = self.open_vectors().vectors
        return vectors[:: max(1, len(vectors) // size)]

    # ---- the model ---------------------------------------------------------------------------------

    def encoder(self, *, wait_s: float = 0.0) -> Encoder:
        """The encoder. Starts loading it; raises DenseUnavailable if it is not loaded within ``wait_s`` seconds."""
        from rerank.errors import LoadFailed, StillLoading

        try:
            return self._resident.get_within(wait_s)
        except StillLoading as exc:
            raise DenseUnavailable("the encoder is still loading", is_transient=True) from exc
        except LoadFailed as exc:
            raise DenseUnavailable(str(exc)) from exc

    def query_vector(self, text: str, *, wait_s: float = 0.0) -> Vectors:
        """Unit vector of one query, float32 (dim,), from a cache of recent queries."""
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
        """Load the encoder. Raises rerank.errors.ModelError, ImportError, OSError."""
        from rerank.encoders.encoder import Encoder

        return Encoder(self.model, max_tokens=self.max_tokens, **self._placement)

    def model_hash(self) -> str:
        """Hash of the weights that embed papers; other vectors are refused. Raises rerank.errors.ModelError."""
        from rerank.encoders.weights import find_model, vectors_hash

        return vectors_hash(find_model(self.model))

    def query_hash(self) -> str:
        """Hash of the weights that embed queries and papers. Raises rerank.errors.ModelError."""
        from rerank.encoders.weights import find_model, model_hash

        return model_hash(find_model(self.model))

    def check(self) -> str:
        """A sentence about what is wrong with the encoder's files or packages; "" if nothing is."""
        from rerank.encoders.loading import library_for
        from rerank.encoders.weights import check_model, find_model
        from rerank.errors import RerankError

        if not has_neural_packages():
            return "The packages of the extra “neural” are not installed."
        try:
            folder = find_model(self.model)
            check_model(folder)
            library_for(folder, is_pair=False, **self._placement)
        except RerankError as exc:
            return str(exc)
        return ""

    def device(self) -> str:
        """Where and by which library the encoder runs: ``cpu (ONNX Runtime, int8)`` or ``cuda (torch)``.

        Raises rerank.errors.RerankError.
        """
        from rerank.encoders.devices import choose_device
        from rerank.encoders.loading import library_for
        from rerank.encoders.weights import find_model

        if library_for(find_model(self.model), is_pair=False, **self._placement) == "torch":
            return f"{choose_device(self._placement['device'])} (torch)"
        from rerank.encoders.onnx_model import placement

        return f"cpu (ONNX Runtime, {placement(self._placement['dtype']).dtype})"

    # ---- the vectors -------------------------------------------------------------------------------

    def identity(self) -> str:
        """A text that changes with the model or the vectors, for cache keys."""
        return f"{self.model}:{self.path}:{self._current_stamp()}"

    def _current_stamp(self) -> tuple[int, int] | None:
        from rerank.artifacts import MANIFEST

        try:
            status = (self.path / MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def open_vectors(self) -> VectorIndex:
        """The vectors of the folder, reopened when another process has replaced them. Raises DenseUnavailable."""
        from rerank.errors import RerankError
        from rerank.vectors.index import reopen_vectors

        stamp = self._current_stamp()
        if stamp is None:
            raise DenseUnavailable(f"there are no vectors in {self.path}; run manage.py embed_papers")
        with self._lock:
            if self._mapped.have_changed():
                self._vectors = None
            if self._vectors is None or self._stamp != stamp:
                try:
                    self._vectors = reopen_vectors(self._vectors, self.path, model_hash=self.model_hash())
                except (RerankError, OSError) as exc:
                    self._vectors = None
                    raise DenseUnavailable(f"{exc} (run manage.py embed_papers)") from exc
                self._stamp = stamp
                files = self._vectors.manifest.files.values()
                self._mapped = MappedFiles(self.path / str(entry["file"]) for entry in files)
            return self._vectors

    def has_vectors(self) -> bool:
        """Whether there are any vectors, of any encoder. Cheap: one call of ``stat``."""
        return self._current_stamp() is not None

    def was_built(self) -> bool:
        """Whether the folder holds vectors of whichever encoder, readable or not."""
        return self.has_vectors() or any(self.path.glob("vectors-*.npy"))

    def has_old_layout(self) -> bool:
        """Whether an older version wrote the vectors; :meth:`update` converts them."""
        try:
            return self.open_vectors().has_old_layout
        except DenseUnavailable:
            return False

    def damage(self) -> str:
        """A sentence about vectors of this encoder that were built and cannot be read; "" otherwise."""
        from rerank.artifacts import open_artifact
        from rerank.errors import ArtifactBroken, ArtifactMissing, RerankError
        from rerank.vectors.index import KIND

        try:
            if self.was_built():
                open_artifact(self.path, kind=KIND, model_hash=self.model_hash())
                self.open_vectors()
        except (ArtifactBroken, ArtifactMissing) as exc:
            return str(exc)
        except DenseUnavailable as exc:
            return str(exc.__cause__ or exc)
        except RerankError:  # of another encoder, or the encoder itself is missing
            return ""
        return ""

    def verify(self) -> list[str]:
        """Read all files of the vectors; record and return the names of the damaged ones.

        Raises
        ------
        DenseUnavailable
            If there are no vectors of this encoder, they do not open, or another process is embedding.
        """
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.vector_store import VectorFolder

        try:
            return VectorFolder(self.path, str(self.model), self.model_hash()).verify()
        except (RerankError, OSError) as exc:
            raise DenseUnavailable(
                f"{exc} (run manage.py embed_papers)", is_transient=isinstance(exc, BuildRunning)
            ) from exc

    def count(self) -> int:
        """The number of papers with a vector; 0 without vectors."""
        try:
            return len(self.open_vectors())
        except DenseUnavailable:
            return 0

    def revision(self) -> int:
        """The library revision of the vectors of this model; 0 without vectors."""
        return int(self._state().get("revision", 0))

    def origin(self) -> str:
        """The history of the library that :meth:`revision` belongs to; "" without vectors of this model."""
        return str(self._state().get("origin", ""))

    def _state(self) -> dict[str, Any]:
        try:
            manifest = self.open_vectors().manifest
        except DenseUnavailable:
            return {}
        stored = manifest.extra.get("state")
        if isinstance(stored, dict):
            return stored
        older = read_json(self.path / STATE)
        return older if isinstance(older, dict) and older.get("model_hash") == manifest.model_hash else {}

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
        """Embed new and changed texts; unchanged ones keep their vectors. Resumes after a stop or a kill.

        ``origin`` names the history of the library that the revision belongs to. ``yields_to_searches`` lets searches
        of this process use the encoder in between, which is a little slower.

        Raises
        ------
        DenseUnavailable
            If the model cannot be loaded or yields NaN, another process is embedding, or the disk is full or read-only.
        """
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.vector_store import VectorFolder

        encoder = self.encoder(wait_s=LOAD_PATIENCE_S)
        folder = VectorFolder(self.path, encoder.name, encoder.model_hash)
        try:
            report = folder.update(
                keys,
                texts,
                encode=functools.partial(encode_slices, encoder) if yields_to_searches else encoder.encode,
                remove=removed,
                state={"revision": revision, "origin": origin},
                stop=should_stop,
                progress=progress,
            )
        except BuildRunning as exc:
            raise DenseUnavailable(f"another process is embedding papers: {exc}", is_transient=True) from exc
        except RerankError as exc:
            raise DenseUnavailable(str(exc)) from exc
        except OSError as exc:
            cure = "free space or mend the permissions, then run the command again"
            raise DenseUnavailable(f"The vectors cannot be written ({exc}); {cure}.") from exc
        if report.finished:
            (self.path / STATE).unlink(missing_ok=True)
        return report

    def discard_salvaged(self) -> None:
        """Delete vectors salvaged from a damaged folder, after all papers have been updated."""
        from rerank.errors import RerankError
        from rerank.vectors.vector_store import VectorFolder

        with contextlib.suppress(RerankError):  # another process is embedding: it will do it
            VectorFolder(self.path, str(self.model), self.model_hash()).discard_salvaged()


retrievers: BackendHandler[VectorRetriever] = BackendHandler("DENSE_RETRIEVERS")


def encode_slices(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """As ``encoder.encode``, with room for searches of the same process in between."""
    import numpy as np

    starts = range(0, len(texts), SLICE_TEXTS)
    return np.concatenate([encoder.encode(texts[start : start + SLICE_TEXTS]) for start in starts])
