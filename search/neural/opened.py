"""Vectors of papers in a folder, opened for searches: one object per process. Start at :class:`OpenedVectors`."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base.files import MappedFiles, read_json
from search.errors import DenseUnavailable
from search.neural.encoding import ResidentEncoder
from search.neural.former import FormerEncoder
from search.neural.readers import FolderReader, VectorReader

if TYPE_CHECKING:
    from rerank.vectors.index import VectorIndex
    from search.base.aliases import Vectors

logger = logging.getLogger(__name__)

STATE = "state.json"  # revision and origin in folders of older versions; the manifest holds them now


class OpenedVectors(ResidentEncoder):
    """The vectors in use of a folder, and the encoder that queries of them need.

    Vectors of another encoder than that of the settings are used with that encoder, while it can be loaded
    (:mod:`search.neural.former`). The folder is opened again when another process has changed it.

    Parameters
    ----------
    path : folder of the vectors
    encoder_options : those of :class:`~search.neural.encoding.ResidentEncoder`
    """

    def __init__(self, *, path: Path, **encoder_options: Any) -> None:
        super().__init__(**encoder_options)
        self.path = Path(path)
        self._precedes: OpenedVectors | None = None  # whose vectors those of this folder will replace
        self._close()

    def _close(self) -> None:
        self._lock = threading.Lock()
        self._vectors: VectorIndex | None = None
        self._former: FormerEncoder | None = None
        self._mapped = MappedFiles(())
        self._stamp: tuple[int, int] | None = None

    def reader(self) -> VectorReader:
        """The vectors as searches read them. Raises DenseUnavailable."""
        return FolderReader(*self._open())

    def version(self) -> object:
        """Something that compares equal while no vector changes. Raises DenseUnavailable if there are no vectors."""
        return self.open_vectors().vectors

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
        """A function that says whether a text has a vector of the present encoder, or had one; for many texts."""
        import numpy as np

        from rerank.artifacts import content_hash

        try:
            hashes = frozenset(map(bytes, np.asarray(self.open_own_vectors().hashes)))
        except DenseUnavailable:
            hashes = frozenset()
        return lambda text: content_hash(text) in hashes

    def identity(self) -> str:
        """A text that changes with the model or the vectors, for cache keys."""
        return f"{self.model}:{self.path}:{self._current_stamp()}"

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

    def has_vectors(self) -> bool:
        """Whether there are any vectors, of any encoder. Cheap: one call of ``stat``."""
        return self._current_stamp() is not None

    def was_built(self) -> bool:
        """Whether the folder holds vectors of whichever encoder, readable or not."""
        return self.has_vectors() or any(self.path.glob("vectors-*.npy"))

    def has_old_layout(self) -> bool:
        """Whether an older version wrote the vectors; an update converts them."""
        try:
            return self.open_vectors().has_old_layout
        except DenseUnavailable:
            return False

    def damage(self) -> str:
        """A sentence about vectors that were built and cannot be read; "" otherwise."""
        from rerank.artifacts import open_artifact
        from rerank.errors import ArtifactBroken, ArtifactMissing, RerankError
        from rerank.vectors.index import KIND

        try:
            if self.was_built():
                former = self._find_former()
                open_artifact(self.path, kind=KIND, model_hash=former.vectors_hash if former else self.model_hash())
                self.open_vectors()
        except (ArtifactBroken, ArtifactMissing) as exc:
            return str(exc)
        except DenseUnavailable as exc:
            return str(exc.__cause__ or exc)
        except RerankError:  # of another encoder, or the encoder itself is missing
            return ""
        return ""

    def former(self) -> FormerEncoder | None:
        """The encoder of the vectors in use, where it is not the present one and can be loaded; else None."""
        try:
            return self._open()[1]
        except DenseUnavailable:
            return None

    def strange_model(self) -> str:
        """The name of the encoder that made the vectors, where they are unused because it cannot be loaded; else ""."""
        from rerank.errors import RerankError
        from rerank.vectors.succession import read_model

        with contextlib.suppress(RerankError):
            name, model_hash = read_model(self.path)
            return name if model_hash not in ("", self.model_hash()) and self.former() is None else ""
        return ""

    def open_vectors(self) -> VectorIndex:
        """The vectors in use, reopened when another process has replaced them. Raises DenseUnavailable."""
        return self._open()[0]

    def open_own_vectors(self) -> VectorIndex:
        """:meth:`open_vectors` if the present encoder made them. Raises DenseUnavailable."""
        vectors, former = self._open()
        if former is not None:
            raise DenseUnavailable(f"the vectors in {self.path} are of the former encoder {former.name}")
        return vectors

    def _current_stamp(self) -> tuple[int, int] | None:
        from rerank.artifacts import MANIFEST

        try:
            status = (self.path / MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _open(self) -> tuple[VectorIndex, FormerEncoder | None]:
        """The vectors in use, and their encoder where it is not the present one. Raises DenseUnavailable."""
        from rerank.errors import ModelMismatch, RerankError

        stamp = self._current_stamp()
        if stamp is None:
            raise DenseUnavailable(f"there are no vectors in {self.path}; run manage.py embed_papers")
        with self._lock:
            if self._mapped.have_changed():
                self._vectors = None
            if self._vectors is None or self._stamp != stamp:
                before = self._former
                try:
                    self._vectors, self._former = self._reopened()
                except ModelMismatch as exc:
                    self._vectors = None
                    raise DenseUnavailable(self._refusal()) from exc
                except (RerankError, OSError) as exc:
                    self._vectors = None
                    raise DenseUnavailable(f"{exc} (run manage.py embed_papers)") from exc
                if self._former not in (None, before):
                    message = "Vectors of the former encoder %s are in use until manage.py embed_papers has finished."
                    logger.warning(message, self._former.name)
                self._stamp = stamp
                files = self._vectors.manifest.files.values()
                self._mapped = MappedFiles(self.path / str(entry["file"]) for entry in files)
            return self._vectors, self._former

    def _reopened(self) -> tuple[VectorIndex, FormerEncoder | None]:
        """Raises RerankError and OSError."""
        from rerank.errors import ModelMismatch
        from rerank.vectors.index import reopen_vectors

        while True:
            stamp = self._current_stamp()
            former = self._find_former()
            model_hash = former.vectors_hash if former else self.model_hash()
            try:
                return reopen_vectors(self._vectors, self.path, model_hash=model_hash), former
            except ModelMismatch:
                if stamp == self._current_stamp():  # else they were replaced in between
                    raise

    def _refusal(self) -> str:
        """Why vectors of another encoder are not used."""
        from rerank.vectors.succession import read_model

        name, _hash = read_model(self.path)
        return (
            f"the vectors in {self.path} are of the encoder {name}, which is missing or has other weights now;"
            " put it back, or run manage.py embed_papers"
        )

    def _find_former(self) -> FormerEncoder | None:
        """The encoder of the folder's vectors, where it is another one. Raises RerankError."""
        from rerank.artifacts import read_manifest
        from rerank.vectors.index import KIND

        manifest = read_manifest(self.path, kind=KIND)
        if self._precedes is not None or manifest.model_hash == self.model_hash():
            return None
        if self._former is not None and self._former.vectors_hash == manifest.model_hash:
            return self._former  # loaded
        return self.former_of(manifest)
