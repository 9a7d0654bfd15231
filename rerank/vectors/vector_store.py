"""A folder of vectors that follows the papers: add, replace and remove without embedding a text twice.

Start at :meth:`VectorFolder.update`. It is idempotent: a second run with the same papers embeds nothing. Texts are
embedded in chunks and each chunk is written to a work file, so a stop or a kill loses one chunk at most. Of a damaged
folder the undamaged vectors are kept (:mod:`rerank.vectors.work_files`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import AnyArray, Bytes, Mask, Vectors
from rerank.artifacts import (
    Manifest,
    build_lock,
    content_hashes,
    open_artifact,
    record_damage,
    replace_manifest,
    write_artifact,
)
from rerank.errors import ArtifactBroken, ArtifactMissing, ModelMismatch, ScoresNotFinite, ShapeError
from rerank.stopping import Stop, never_stop
from rerank.vectors.index import (
    KIND,
    VectorIndex,
    build_index,
    check_ids,
    index_kind,
    open_vectors,
    read_index,
    write_index,
)
from rerank.vectors.work_files import WorkFolder

logger = logging.getLogger(__name__)

Encode = Callable[[Sequence[str]], Vectors]
CountProgress = Callable[[int, int], None]  # texts embedded so far, texts to embed

CHUNK_TEXTS = 512  # about ten seconds of a CPU
DEAD_SHARE = 0.2  # share of dead rows above which the folder is written anew without them
_WORK = "work"


@dataclass(frozen=True, slots=True)
class VectorReport:
    """What an update did. ``finished`` is False if it was stopped; the next update continues."""

    added: int = 0
    replaced: int = 0
    removed: int = 0
    unchanged: int = 0
    embedded: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of a folder: ids, vectors (n_rows, dim), text hashes (n_rows, 16) and whether each row is alive."""

    ids: list[str]
    vectors: Vectors
    hashes: Bytes
    alive: Mask

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Merge:
    """The published rows with their new state, and the rows to append."""

    alive: Mask  # of the published rows
    appended: _Table
    report: VectorReport

    @property
    def is_empty(self) -> bool:
        return not (self.report.added or self.report.replaced or self.report.removed)


