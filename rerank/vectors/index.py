"""Nearest-neighbour search over a folder of vectors. Start at :func:`open_vectors`.

A folder of vectors is an artifact (:mod:`rerank.artifacts`) that holds the vectors, their document ids and the hash of
each text in segments (:mod:`rerank.vectors.segments`), which rows are alive, and above 20,000 rows an approximate index
(:mod:`rerank.vectors.neighbour_index`) over the first rows. The rows after those, 20,000 at most, are searched exactly,
so that an update need not write the index anew. All candidates are rescored with the stored vectors.

Rows are only appended: a replaced or removed paper leaves a dead row until :mod:`rerank.vectors.vector_store` writes
the folder anew. Searches skip dead rows and accept a filter. All large files are memory-mapped: processes share them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import AnyArray, Mask, Rows, Scores, Vectors
from rerank.artifacts import Artifact, Manifest, open_artifact, read_artifact
from rerank.errors import ArtifactBroken, ShapeError
from rerank.vectors.neighbour_index import build_index, map_index, pack_mask, search_index
from rerank.vectors.paper_ids import id_hashes
from rerank.vectors.segments import Segment, StackedArrays, find_rows, open_segments

KIND = "vectors"
LAYOUT = 2  # version of the files; 1 had float32 vectors in one segment, and an index over all rows
EXACT_SHARE = 0.05  # if a filter allows a smaller share of the rows, exact search over them is faster than the graph


@dataclass(frozen=True)
class VectorHits:
    """Neighbours of several queries, best first; padded with row −1 and score −inf if there are fewer."""

    rows: Rows  # (n_queries, top_k)
    scores: Scores  # (n_queries, top_k)


class VectorIndex:
    """An opened folder of vectors: immutable, and safe to share between threads. Made by :func:`open_vectors`.

    Attributes
    ----------
    vectors : float32 (n_rows, dim) when rows are taken from it
    hashes : uint8 (n_rows, 16), of the texts
    alive : bool (n_rows,)
    n_indexed : how many of the first rows the approximate index covers
    """

    def __init__(self, artifact: Artifact, *, opened: VectorIndex | None = None) -> None:
        self.artifact = artifact
        self.folder = artifact.folder
        self.manifest = artifact.manifest
        self.segments: list[Segment] = open_segments(artifact, opened=opened.segments if opened else ())
        self.vectors = StackedArrays([segment.vectors for segment in self.segments], dtype=np.float32)
        self.hashes = StackedArrays([segment.hashes for segment in self.segments], dtype=np.uint8)
        self.alive: Mask = artifact.array("alive", mmap=False)
        self._n_alive = int(self.alive.sum())
        self._index = _open_index(artifact, opened)
        self.n_indexed = 0 if self._index is None else int(self._index.ntotal)
        if len(self.alive) != len(self.vectors) or self.n_indexed > len(self.alive):
            raise ArtifactBroken(f"In {self.folder}, vectors and index differ in length; build it again.")
        self._selected = self._bits(self.alive) if self._n_alive < len(self.alive) else (None, None)

    def __len__(self) -> int:
        return self._n_alive

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return self.vectors.shape[1]

    @property
    def has_old_layout(self) -> bool:
        """Whether an older version wrote the folder; the next update converts it without embedding a text again."""
        return layout_of(self.manifest) < LAYOUT

    def search(self, queries: Vectors, *, top_k: int, allowed: Mask | None = None) -> VectorHits:
        """The rows with the largest inner products with each query.

        Parameters
        ----------
        queries : float32, shape (n_queries, dim)
            Unit vectors, so that inner products are cosines.
        allowed : bool, shape (n_rows,)
            Filter. Dead rows are never returned.

        Raises
        ------
        ShapeError
            If the queries have another dimension.
        """
        if queries.ndim != 2 or queries.shape[1] != self.dim:
            raise ShapeError(f"Expected queries of dimension {self.dim} (n_queries, dim), got shape {queries.shape}.")
        bits = self._selected
        n_selected = self._n_alive
        if allowed is not None:
            selected = self.alive & allowed
            n_selected = int(selected.sum())
            if 0 < n_selected < EXACT_SHARE * len(selected):
                return exact_search(self.vectors, queries, top_k=top_k, rows=np.flatnonzero(selected))
            bits = self._bits(selected)
        if n_selected == 0 or not len(queries):
            return _no_hits(len(queries), top_k)
        candidates = []
        if self.n_indexed:
            candidates.append(search_index(self._index, queries, top_k=top_k, selected=bits[0]))
        if self.n_indexed < len(self.alive):
            rows = search_index(self._rest, queries, top_k=top_k, selected=bits[1])
            candidates.append(np.where(rows >= 0, rows + self.n_indexed, -1))
        return _best(self.vectors, queries, np.concatenate(candidates, axis=1), top_k=top_k)

    def vector(self, doc_id: str) -> Vectors | None:
        """The vector of a paper, shape (dim,); None if it has none."""
        row = int(self.rows_of([doc_id])[0])
        return None if row < 0 else self.vectors[row]

    def rows_of(self, doc_ids: Sequence[str]) -> Rows:
        """The row of each paper, shape (n_ids,); −1 for a paper that has no vector."""
        return find_rows(self.segments, id_hashes(doc_ids), self.alive)

    def ids_of(self, rows: Rows) -> list[str]:
        """Document ids of rows, as returned by :meth:`search`; the padding −1 is skipped."""
        rows = rows[rows >= 0]
        if len(self.segments) == 1:
            return self.segments[0].ids.of_rows(rows)
        ids = [""] * len(rows)
        start = 0
        for segment in self.segments:
            here = np.flatnonzero((rows >= start) & (rows < start + len(segment)))
            for place, doc_id in zip(here.tolist(), segment.ids.of_rows(rows[here] - start), strict=True):
                ids[place] = doc_id
            start += len(segment)
        return ids

    def ids(self) -> list[str]:
        """The ids of all papers that have a vector."""
        return self.ids_of(np.flatnonzero(self.alive))

    def vectors_of_texts(self, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors of those texts that have one, or had one, by content hash."""
        wanted = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 16)
        heads = np.unique(np.ascontiguousarray(wanted[:, :8]).view(np.uint64)[:, 0])
        rows = np.flatnonzero(np.concatenate([_among(segment.hashes, heads) for segment in self.segments]))
        stored = map(bytes, self.hashes[rows])
        asked = set(digests)
        return {key: vector for key, vector in zip(stored, self.vectors[rows], strict=True) if key in asked}

    @functools.cached_property
    def _rest(self) -> Any:
        """The rows that the approximate index does not cover."""
        return build_index(self.vectors[self.n_indexed :], kind="flat")

    def _bits(self, selected: Mask) -> tuple[Any, Any]:
        """A filter for the index and for the rest of the rows."""
        return pack_mask(selected[: self.n_indexed]), pack_mask(selected[self.n_indexed :])


