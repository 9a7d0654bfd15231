"""A folder of vectors that follows the papers: add, replace and remove without embedding a text twice.

Start at :meth:`VectorFolder.update`. It is idempotent: a second run with the same papers embeds nothing. Texts are
embedded in chunks and each chunk is written to a work file, so a stop or a kill loses one chunk at most. Of a damaged
folder the undamaged vectors are kept (:mod:`rerank.vectors.work_files`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Bytes, Mask, Vectors
from rerank.artifacts import build_lock, content_hashes, open_artifact, record_damage, replace_manifest
from rerank.errors import ArtifactBroken, ArtifactMissing, ModelMismatch, ScoresNotFinite, ShapeError
from rerank.stopping import Stop, never_stop
from rerank.vectors.index import KIND, VectorIndex, open_vectors
from rerank.vectors.paper_ids import check_ids
from rerank.vectors.publishing import publish
from rerank.vectors.segments import NewRows
from rerank.vectors.work_files import WorkFolder

logger = logging.getLogger(__name__)

Encode = Callable[[Sequence[str]], Vectors]
CountProgress = Callable[[int, int], None]  # texts embedded so far, texts to embed

CHUNK_TEXTS = 512  # about ten seconds of a CPU
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
class _Papers:
    """What an update is asked for: papers with their texts and the hashes of these, and ids to remove."""

    ids: Sequence[str]
    texts: Sequence[str]
    hashes: Bytes  # (n_papers, 16)
    removed: set[str]


@dataclass(frozen=True, slots=True)
class _Merge:
    """The published rows with their new state, and the rows to append."""

    alive: Mask  # of the published rows
    appended: NewRows
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
            papers = _Papers(ids, texts, content_hashes(texts), set(remove) - set(ids))
            try:
                return self._update(papers, encode=encode, state=state, stop=stop, progress=progress)
            except ArtifactBroken as exc:  # a large file, which is compared when it is copied
                record_damage(self.folder, str(exc), kind=KIND)
                return self._update(papers, encode=encode, state=state, stop=stop, progress=progress)

    def _update(
        self,
        papers: _Papers,
        *,
        encode: Encode,
        state: Mapping[str, Any] | None,
        stop: Stop,
        progress: CountProgress | None,
    ) -> VectorReport:
        """Raises ArtifactBroken if published files that would be copied are damaged."""
        published = self.published()
        digests = list(map(bytes, papers.hashes))
        cached = self.cached_vectors(published, digests)
        pending = {digest: text for digest, text in zip(digests, papers.texts, strict=True) if digest not in cached}
        n_embedded = self.embed(pending, cached, encode=encode, stop=stop, progress=progress)
        if n_embedded < len(pending):
            return VectorReport(embedded=n_embedded, finished=False)
        merge = self.merge(published, papers.ids, papers.hashes, cached, remove=papers.removed)
        if published is None or published.has_old_layout or not merge.is_empty:
            publish(self.folder, published, merge, identity=(self.model, self.model_hash), state=state)
        elif state is not None and state != published.manifest.extra.get("state"):
            extra = {**published.manifest.extra, "state": dict(state)}
            replace_manifest(self.folder, replace(published.manifest, extra=extra))
        self._work.clear(with_salvaged=False)
        return replace(merge.report, embedded=n_embedded)

    def published(self) -> VectorIndex | None:
        """The vectors in force; None if there are none of this encoder or they are damaged.

        Files are compared with their checksums before anything is copied from them: most when they are opened, large
        ones by :func:`~rerank.vectors.publishing.publish`. Undamaged vectors of a damaged folder become work files,
        which serve the next updates until :meth:`discard_salvaged`.
        """
        try:
            return open_vectors(self.folder, model_hash=self.model_hash)
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

    def cached_vectors(self, published: VectorIndex | None, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Vectors by the hash of their text: those of the work files, and of published rows, dead ones too."""
        cached = self._work.read()
        if published is not None:
            cached |= published.vectors_of_texts([digest for digest in digests if digest not in cached])
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
        rows = np.full(len(ids), -1, dtype=np.int64)
        is_same = np.zeros(len(ids), dtype=bool)
        n_removed = 0
        if published is not None:
            rows = published.rows_of(ids)
            has_row = rows >= 0
            is_same[has_row] = (published.hashes[rows[has_row]] == hashes[has_row]).all(axis=1)
            alive[rows[(rows >= 0) & ~is_same]] = False
            to_remove = published.rows_of(sorted(remove))
            n_removed = int((to_remove >= 0).sum())
            alive[to_remove[to_remove >= 0]] = False
        changed = np.flatnonzero(~is_same).tolist()
        n_replaced = int(((rows >= 0) & ~is_same).sum())
        appended = NewRows(
            vectors=np.array([cached[bytes(hashes[paper])] for paper in changed], dtype=np.float32),
            hashes=hashes[changed],
            ids=[ids[paper] for paper in changed],
        )
        report = VectorReport(
            added=len(changed) - n_replaced,
            replaced=n_replaced,
            removed=n_removed,
            unchanged=len(ids) - len(changed),
        )
        return _Merge(alive, appended, report)


def _encode_chunk(encode: Encode, texts: Sequence[str]) -> Vectors:
    vectors = encode(texts)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise ShapeError(f"The encoder returned shape {vectors.shape} for {len(texts)} texts.")
    if not np.isfinite(vectors).all():
        raise ScoresNotFinite("The encoder returned NaN or infinity; these vectors cannot be searched.")
    return vectors
