"""Write the rows of an update as a new generation of a folder of vectors. Start at :func:`publish`.

Only what an update changes is written: a last segment with the new rows and those of small segments, and which rows are
alive. The approximate index is extended when more than 20,000 rows are outside of it. When a fifth of the rows is dead,
the folder is written anew without them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rerank.arrays import AnyArray, Mask
from rerank.artifacts import VERIFIED_WHEN_OPENED_BYTES, Manifest, write_artifact
from rerank.errors import ArtifactBroken, ShapeError
from rerank.vectors.index import KIND, LAYOUT, VectorIndex
from rerank.vectors.neighbour_index import (
    BLOCK_ROWS,
    FLAT_ROWS,
    add_rows,
    build_index,
    index_kind,
    read_index,
    write_index,
)
from rerank.vectors.paper_ids import PaperIds
from rerank.vectors.segments import ROWS_DTYPE, NewRows, StackedArrays, kept_segments, segment_name

DEAD_SHARE = 0.2  # share of dead rows above which the folder is written anew without them


class Merge(Protocol):
    """The published rows with their new state, and the rows to append."""

    @property
    def alive(self) -> Mask: ...

    @property
    def appended(self) -> NewRows: ...


@dataclass(frozen=True, slots=True)
class _Plan:
    """What stays of the published rows, and the rows of the last segment."""

    n_kept: int  # segments
    written: NewRows
    alive: Mask  # of all rows
    keeps_rows: bool  # the published rows keep their numbers


def publish(
    folder: Path,
    published: VectorIndex | None,
    merge: Merge,
    *,
    identity: tuple[str, str],
    state: Mapping[str, Any] | None = None,
) -> None:
    """Write the merged rows as a new generation.

    Parameters
    ----------
    identity
        Name and hash of the encoder.
    state
        Stored in the manifest; None keeps the stored one.

    Raises
    ------
    ArtifactBroken
        If published rows that would be copied differ from their checksums.
    ShapeError
        If the appended vectors have another dimension than the published ones.
    """
    plan = _plan(published, merge)
    kept = _kept_entries(published, plan.n_kept)
    tables = [] if published is None else [segment.vectors for segment in published.segments[: plan.n_kept]]
    vectors = StackedArrays([*tables, plan.written.vectors], dtype=np.float32)
    kind = index_kind(len(vectors))
    beside: dict[str, Path] = {}
    index_entry = _current_index(published, kind, n_rows=len(vectors)) if plan.keeps_rows else None
    if index_entry is not None:
        kept["index"] = index_entry
    elif kind != "flat":
        extended = published if plan.keeps_rows and _has_index(published, kind) else None
        beside["index"] = folder / f"index-{uuid.uuid4().hex[:12]}.faiss"
        write_index(_built_index(vectors, kind, extended=extended), beside["index"])
    ids = PaperIds.of(plan.written.ids)
    extra = {"index": kind, "layout": LAYOUT, "dim": vectors.shape[1], "n_alive": int(plan.alive.sum())}
    if state is None and published is not None:
        state = published.manifest.extra.get("state")
    if state is not None:
        extra["state"] = dict(state)
    model, model_hash = identity
    write_artifact(
        folder,
        Manifest(kind=KIND, model=model, model_hash=model_hash, versions=_versions(), extra=extra),
        arrays={**plan.written.arrays(ids, plan.n_kept), "alive": plan.alive},
        texts={segment_name("ids", plan.n_kept): bytes(ids.text).decode("utf-8")},
        beside=beside,
        kept=kept,
    )


def _plan(published: VectorIndex | None, merge: Merge) -> _Plan:
    appended = merge.appended
    if published is None:
        vectors = appended.vectors if len(appended) else appended.vectors.reshape(0, 1)
        return _Plan(0, _rounded(vectors, appended), np.ones(len(appended), dtype=bool), keeps_rows=False)
    if len(appended) and appended.vectors.shape[1] != published.dim:
        raise ShapeError(
            f"The vectors have dimension {published.dim}, the encoder now returns {appended.vectors.shape[1]}."
        )
    has_many_dead = int((~merge.alive).sum()) > DEAD_SHARE * len(merge.alive)
    keeps_rows = not published.has_old_layout and not has_many_dead
    sizes = [len(segment) for segment in published.segments]
    n_kept = kept_segments(sizes, len(appended)) if keeps_rows else 0
    _check_copied(published, n_kept)
    n_before = sum(sizes[:n_kept])
    copied = np.arange(n_before, len(merge.alive)) if keeps_rows else np.flatnonzero(merge.alive)
    joined = NewRows(
        vectors=_copied_vectors(published, copied, appended.vectors.reshape(-1, published.dim)),
        hashes=np.concatenate([published.hashes[copied], appended.hashes]),
        ids=published.ids_of(copied) + list(appended.ids),
    )
    before = merge.alive if keeps_rows else merge.alive[copied]
    return _Plan(n_kept, joined, np.concatenate([before, np.ones(len(appended), dtype=bool)]), keeps_rows)


def _rounded(vectors: AnyArray, rows: NewRows) -> NewRows:
    return NewRows(vectors.astype(ROWS_DTYPE), rows.hashes, rows.ids)


def _copied_vectors(published: VectorIndex, copied: AnyArray, appended: AnyArray) -> AnyArray:
    """Published rows and appended ones after them, float16; in blocks, because float32 takes twice the memory."""
    joined = np.empty((len(copied) + len(appended), published.dim), dtype=ROWS_DTYPE)
    for start in range(0, len(copied), BLOCK_ROWS):
        block = copied[start : start + BLOCK_ROWS]
        joined[start : start + len(block)] = published.vectors[block]
    joined[len(copied) :] = appended
    return joined


def _kept_entries(published: VectorIndex | None, n_kept: int) -> dict[str, Mapping[str, Any]]:
    """The manifest's entries of the segments that stay."""
    if published is None:
        return {}
    return {
        segment_name(name, number): entry
        for number, segment in enumerate(published.segments[:n_kept])
        for name, entry in segment.entries.items()
    }


