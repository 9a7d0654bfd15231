"""Anchor scores: a cross-encoder's scores of a few queries against many papers, computed once and stored.

The matrix is filled tile by tile into a file whose empty cells are NaN, so a run that was stopped or killed resumes at
the empty cells. Scores of unchanged texts are copied from the previous build. A job is dense (every paper for every
query) or sparse (it names the papers of each query).
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
    """A finished build: ``scores[q, j]`` is the score of text ``items[q, j]``, or of text `j` if ``items`` is None."""

    queries: list[str]
    scores: Scores
    items: Int32s | None
    text_hashes: Bytes
    max_tokens: int

    def dense(self, *, columns: Columns | None = None) -> Scores:
        """All scores, shape (n_queries, n_texts), NaN where nothing was scored.

        `columns` selects and orders the texts; -1 gives a column of NaN.
        """
        n_texts = len(self.text_hashes)
        if self.items is None:
            scores = np.asarray(self.scores)
        else:
            scores = np.full((len(self.scores), n_texts), np.nan, dtype=np.float32)
            np.put_along_axis(scores, self.items.astype(np.int64), self.scores, axis=1)
        if columns is None:
            return scores
        padded = np.concatenate([scores, np.full((len(scores), 1), np.nan, dtype=np.float32)], axis=1)
        return padded[:, columns]  # column -1 is the padding


def build_anchors(
    scorers: Sequence[TileScorer],
    job: AnchorJob,
    *,
    folder: Path,
    stop: Stop = never_stop,
    progress: Callable[[Progress], None] | None = None,
) -> AnchorScores | None:
    """Score a job and publish the scores in `folder`. None if it was stopped: call again to resume.

    Parameters
    ----------
    scorers
        One for each device, all with the same weights.

    Raises
    ------
    ModelMismatch
        If the scorers differ in weights or in maximum length.
    BuildRunning
        If another process is building in the folder.
    ScoresNotFinite
        If the model returns NaN or infinity.
    ShapeError
        If the job has no queries or texts, or its columns do not fit them.
    """
    first = scorers[0]
    _check_same_model(scorers)
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
        for path in (folder / _WORK).iterdir():
            path.unlink()
    return load_anchors(folder, model_hash=first.model_hash, model=first.name)


def load_anchors(folder: Path, *, model_hash: str | None = None, model: str = "") -> AnchorScores:
    """Memory-map a finished build. Raises as :func:`rerank.artifacts.read_artifact` does."""
    anchors = read_artifact(folder, _read, kind=KIND, model_hash=model_hash, model=model)
    if anchors.scores.shape[0] != len(anchors.queries) or not np.isfinite(anchors.scores).all():
        raise ArtifactBroken(f"{folder} has missing scores, or scores that do not fit its queries; build it again.")
    return anchors


def _read(artifact: Artifact) -> AnchorScores:
    return AnchorScores(
        queries=json.loads(artifact.text("queries")),
        scores=artifact.array("scores"),
        items=artifact.array("items") if artifact.manifest.extra.get("sparse") else None,
        text_hashes=artifact.array("text_hashes"),
        max_tokens=int(artifact.manifest.extra["max_tokens"]),
    )


def _check_same_model(scorers: Sequence[TileScorer]) -> None:
    first = scorers[0]
    for other in scorers[1:]:
        if (other.model_hash, other.max_tokens) != (first.model_hash, first.max_tokens):
            raise ModelMismatch(
                f"All scorers must have the same model and maximum length, got {first.name!r} with {first.max_tokens}"
                f" tokens and {other.name!r} with {other.max_tokens}.",
                actual=other.model_hash,
                expected=first.model_hash,
            )


def _check(job: AnchorJob) -> None:
    if not job.queries or not job.texts:
        raise ShapeError(f"An anchor job needs queries and texts, got {len(job.queries)} and {len(job.texts)}.")
    if job.items is not None and (len(job.items) != len(job.queries) or job.items.max() >= len(job.texts)):
        raise ShapeError(
            f"Columns of shape {job.items.shape} do not fit {len(job.queries)} queries and {len(job.texts)} texts."
        )


def _open_partial(folder: Path, job: AnchorJob, scorer: TileScorer) -> Scores:
    """The matrix to fill, mapped for writing: that of an interrupted run of the same job, or a new one."""
    work = folder / _WORK
    work.mkdir(exist_ok=True)
    path, job_path = work / "scores.npy", work / "job.json"
    description = {
        "job": _job_hash(job),
        "model_hash": scorer.model_hash,
        "max_tokens": scorer.max_tokens,
        "shape": list(job.shape),
    }
    try:
        if json.loads(job_path.read_text(encoding="utf-8")) == description:
            partial: Scores = np.load(path, mmap_mode="r+", allow_pickle=False)
            if partial.shape == job.shape:
                return partial
    except (OSError, ValueError):
        pass  # no interrupted run, or it ended before the file was laid out: start a new one
    job_path.unlink(missing_ok=True)
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=job.shape)
    matrix[:] = _previous_scores(folder, job, scorer)
    matrix.flush()
    replace_text(job_path, json.dumps(description))
    return matrix


def _previous_scores(folder: Path, job: AnchorJob, scorer: TileScorer) -> Scores:
    """Scores of this job that the published build contains; NaN elsewhere."""
    scores = np.full(job.shape, np.nan, dtype=np.float32)
    try:
        previous = load_anchors(folder, model_hash=scorer.model_hash, model=scorer.name)
    except (ArtifactMissing, ArtifactBroken, ModelMismatch):
        return scores
    if previous.max_tokens != scorer.max_tokens:
        return scores
    row_of = {text: row for row, text in enumerate(previous.queries)}
    column_of = {bytes(digest): column for column, digest in enumerate(previous.text_hashes)}
    columns = np.array([column_of.get(bytes(digest), -1) for digest in content_hashes(job.texts)])
    by_text = previous.dense(columns=columns)  # (n_previous_queries, n_texts)
    for row, query in enumerate(job.queries):
        if query in row_of:
            query_scores = by_text[row_of[query]]
            scores[row] = query_scores if job.items is None else query_scores[job.items[row]]
    return scores


def _job_hash(job: AnchorJob) -> str:
    digest = hashlib.sha256(json.dumps(list(job.queries)).encode())
    digest.update(content_hashes(job.texts).tobytes())
    if job.items is not None:
        digest.update(np.ascontiguousarray(job.items, dtype=np.int32).tobytes())
    return digest.hexdigest()
