"""Nearest-neighbour search over a folder of vectors. FAISS is imported in this module only.

A folder of vectors is an artifact (:mod:`rerank.artifacts`) that holds the vectors, their document ids, the hash of
each text, which rows are alive, and a FAISS index over all rows. Rows are only appended: a replaced or removed paper
leaves a dead row until :mod:`rerank.vectors.vector_store` writes the folder anew. Searches skip dead rows and accept a
filter.

The kind of index depends on the number of rows (recall and time: bench/ranking/bench_rerank_cost.py). Up to 20,000
rows, exact inner products; up to two million, a navigable graph (HNSW, Malkov & Yashunin 2018); above that, inverted
lists with product quantisation (Jégou et al. 2011), whose candidates are rescored with the vectors.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Bytes, Mask, Rows, Scores, Vectors
from rerank.artifacts import Artifact, open_artifact, read_artifact
from rerank.errors import ArtifactBroken, ShapeError

logger = logging.getLogger(__name__)


KIND = "vectors"
FLAT_ROWS = 20_000  # exact search over so many takes 4 ms
GRAPH_ROWS = 2_000_000  # graph and vectors take about 4 GB
GRAPH_LINKS = 32  # links of a node (HNSW's M)
GRAPH_BUILD_DEPTH = 80  # efConstruction
GRAPH_SEARCH_DEPTH = 256  # efSearch; recall@100 is .99 at 100,000 rows, and .976 with 128
PQ_BYTES = 48  # of a quantised vector, at most
REFINE = 8  # candidates per hit that are rescored after quantisation
EXACT_SHARE = 0.05  # if a filter allows a smaller share of the rows, exact search over them is faster than the graph


@dataclass(frozen=True)
class VectorHits:
    """Neighbours of several queries, best first; padded with row −1 and score −inf if there are fewer."""

    rows: Rows  # (n_queries, top_k)
    scores: Scores  # (n_queries, top_k)


class VectorIndex:
    """An opened folder of vectors: immutable, and safe to share between threads. Made by :func:`open_vectors`."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.folder = artifact.folder
        self.manifest = artifact.manifest
        self.vectors: Vectors = artifact.array("vectors")
        self.hashes: Bytes = artifact.array("hashes")
        self.alive: Mask = artifact.array("alive", mmap=False)
        self.ids = artifact.text("ids").split("\n")[: len(self.vectors)]
        self.row_of = {doc_id: row for row, doc_id in enumerate(self.ids) if self.alive[row]}
        self._index = _map_index(artifact.path("index", content="index"))
        if not len(self.ids) == len(self.vectors) == len(self.alive) == self._index.ntotal:
            raise ArtifactBroken(f"In {self.folder}, ids, vectors and index differ in length; build it again.")

    def __len__(self) -> int:
        return len(self.row_of)

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return int(self.vectors.shape[1])

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
        selected = self.alive if allowed is None else self.alive & allowed
        n_selected = int(selected.sum())
        if n_selected == 0 or not len(queries):
            return _no_hits(len(queries), top_k)
        if n_selected < EXACT_SHARE * len(selected) or self.manifest.extra["index"] == "flat":
            return exact_search(self.vectors, queries, top_k=top_k, rows=np.flatnonzero(selected))
        selector = None if n_selected == len(selected) else selected
        return _search(self._index, self.vectors, queries, top_k=top_k, selected=selector)

    def vector(self, doc_id: str) -> Vectors | None:
        """The vector of a paper, shape (dim,); None if it has none."""
        row = self.row_of.get(doc_id)
        return None if row is None else np.array(self.vectors[row])

    def ids_of(self, rows: Rows) -> list[str]:
        """Document ids of rows, as returned by :meth:`search`; the padding −1 is skipped."""
        return [self.ids[row] for row in rows if row >= 0]


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
    """Open a folder again after its manifest changed; keeps the opened files if they are still the current ones.

    Raises as :func:`open_vectors` does.
    """
    if opened is not None:
        artifact = open_artifact(folder, kind=KIND, model_hash=model_hash)
        if artifact.manifest.files == opened.manifest.files:
            unchanged = copy(opened)
            unchanged.artifact, unchanged.manifest = artifact, artifact.manifest
            return unchanged
    return open_vectors(folder, model_hash=model_hash)


def exact_search(vectors: Vectors, queries: Vectors, *, top_k: int, rows: Rows | None = None) -> VectorHits:
    """Search by all inner products with `rows` (None: all rows)."""
    candidates = vectors if rows is None else vectors[rows]
    scores = queries @ candidates.T  # (n_queries, n_candidates)
    k = min(top_k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]  # (n_queries, k), unordered
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    hits = _no_hits(len(queries), top_k)
    hits.scores[:, :k] = np.take_along_axis(scores, best, axis=1)
    hits.rows[:, :k] = best if rows is None else rows[best]
    return hits


def index_kind(n_rows: int) -> str:
    """The kind of index for a number of rows.

    >>> [index_kind(n) for n in (2_000, 98_000, 5_000_000)]
    ['flat', 'hnsw', 'ivfpq']
    """
    if n_rows <= FLAT_ROWS:
        return "flat"
    return "hnsw" if n_rows <= GRAPH_ROWS else "ivfpq"