@dataclass(frozen=True, slots=True)
class VectorFolder:
    """A folder of vectors made by one encoder.

    Parameters
    ----------
    folder
        Created by the first update.
    model, model_hash
        The encoder. An update replaces a folder of another encoder as a whole: vectors of two encoders cannot be
        compared.
    """

    folder: Path
    model: str
    model_hash: str
    _work: WorkFolder = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_work", WorkFolder(self.folder / _WORK, self.model_hash))

    def update(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        *,
        encode: Encode,
        remove: Sequence[str] = (),
        state: Mapping[str, Any] | None = None,
        stop: Stop = never_stop,
        progress: CountProgress | None = None,
    ) -> VectorReport:
        """Bring the vectors of some papers up to date and remove others.

        Parameters
        ----------
        ids, texts
            Papers and the text that is embedded for each. Papers that are not named keep their vectors.
        encode
            Texts to unit vectors, float32 (n_texts, dim).
        remove
            Ids to remove; unknown ones are ignored.
        state
            Stored in the manifest together with the vectors, by one atomic rename; None keeps the stored one.
        progress
            Called after each chunk with the texts embedded so far and the texts to embed.

        Raises
        ------
        BuildRunning
            If another process is updating this folder.
        ShapeError
            If an id occurs twice, or the encoder's dimension changed.
        ScoresNotFinite
            If the encoder returns NaN or infinity.
        """
        if len(ids) != len(texts):
            raise ShapeError(f"{len(ids)} ids and {len(texts)} texts.")
        check_ids(ids)
        with build_lock(self.folder):
            published = self.published()
            hashes = content_hashes(texts)
            cached = self.cached_vectors(published)
            pending = {
                digest: text for digest, text in zip(map(bytes, hashes), texts, strict=True) if digest not in cached
            }
            n_embedded = self.embed(pending, cached, encode=encode, stop=stop, progress=progress)
            if n_embedded < len(pending):
                return VectorReport(embedded=n_embedded, finished=False)
            merge = self.merge(published, ids, hashes, cached, remove=set(remove) - set(ids))
            if published is None or not merge.is_empty:
                self.publish(published, merge, state=state)
            elif state is not None and state != published.manifest.extra.get("state"):
                extra = {**published.manifest.extra, "state": dict(state)}
                replace_manifest(self.folder, replace(published.manifest, extra=extra))
            self._work.clear(with_salvaged=False)
        return replace(merge.report, embedded=n_embedded)

    def published(self) -> VectorIndex | None:
        """The vectors in force; None if there are none of this encoder or they are damaged.

        All files are compared with their checksums: what is published next is copied from them. Undamaged vectors of
        a damaged folder become work files, which serve the next updates until :meth:`discard_salvaged`.
        """
        try:
            index = open_vectors(self.folder, model_hash=self.model_hash)
            damaged = index.artifact.damaged_files()
            if not damaged:
                return index
            problem: Exception = ArtifactBroken(f"damaged: {', '.join(damaged)}")
        except ModelMismatch as exc:
            logger.warning("The vectors are built anew: %s", exc)
            return None
        except (ArtifactBroken, ArtifactMissing) as exc:
            problem = exc
        n_salvaged = self._work.salvage(self.folder)
        if n_salvaged or not isinstance(problem, ArtifactMissing):
            logger.warning("The vectors are built anew from %d undamaged ones: %s", n_salvaged, problem)
        return None

    def discard_salvaged(self) -> None:
        """Delete the vectors salvaged from a damaged folder; call it when the updates have named all papers.

        Raises
        ------
        BuildRunning
            If another process is updating this folder.
        """
        with build_lock(self.folder):
            self._work.clear(with_salvaged=True)

    def verify(self) -> list[str]:
        """Compare all files with their checksums; record and return the names of the damaged ones.

        Raises
        ------
        ArtifactMissing, ArtifactBroken, ModelMismatch
            As :func:`open_vectors` does; after damage was recorded, ArtifactBroken.
        BuildRunning
            If another process is updating this folder; it compares the files itself.
        """
        with build_lock(self.folder):
            artifact = open_artifact(self.folder, kind=KIND, model_hash=self.model_hash)
            damaged = artifact.damaged_files()
            if damaged:
                record_damage(self.folder, f"changed or missing: {', '.join(damaged)}", kind=KIND)
        return damaged

    def cached_vectors(self, published: VectorIndex | None) -> dict[bytes, Vectors]:
        """Vectors by the hash of their text: of the published rows, dead ones too, and of the work files."""
        cached: dict[bytes, Vectors] = {}
        if published is not None:
            cached = {bytes(digest): vector for digest, vector in zip(published.hashes, published.vectors, strict=True)}
        cached.update(self._work.read())
        return cached

    def embed(
        self,
        pending: Mapping[bytes, str],
        cached: dict[bytes, Vectors],
        *,
        encode: Encode,
        stop: Stop = never_stop,
        progress: CountProgress | None = None,
    ) -> int:
        """Embed texts chunk by chunk, into `cached` and into work files; returns how many were embedded.

        Parameters
        ----------
        pending
            Texts by their content hash.
        """
        digests = list(pending)
        for start in range(0, len(digests), CHUNK_TEXTS):
            if stop():
                return start
            chunk = digests[start : start + CHUNK_TEXTS]
            vectors = _encode_chunk(encode, [pending[digest] for digest in chunk])
            self._work.write(chunk, vectors)
            cached.update(zip(chunk, vectors, strict=True))
            if progress is not None:
                progress(start + len(chunk), len(digests))
        return len(digests)

    def merge(
        self,
        published: VectorIndex | None,
        ids: Sequence[str],
        hashes: Bytes,
        cached: Mapping[bytes, Vectors],
        *,
        remove: set[str],
    ) -> _Merge:
        """Which published rows die, and which rows are appended.

        Parameters
        ----------
        hashes : uint8, shape (n_papers, 16)
            Of the papers' texts.
        cached
            A vector for each of these hashes.
        """
        alive = np.array([], dtype=bool) if published is None else published.alive.copy()
        row_of = {} if published is None else published.row_of
        changed: list[int] = []
        n_replaced = 0
        for paper, (doc_id, digest) in enumerate(zip(ids, hashes, strict=True)):
            row = row_of.get(doc_id)
            if row is not None and published is not None:
                if np.array_equal(published.hashes[row], digest):
                    continue
                alive[row] = False
                n_replaced += 1
            changed.append(paper)
        removed = [row_of[doc_id] for doc_id in remove if doc_id in row_of]
        alive[removed] = False
        appended = _Table(
            ids=[ids[paper] for paper in changed],
            vectors=np.array([cached[bytes(hashes[paper])] for paper in changed], dtype=np.float32),
            hashes=hashes[changed],
            alive=np.ones(len(changed), dtype=bool),
        )
        report = VectorReport(
            added=len(changed) - n_replaced,
            replaced=n_replaced,
            removed=len(removed),
            unchanged=len(ids) - len(changed),
        )
        return _Merge(alive, appended, report)

    def publish(self, published: VectorIndex | None, merge: _Merge, *, state: Mapping[str, Any] | None = None) -> None:
        """Write the merged rows as a new generation; drops dead rows when there are many.

        Raises
        ------
        ShapeError
            If the appended vectors have another dimension than the published ones.
        """
        appended = merge.appended
        keeps_rows = published is not None and (~merge.alive).sum() <= DEAD_SHARE * len(merge.alive)
        table = _joined(published, merge, keeps_rows=keeps_rows)
        kind = index_kind(len(table))
        if published is not None and keeps_rows and published.manifest.extra["index"] == kind:
            index = read_index(self.folder / published.manifest.files["index"]["file"])
            if len(appended):
                index.add(appended.vectors)
        else:
            index = build_index(table.vectors, kind=kind)
        if state is None and published is not None:
            state = published.manifest.extra.get("state")
        self._write(table, index, kind=kind, state=state)

    def _write(self, table: _Table, index: Any, *, kind: str, state: Mapping[str, Any] | None) -> None:
        path = self.folder / f"index-{uuid.uuid4().hex[:12]}.faiss"
        write_index(index, path)
        extra = {"index": kind, "dim": int(table.vectors.shape[1]), "n_alive": int(table.alive.sum())}
        if state is not None:
            extra["state"] = dict(state)
        manifest = Manifest(kind=KIND, model=self.model, model_hash=self.model_hash, versions=_versions(), extra=extra)
        arrays: dict[str, AnyArray] = {"vectors": table.vectors, "hashes": table.hashes, "alive": table.alive}
        write_artifact(
            self.folder, manifest, arrays=arrays, texts={"ids": "\n".join(table.ids)}, beside={"index": path}
        )


