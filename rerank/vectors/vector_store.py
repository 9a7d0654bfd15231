"""Keeping a folder of vectors in step with the papers: add, replace, remove, without embedding a text twice.

:func:`update_vectors` is what a nightly task calls with the papers that changed; run twice, it embeds nothing the
second time. Embedding goes chunk by chunk into a work file, so a stop or a kill loses one chunk.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rerank.artifacts import Manifest, build_lock, content_hashes, write_artifact
from rerank.errors import ArtifactBroken, ArtifactMissing, ModelMismatch, ScoresNotFinite, ShapeError
from rerank.vectors.index import (
    KIND,
    VectorIndex,
    build_index,
    index_kind,
    open_vectors,
    read_index,
    unique_ids,
    write_index,
)

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint8]
Encode = Callable[[Sequence[str]], Vectors]

CHUNK_TEXTS = 512  # ten seconds or so of a CPU
DEAD_SHARE = 0.2  # of rows before everything is built anew
_WORK = "work"


@dataclass(frozen=True, slots=True)
class VectorReport:
    """What an update did; ``finished`` is False if it was stopped, and calling it again goes on."""

    added: int = 0
    replaced: int = 0
    removed: int = 0
    unchanged: int = 0
    embedded: int = 0
    finished: bool = True


@dataclass
class _Rows:
    """Rows of a folder while they are changed."""

    ids: list[str] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)
    hashes: list[Hashes] = field(default_factory=list)
    alive: list[bool] = field(default_factory=list)


def update_vectors(
    folder: Path,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    encode: Encode,
    model: str,
    model_hash: str,
    remove: Sequence[str] = (),
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] | None = None,
) -> VectorReport:
    """Bring the vectors of some papers up to date, and take others out.

    Parameters
    ----------
    ids, texts
        Papers and what the encoder reads of them. Those not named keep their vectors.
    encode
        Texts to unit vectors, float32 (n_texts, dim).
    model, model_hash
        The encoder. A folder of another encoder is built anew, since its vectors mean nothing to this one.
    remove
        Ids to forget; unknown ones are ignored.
    progress
        Called with texts embedded and texts to embed.

    Raises
    ------
    BuildRunning
        If another process is updating this folder.
    ShapeError
        If ids come twice, or the encoder's dimension changed.
    ScoresNotFinite
        If the encoder answers NaN.
    """
    if len(ids) != len(texts):
        raise ShapeError(f"{len(ids)} ids and {len(texts)} texts.")
    unique_ids(ids)
    with build_lock(folder):
        before = _open_before(folder, model_hash)
        hashes = content_hashes(texts)
        known = _known_vectors(before, folder / _WORK, model_hash)
        todo = list({bytes(hashes[row]): row for row in range(len(texts)) if bytes(hashes[row]) not in known}.values())
        n_embedded = _embed(
            todo, texts, hashes, known, encode, folder / _WORK, model_hash, stop=stop, progress=progress
        )
        if n_embedded < len(todo):
            return VectorReport(embedded=n_embedded, finished=False)
        rows, report = _merged(before, ids, hashes, known, set(remove) - set(ids))
        if before is None or report.added or report.replaced or report.removed:
            _publish(folder, before, rows, model=model, model_hash=model_hash)
        _clear(folder / _WORK)
    return VectorReport(
        added=report.added,
        replaced=report.replaced,
        removed=report.removed,
        unchanged=report.unchanged,
        embedded=n_embedded,
    )


def _open_before(folder: Path, model_hash: str) -> VectorIndex | None:
    try:
        return open_vectors(folder, model_hash=model_hash)
    except ArtifactMissing:
        return None
    except (ArtifactBroken, ModelMismatch) as exc:
        logger.warning("The vectors are built anew: %s", exc)
        return None


def _known_vectors(before: VectorIndex | None, work: Path, model_hash: str) -> dict[bytes, Vectors]:
    """Vectors by the hash of their text: those in force, dead ones too, and those of a run that was stopped."""
    known: dict[bytes, Vectors] = {}
    if before is not None:
        known = {bytes(digest): vector for digest, vector in zip(before.hashes, before.vectors, strict=True)}
    for path in sorted(work.glob(f"{model_hash[:16]}-*.npz")):
        try:
            with np.load(path, allow_pickle=False) as part:
                known.update(zip(map(bytes, part["hashes"]), part["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError) as exc:
            logger.warning("%s was cut off (%s); its texts are embedded again.", path, exc)
            path.unlink()
    return known


def _embed(
    todo: list[int],
    texts: Sequence[str],
    hashes: Hashes,
    known: dict[bytes, Vectors],
    encode: Encode,
    work: Path,
    model_hash: str,
    *,
    stop: Callable[[], bool],
    progress: Callable[[int, int], None] | None,
) -> int:
    """Embed rows chunk by chunk into `known` and the work folder; answers how many were done."""
    work.mkdir(exist_ok=True)
    n_parts = len(list(work.iterdir()))
    for start in range(0, len(todo), CHUNK_TEXTS):
        if stop():
            return start
        chunk = todo[start : start + CHUNK_TEXTS]
        vectors = encode([texts[row] for row in chunk])
        if vectors.ndim != 2 or len(vectors) != len(chunk):
            raise ShapeError(f"The encoder answered shape {vectors.shape} for {len(chunk)} texts.")
        if not np.isfinite(vectors).all():
            raise ScoresNotFinite("The encoder answered NaN or infinity; its vectors cannot be searched.")
        part = work / "part.tmp"
        with part.open("wb") as stream:
            np.savez(stream, hashes=hashes[chunk], vectors=vectors)
        part.replace(work / f"{model_hash[:16]}-{n_parts + start // CHUNK_TEXTS:06d}.npz")
        known.update(zip(map(bytes, hashes[chunk]), vectors, strict=True))
        if progress is not None:
            progress(start + len(chunk), len(todo))
    return len(todo)


def _merged(
    before: VectorIndex | None,
    ids: Sequence[str],
    hashes: Hashes,
    known: dict[bytes, Vectors],
    remove: set[str],
) -> tuple[_Rows, VectorReport]:
    """The old rows, some of them dead now, and the new ones after them."""
    alive = np.array([], dtype=bool) if before is None else before.alive.copy()
    row_of = {} if before is None else before.row_of
    rows = _Rows()
    n_added = n_replaced = n_unchanged = 0
    for doc_id, digest in zip(ids, hashes, strict=True):
        old = row_of.get(doc_id)
        if old is not None and before is not None and np.array_equal(before.hashes[old], digest):
            n_unchanged += 1
            continue
        if old is not None:
            alive[old] = False
            n_replaced += 1
        else:
            n_added += 1
        rows.ids.append(doc_id)
        rows.hashes.append(digest)
        rows.vectors.append(known[bytes(digest)])
    gone = [row_of[doc_id] for doc_id in remove if doc_id in row_of]
    alive[gone] = False
    rows.alive = alive.tolist()
    return rows, VectorReport(added=n_added, replaced=n_replaced, removed=len(gone), unchanged=n_unchanged)


def _publish(folder: Path, before: VectorIndex | None, rows: _Rows, *, model: str, model_hash: str) -> None:
    alive = np.array(rows.alive, dtype=bool)
    new_vectors = np.array(rows.vectors, dtype=np.float32)
    new_hashes = np.array(rows.hashes, dtype=np.uint8).reshape(len(rows.ids), 16)
    rebuild = before is None or (~alive).sum() > DEAD_SHARE * len(alive)
    kept = np.flatnonzero(alive) if rebuild else np.arange(len(alive))
    if before is None:
        vectors, hashes, ids, living = new_vectors, new_hashes, rows.ids, np.ones(len(rows.ids), dtype=bool)
    else:
        if len(new_vectors) and new_vectors.shape[1] != before.dim:
            raise ShapeError(
                f"The vectors have dimension {before.dim}, the encoder now answers {new_vectors.shape[1]}."
            )
        vectors = np.concatenate([before.vectors[kept], new_vectors.reshape(-1, before.dim)])
        hashes = np.concatenate([before.hashes[kept], new_hashes])
        ids = [before.ids[row] for row in kept] + rows.ids
        living = np.concatenate([alive[kept], np.ones(len(rows.ids), dtype=bool)])
    if not len(vectors):
        vectors = vectors.reshape(0, before.dim if before is not None else 1)
    kind = index_kind(len(vectors))
    if before is not None and not rebuild and before.manifest.extra["index"] == kind:
        index = read_index(folder / before.manifest.files["index"]["file"])
        if len(new_vectors):
            index.add(new_vectors)
    else:
        index = build_index(vectors, kind=kind)
    _write(folder, index, vectors, hashes, ids, living, kind=kind, model=model, model_hash=model_hash)


def _write(
    folder: Path,
    index: Any,
    vectors: Vectors,
    hashes: Hashes,
    ids: Sequence[str],
    alive: npt.NDArray[np.bool_],
    *,
    kind: str,
    model: str,
    model_hash: str,
) -> None:
    path = folder / f"index-{uuid.uuid4().hex[:12]}.faiss"
    write_index(index, path)
    extra = {"index": kind, "dim": int(vectors.shape[1]), "n_alive": int(alive.sum())}
    manifest = Manifest(kind=KIND, model=model, model_hash=model_hash, versions=_versions(), extra=extra)
    arrays: dict[str, npt.NDArray[Any]] = {"vectors": vectors, "hashes": hashes, "alive": alive}
    write_artifact(folder, manifest, arrays=arrays, texts={"ids": "\n".join(ids)}, beside={"index": path})


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"faiss-cpu": version("faiss-cpu"), "numpy": np.__version__}


def _clear(work: Path) -> None:
    for path in work.iterdir():
        path.unlink()
