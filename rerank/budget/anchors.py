"""Anchor scores: a few queries against many papers, computed once and kept.

The matrix is filled tile by tile into a file whose empty cells are NaN, so a run that was stopped, killed or cut off
from power goes on where the cells are empty. Scores of texts that did not change are taken over from the previous
build. Dense (every paper) or sparse (some papers for each query): a sparse job names its columns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Bytes, Columns, Int32s, Scores
from rerank.artifacts import (
    Artifact,
    Manifest,
    build_lock,
    content_hashes,
    read_artifact,
    replace_text,
    write_artifact,
)
from rerank.budget.tiles import AnchorJob, Progress, TileScorer, fill_tiles
from rerank.errors import ArtifactBroken, ArtifactMissing, ModelMismatch, ShapeError
from rerank.stopping import Stop, never_stop

KIND = "anchors"
_WORK = "work"


@dataclass(frozen=True)
class AnchorScores:
    """A finished build: ``scores[q, j]`` belongs to the text ``items[q, j]``, or to text `j` if ``items`` is None."""

    queries: list[str]
    scores: Scores
    items: Int32s | None
    text_hashes: Bytes
    max_tokens: int

    def dense(self, *, columns: Columns | None = None) -> Scores:
        """Scores as (n_queries, n_texts) with NaN where nothing was scored; `columns` picks and orders texts (-1:
        NaN)."""
        n_texts = len(self.text_hashes)
        if self.items is None:
            full = np.asarray(self.scores)
        else:
            full = np.full((len(self.scores), n_texts), np.nan, dtype=np.float32)
            np.put_along_axis(full, self.items.astype(np.int64), self.scores, axis=1)
        if columns is None:
            return full
        padded = np.concatenate([full, np.full((len(full), 1), np.nan, dtype=np.float32)], axis=1)
        return padded[:, columns]  # column -1 is the NaN one


def build_anchors(
    scorers: Sequence[TileScorer],
    job: AnchorJob,
    *,
    folder: Path,
    stop: Stop = never_stop,
    progress: Callable[[Progress], None] | None = None,
) -> AnchorScores | None:
    """Score the job and publish it in `folder`; None if it was stopped, to be called again.

    Parameters
    ----------
    scorers
        One for each device, all of the same weights.

    Raises
    ------
    ModelMismatch
        If the scorers do not share their weights.
    BuildRunning
        If another process builds there.
    ScoresNotFinite
        If the model answers NaN.
    """
    first = scorers[0]
    for other in scorers[1:]:
        if (other.model_hash, other.max_tokens) != (first.model_hash, first.max_tokens):
            raise ModelMismatch(
                f"Tiles of one matrix want one model, got {first.name!r} and {other.name!r}"
                f" with {first.max_tokens} and {other.max_tokens} tokens.",
                found=other.model_hash,
                wanted=first.model_hash,
            )
    _check(job)
    with build_lock(folder):
        partial = _open_partial(folder, job, first)
        if not fill_tiles(scorers, job, partial, stop=stop, progress=progress):
            return None
        hashes = content_hashes(job.texts)
        arrays: dict[str, AnyArray] = {"scores": np.asarray(partial), "text_hashes": hashes}
        if job.items is not None:
            arrays["items"] = job.items.astype(np.int32)
        manifest = Manifest(
            kind=KIND,
            model=first.name,
            model_hash=first.model_hash,
            versions={"numpy": np.__version__},
            extra={
                "n_queries": len(job.queries),
                "n_texts": len(job.texts),
                "sparse": job.items is not None,
                "max_tokens": first.max_tokens,
            },
        )
        write_artifact(folder, manifest, arrays=arrays, texts={"queries": json.dumps(list(job.queries))})
        for leftover in (folder / _WORK).iterdir():
            leftover.unlink()
    return load_anchors(folder, model_hash=first.model_hash, model=first.name)


def load_anchors(folder: Path, *, model_hash: str | None = None, model: str = "") -> AnchorScores:
    """A finished build, memory-mapped; raises as :func:`rerank.artifacts.read_artifact` does."""
    found = read_artifact(folder, _read, kind=KIND, model_hash=model_hash, model=model)
    if found.scores.shape[0] != len(found.queries) or not np.isfinite(found.scores).all():
        raise ArtifactBroken(f"{folder} has scores that are missing or do not belong to its queries; build it again.")
    return found


def _read(artifact: Artifact) -> AnchorScores:
    return AnchorScores(
        queries=json.loads(artifact.text("queries")),
        scores=artifact.array("scores"),
        items=artifact.array("items") if artifact.manifest.extra.get("sparse") else None,
        text_hashes=artifact.array("text_hashes"),
        max_tokens=int(artifact.manifest.extra["max_tokens"]),
    )


def _check(job: AnchorJob) -> None:
    if not job.queries or not job.texts:
        raise ShapeError(f"An anchor matrix wants queries and texts, got {len(job.queries)} and {len(job.texts)}.")
    if job.items is not None and (len(job.items) != len(job.queries) or job.items.max() >= len(job.texts)):
        raise ShapeError(f"Columns of shape {job.items.shape} do not fit {len(job.queries)} queries.")


def _open_partial(folder: Path, job: AnchorJob, scorer: TileScorer) -> Scores:
    """The matrix being filled, mapped for writing: the one of an interrupted run of the same job, or a new one."""
    work = folder / _WORK
    work.mkdir(exist_ok=True)
    path, note = work / "scores.npy", work / "job.json"
    described = {
        "job": _job_hash(job),
        "model_hash": scorer.model_hash,
        "max_tokens": scorer.max_tokens,
        "shape": list(job.shape),
    }
    try:
        if json.loads(note.read_text(encoding="utf-8")) == described:
            mapped: Scores = np.load(path, mmap_mode="r+", allow_pickle=False)
            if mapped.shape == job.shape:
                return mapped
    except (OSError, ValueError):
        pass  # nothing there, or cut off while it was laid out: begin anew
    note.unlink(missing_ok=True)
    fresh = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=job.shape)
    fresh[:] = _known_scores(folder, job, scorer)
    fresh.flush()
    replace_text(note, json.dumps(described))
    return fresh


def _known_scores(folder: Path, job: AnchorJob, scorer: TileScorer) -> Scores:
    """What the previous build already says about this job, NaN elsewhere."""
    empty = np.full(job.shape, np.nan, dtype=np.float32)
    try:
        before = load_anchors(folder, model_hash=scorer.model_hash, model=scorer.name)
    except (ArtifactMissing, ArtifactBroken, ModelMismatch):
        return empty
    if before.max_tokens != scorer.max_tokens:
        return empty
    row_of = {text: row for row, text in enumerate(before.queries)}
    column_of = {bytes(digest): column for column, digest in enumerate(before.text_hashes)}
    columns = np.array([column_of.get(bytes(digest), -1) for digest in content_hashes(job.texts)])
    old = before.dense(columns=columns)  # (n_old_queries, n_texts)
    for row, query in enumerate(job.queries):
        if query in row_of:
            known = old[row_of[query]]
            empty[row] = known if job.items is None else known[job.items[row]]
    return empty


def _job_hash(job: AnchorJob) -> str:
    digest = hashlib.sha256(json.dumps(list(job.queries)).encode())
    digest.update(content_hashes(job.texts).tobytes())
    if job.items is not None:
        digest.update(np.ascontiguousarray(job.items, dtype=np.int32).tobytes())
    return digest.hexdigest()