def build_index(vectors: Vectors, *, kind: str | None = None, seed: int = 0) -> Any:
    """Build a FAISS index over all rows.

    Parameters
    ----------
    kind
        One of :func:`index_kind`, or ``half``: exact inner products of vectors rounded to bf16, which halves the memory
        traffic. It serves the factors of a CUR decomposition, whose inner products are approximate scores: 1.5 ms for
        100,000 papers and 128 anchors, against 4 ms in fp32.
    seed
        Of the sample that ``ivfpq`` is trained on.

    Raises
    ------
    ShapeError
        For an unknown kind.
    """
    import faiss

    n_rows, dim = vectors.shape
    kind = kind or index_kind(n_rows)
    index: Any
    if kind == "flat":
        index = faiss.IndexFlatIP(dim)
    elif kind == "half":
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_bf16, faiss.METRIC_INNER_PRODUCT)
    elif kind == "hnsw":
        index = faiss.IndexHNSWFlat(dim, GRAPH_LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = GRAPH_BUILD_DEPTH
        index.hnsw.efSearch = GRAPH_SEARCH_DEPTH
    elif kind == "ivfpq":
        n_lists = int(4 * np.sqrt(n_rows))
        # "np" disables polysemous training, which takes most of the time and is not used here.
        index = faiss.index_factory(dim, f"IVF{n_lists},PQ{_pq_bytes(dim)}np", faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(seed).choice(n_rows, size=min(n_rows, 50 * n_lists), replace=False)
        index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
        index.nprobe = max(8, n_lists // 16)
    else:
        raise ShapeError(f"There is no index of the kind {kind!r}; known are flat, half, hnsw and ivfpq.")
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def read_index(path: Path) -> Any:
    """Read an index into memory, so that vectors can be added."""
    import faiss

    return faiss.read_index(str(path))


def write_index(index: Any, path: Path) -> None:
    """Write an index to a file. Raises OSError where the disk is full or may not be written."""
    import faiss

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as exc:
        path.unlink(missing_ok=True)
        raise OSError(errno.EIO, str(exc).splitlines()[0], str(path)) from exc


def _map_index(path: Path) -> Any:
    """Memory-map an index read-only."""
    import faiss

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as exc:
        raise ArtifactBroken(f"{path} is not a readable index ({str(exc).splitlines()[0]}); build it again.") from exc


def _search(index: Any, vectors: Vectors, queries: Vectors, *, top_k: int, selected: Mask | None) -> VectorHits:
    """Search a graph or inverted lists; `selected` filters the rows."""
    import faiss

    untyped: Any = faiss  # the stubs lack the names of search parameters and the array overloads
    is_graph = isinstance(index, faiss.IndexHNSW)
    bits = None if selected is None else np.packbits(selected, bitorder="little")
    options: dict[str, Any] = {} if bits is None else {"sel": untyped.IDSelectorBitmap(bits)}
    if is_graph:
        parameters = untyped.SearchParametersHNSW(efSearch=max(GRAPH_SEARCH_DEPTH, 2 * top_k), **options)
    else:
        parameters = untyped.SearchParametersIVF(nprobe=index.nprobe, **options)
    depth = min(top_k if is_graph else REFINE * top_k, index.ntotal)
    scores, rows = index.search(np.ascontiguousarray(queries, dtype=np.float32), depth, params=parameters)
    if not is_graph:
        rows, scores = _rescored(vectors, queries, rows)
    hits = _no_hits(len(queries), top_k)
    n_columns = min(top_k, rows.shape[1])
    hits.rows[:, :n_columns] = rows[:, :n_columns]
    hits.scores[:, :n_columns] = np.where(rows[:, :n_columns] >= 0, scores[:, :n_columns], -np.inf)
    return hits


def _rescored(vectors: Vectors, queries: Vectors, rows: Rows) -> tuple[Rows, Scores]:
    """Candidate rows (n_queries, n_candidates) ordered by their exact inner products; the padding −1 last."""
    exact = np.einsum("qkd,qd->qk", vectors[np.maximum(rows, 0)], queries)
    exact = np.where(rows >= 0, exact, -np.inf).astype(np.float32)
    order = np.argsort(-exact, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(exact, order, axis=1)


def _no_hits(n_queries: int, top_k: int) -> VectorHits:
    return VectorHits(
        rows=np.full((n_queries, top_k), -1, dtype=np.int64),
        scores=np.full((n_queries, top_k), -np.inf, dtype=np.float32),
    )


def _pq_bytes(dim: int) -> int:
    """The largest divisor of the dimension that is at most :data:`PQ_BYTES`."""
    return max(size for size in range(1, PQ_BYTES + 1) if dim % size == 0)


def check_ids(ids: Sequence[str]) -> None:
    """Check that ids are unique and contain no line break.

    Raises
    ------
    ShapeError
        If not.
    """
    if len(set(ids)) != len(ids) or any("\n" in doc_id for doc_id in ids):
        raise ShapeError("Document ids must be unique and contain no line breaks.")