def open_vectors(
    folder: Path, *, model_hash: str | None = None, model: str = "", dim: int | None = None
) -> VectorIndex:
    """Open a folder of vectors of the encoder in use.

    Raises
    ------
    ArtifactMissing, ArtifactBroken, ModelMismatch
        As :func:`rerank.artifacts.read_artifact` does.
    ShapeError
        If `dim` is given and the vectors have another dimension.
    """
    index = read_artifact(folder, VectorIndex, kind=KIND, model_hash=model_hash, model=model)
    if dim is not None and index.dim != dim:
        raise ShapeError(f"{folder} has vectors of dimension {index.dim}, expected {dim}; embed the papers again.")
    return index


def reopen_vectors(opened: VectorIndex | None, folder: Path, *, model_hash: str) -> VectorIndex:
    """Open a folder again after its manifest changed; keeps the opened files that are still current.

    Raises as :func:`open_vectors` does.
    """
    if opened is not None:
        artifact = open_artifact(folder, kind=KIND, model_hash=model_hash)
        if artifact.manifest.files == opened.manifest.files:
            unchanged = copy(opened)
            unchanged.artifact, unchanged.manifest = artifact, artifact.manifest
            return unchanged
    read = functools.partial(VectorIndex, opened=opened)
    return read_artifact(folder, read, kind=KIND, model_hash=model_hash)


def layout_of(manifest: Manifest) -> int:
    """The version of a folder's files."""
    return int(manifest.extra.get("layout", 1))


def exact_search(
    vectors: AnyArray | StackedArrays, queries: Vectors, *, top_k: int, rows: Rows | None = None
) -> VectorHits:
    """Search by all inner products with `rows` (None: all rows)."""
    candidates = vectors if rows is None else vectors[rows]
    scores = queries @ np.asarray(candidates).T  # (n_queries, n_candidates)
    k = min(top_k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]  # (n_queries, k), unordered
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    hits = _no_hits(len(queries), top_k)
    hits.scores[:, :k] = np.take_along_axis(scores, best, axis=1)
    hits.rows[:, :k] = best if rows is None else rows[best]
    return hits


def _open_index(artifact: Artifact, opened: VectorIndex | None) -> Any:
    """The approximate index; None for a folder that is searched exactly."""
    entry = artifact.manifest.files.get("index")
    if entry is None or artifact.manifest.extra["index"] == "flat":
        return None
    if opened is not None and opened.manifest.files.get("index") == entry:
        return opened._index
    return map_index(artifact.path("index", content="index"))


def _best(vectors: StackedArrays, queries: Vectors, rows: Rows, *, top_k: int) -> VectorHits:
    """The best of candidate rows (n_queries, n_candidates) by their exact inner products; the padding −1 last."""
    exact = np.einsum("qkd,qd->qk", vectors[np.maximum(rows, 0)], queries)
    exact = np.where(rows >= 0, exact, -np.inf).astype(np.float32)
    order = np.argsort(-exact, axis=1, kind="stable")[:, :top_k]
    hits = _no_hits(len(queries), top_k)
    n_columns = order.shape[1]
    hits.rows[:, :n_columns] = np.take_along_axis(rows, order, axis=1)
    hits.scores[:, :n_columns] = np.take_along_axis(exact, order, axis=1)
    return hits


def _no_hits(n_queries: int, top_k: int) -> VectorHits:
    return VectorHits(
        rows=np.full((n_queries, top_k), -1, dtype=np.int64),
        scores=np.full((n_queries, top_k), -np.inf, dtype=np.float32),
    )


def _among(hashes: AnyArray, heads: AnyArray) -> Mask:
    """Which of the hashes (n_rows, 16) begin with one of the sorted ``heads``, their first eight bytes as a number."""
    own = np.ascontiguousarray(hashes[:, :8]).view(np.uint64)[:, 0]
    if not len(heads):
        return np.zeros(len(own), dtype=bool)
    place = np.minimum(np.searchsorted(heads, own), len(heads) - 1)
    among: Mask = heads[place] == own
    return among