def _encode_chunk(encode: Encode, texts: Sequence[str]) -> Vectors:
    vectors = encode(texts)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise ShapeError(f"The encoder returned shape {vectors.shape} for {len(texts)} texts.")
    if not np.isfinite(vectors).all():
        raise ScoresNotFinite("The encoder returned NaN or infinity; these vectors cannot be searched.")
    return vectors


def _joined(published: VectorIndex | None, merge: _Merge, *, keeps_rows: bool) -> _Table:
    """The published rows and the appended ones after them; without the dead rows unless `keeps_rows`."""
    appended = merge.appended
    if published is None:
        return appended if len(appended) else replace(appended, vectors=appended.vectors.reshape(0, 1))
    if len(appended) and appended.vectors.shape[1] != published.dim:
        raise ShapeError(
            f"The vectors have dimension {published.dim}, the encoder now returns {appended.vectors.shape[1]}."
        )
    rows = np.arange(len(merge.alive)) if keeps_rows else np.flatnonzero(merge.alive)
    return _Table(
        ids=[published.ids[row] for row in rows] + appended.ids,
        vectors=np.concatenate([published.vectors[rows], appended.vectors.reshape(-1, published.dim)]),
        hashes=np.concatenate([published.hashes[rows], appended.hashes]),
        alive=np.concatenate([merge.alive[rows], appended.alive]),
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"faiss-cpu": version("faiss-cpu"), "numpy": np.__version__}
