"""The encoder of a process, loaded when it is needed. Start at :class:`ResidentEncoder`.

Heavy packages are imported on first use. The model loads in a thread, so that no page waits for it; until then
:class:`~search.errors.DenseUnavailable` is raised.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.errors import DenseUnavailable
from search.neural.former import FormerEncoder, find_model_of

if TYPE_CHECKING:
    from rerank.artifacts import Manifest
    from rerank.encoders.encoder import Encoder
    from rerank.encoders.lazy_model import LazyModel
    from search.base.aliases import Vectors

# How long a command waits for the model, so that it ranks as the site does: minutes on a busy machine. No page waits.
LOAD_PATIENCE_S = 600.0
MAX_QUERY_VECTORS = 256  # cached vectors of queries: one search uses its own three times
PLACEMENT = {"device": "auto", "dtype": "auto", "inference": "auto"}
SLICE_TEXTS = 16  # texts per slice (half a second of CPU): a search waits no longer for the encoder


def has_neural_packages() -> bool:
    """Whether a library that runs models is installed: ONNX Runtime or torch. Imports neither."""
    from rerank.encoders.devices import has_any_library

    return has_any_library()


class ResidentEncoder:
    """The encoder of the settings, and recent vectors of queries.

    Parameters
    ----------
    model : folder of the encoder, or a package that contains one
    max_tokens : tokens read of a text; 128 is the length at which all-MiniLM-L6-v2 was trained, and twice as fast as
        its limit
    idle_s : seconds without a query after which the model is unloaded; 0 keeps it loaded
    placement : ``inference``, ``device``, ``dtype``: library, device and number format, ``auto`` unless given; see
        :class:`rerank.encoders.encoder.Encoder`
    """

    def __init__(self, *, model: str | Path, max_tokens: int = 128, idle_s: float = 0, **placement: str) -> None:
        from rerank.encoders.lazy_model import LazyModel

        self.model = model
        self.max_tokens = max_tokens
        if unknown := placement.keys() - PLACEMENT.keys():
            raise TypeError(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}.")
        self._placement: dict[str, Any] = {**PLACEMENT, **placement}
        self._idle_s = idle_s or None
        # A lambda, so that a subclass can override open_encoder.
        self._resident: LazyModel[Encoder] = LazyModel(lambda: self.open_encoder(), idle_s=self._idle_s)
        self._query_lock = threading.Lock()
        self._query_vectors: OrderedDict[tuple[str, str], Future[Vectors]] = OrderedDict()

    def encoder(self, *, wait_s: float = 0.0, former: FormerEncoder | None = None) -> Encoder:
        """The encoder, or that of former vectors, which their reader names.

        Starts loading it; raises DenseUnavailable if it is not loaded within ``wait_s`` seconds.
        """
        from rerank.errors import LoadFailed, StillLoading

        try:
            return (former.resident if former else self._resident).get_within(wait_s)
        except StillLoading as exc:
            raise DenseUnavailable("the encoder is still loading", is_transient=True) from exc
        except LoadFailed as exc:
            raise DenseUnavailable(str(exc)) from exc

    def query_vector(self, text: str, *, wait_s: float = 0.0, former: FormerEncoder | None = None) -> Vectors:
        """Unit vector of one query, float32 (dim,), by :meth:`encoder`, from a cache of recent queries.

        Where another thread is embedding the same query, this one waits for its vector.
        """
        encoder = self.encoder(wait_s=wait_s, former=former)
        cache_key = encoder.query_hash, text
        with self._query_lock:
            future = self._query_vectors.get(cache_key)
            is_new = future is None
            if future is None:
                future = self._query_vectors[cache_key] = Future()
                if len(self._query_vectors) > MAX_QUERY_VECTORS:
                    self._query_vectors.popitem(last=False)
            else:
                self._query_vectors.move_to_end(cache_key)
        if is_new:
            try:
                future.set_result(encoder.encode_queries([text])[0])
            except BaseException as exc:
                with self._query_lock:  # the next search tries again
                    self._query_vectors.pop(cache_key, None)
                future.set_exception(exc)
        return future.result()

    def open_encoder(self) -> Encoder:
        """Load the encoder. Raises rerank.errors.ModelError, ImportError, OSError."""
        from rerank.encoders.encoder import Encoder

        return Encoder(self.model, max_tokens=self.max_tokens, **self._placement)

    def former_of(self, manifest: Manifest) -> FormerEncoder | None:
        """The encoder that made some vectors, if it can be loaded."""
        from rerank.encoders.encoder import Encoder
        from rerank.encoders.lazy_model import LazyModel
        from rerank.encoders.weights import model_hash

        folder = find_model_of(manifest)
        if folder is None:
            return None
        return FormerEncoder(
            folder.name,
            manifest.model_hash,
            model_hash(folder),
            LazyModel(lambda: Encoder(folder, max_tokens=self.max_tokens, **self._placement), idle_s=self._idle_s),
        )

    def model_hash(self) -> str:
        """Hash of the weights that embed papers from now on. Raises rerank.errors.ModelError."""
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


def encode_slices(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """As ``encoder.encode``, with room for searches of the same process in between."""
    import numpy as np

    starts = range(0, len(texts), SLICE_TEXTS)
    return np.concatenate([encoder.encode(texts[start : start + SLICE_TEXTS]) for start in starts])