def _check_copied(published: VectorIndex, n_kept: int) -> None:
    """Compare large files whose rows are copied with their checksums; smaller ones were compared when opened."""
    files = published.manifest.files
    copied = {file for segment in published.segments[n_kept:] for file in segment.files}
    _check(published, [name for name, entry in files.items() if entry["file"] in copied])


def _check(published: VectorIndex, names: Sequence[str]) -> None:
    files = published.manifest.files
    large = [name for name in names if int(files[name]["bytes"]) > VERIFIED_WHEN_OPENED_BYTES]
    damaged = published.artifact.damaged_files(names=large)
    if damaged:
        raise ArtifactBroken(f"changed or missing: {', '.join(damaged)}")


def _has_index(published: VectorIndex | None, kind: str) -> bool:
    return published is not None and published.n_indexed > 0 and published.manifest.extra["index"] == kind


def _current_index(published: VectorIndex | None, kind: str, *, n_rows: int) -> Mapping[str, Any] | None:
    """The manifest's entry of the index, if the rows beyond it are few enough to be searched exactly."""
    if published is None or not _has_index(published, kind) or n_rows - published.n_indexed > FLAT_ROWS:
        return None
    return published.manifest.files["index"]


def _built_index(vectors: StackedArrays, kind: str, *, extended: VectorIndex | None) -> Any:
    """An index over all rows: the published one with the rows beyond it, or a new one."""
    if extended is None:
        return build_index(vectors, kind=kind)
    _check(extended, ["index"])
    index = read_index(extended.folder / str(extended.manifest.files["index"]["file"]))
    add_rows(index, vectors, start=int(index.ntotal))
    return index


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"faiss-cpu": version("faiss-cpu"), "numpy": np.__version__}
