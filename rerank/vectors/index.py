"""Nearest vectors: the one file that knows FAISS.

A folder of vectors is an artifact (:mod:`rerank.artifacts`): the vectors, who they belong to, the hash of each text,
which rows are alive, and a FAISS index over all rows. Rows are only ever appended; a replaced or removed paper leaves
a dead row behind until :mod:`rerank.vectors.vector_store` rebuilds. Searches skip dead rows, and take a filter.

Kinds of index, by the number of rows (recall and time measured with bench/ranking/bench_rerank_cost.py): exact inner
products
up to 20,000; a navigable graph (HNSW, Malkov & Yashunin 2018) up to two million; above that product quantisation in
inverted lists (Jégou et al. 2011), its candidates rescored with the vectors themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rerank.arrays import Bytes, Mask, Rows, Vectors
from rerank.artifacts import Artifact, read_artifact
from rerank.errors import ArtifactBroken, ShapeError

logger = logging.getLogger(__name__)


KIND = "vectors"
FLAT_ROWS = 20_000  # exact search takes 4 ms there
GRAPH_ROWS = 2_000_000  # some 4 GB of graph and vectors
GRAPH_LINKS = 32
GRAPH_BUILD_DEPTH = 80
GRAPH_SEARCH_DEPTH = 256  # recall@100 .99 at 100,000 rows; 128 gives .976
PQ_BYTES = 48
REFINE = 8  # candidates a wanted hit, rescored exactly after quantisation
FEW = 0.05  # with so small a share of rows allowed, exact search over them is faster than skipping in the graph


@dataclass(frozen=True)
class VectorHits:
    """Neighbours of several queries; ``rows`` is −1 and ``scores`` −inf where fewer were found."""

    rows: Rows
    scores: Vectors


class VectorIndex:
    """An opened folder of vectors; immutable, shared between threads. See :func:`open_vectors`."""

    def __init__(self, artifact: Artifact) -> None:
        self.folder = artifact.folder
        self.manifest = artifact.manifest
        self.vectors: Vectors = artifact.array("vectors")
        self.hashes: Bytes = artifact.array("hashes")
        self.alive: Mask = artifact.array("alive", mmap=False)
        self.ids = artifact.text("ids").split("\n")[: len(self.vectors)]
        self.row_of = {doc_id: row for row, doc_id in enumerate(self.ids) if self.alive[row]}
        self._index = _read(artifact.path("index"))
        if not len(self.ids) == len(self.vectors) == len(self.alive) == self._index.ntotal:
            raise ArtifactBroken(f"{self.folder} has ids, vectors and an index of different lengths; build it again.")

    def __len__(self) -> int:
        return len(self.row_of)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def search(self, queries: Vectors, *, top_k: int, allowed: Mask | None = None) -> VectorHits:
        """The nearest rows of each query by inner product, best first.

        Parameters
        ----------
        queries : float32, shape (n_queries, dim)
            Unit vectors, so that products are cosines.
        allowed : bool, shape (n_rows,)
            A filter; dead rows are left out anyway.

        Raises
        ------
        ShapeError
            For vectors of another dimension.
        """
        if queries.ndim != 2 or queries.shape[1] != self.dim:
            raise ShapeError(f"Vectors of dimension {self.dim} are wanted (n_queries, dim), got shape {queries.shape}.")
        wanted = self.alive if allowed is None else self.alive & allowed
        n_wanted = int(wanted.sum())
        if n_wanted == 0 or not len(queries):
            return _empty(len(queries), top_k)
        if n_wanted < FEW * len(wanted) or self.manifest.extra["index"] == "flat":
            return exact_search(self.vectors, queries, top_k=top_k, rows=np.flatnonzero(wanted))
        selected = None if n_wanted == len(wanted) else wanted
        return _search(self._index, self.vectors, queries, top_k=top_k, wanted=selected)

    def vector(self, doc_id: str) -> Vectors | None:
        """The vector of a paper, None if it has none."""
        row = self.row_of.get(doc_id)
        return None if row is None else np.array(self.vectors[row])

    def ids_of(self, rows: Rows) -> list[str]:
        """Ids of rows, as :meth:`search` answers them; −1 is left out."""
        return [self.ids[row] for row in rows if row >= 0]


def open_vectors(
    folder: Path, *, model_hash: str | None = None, model: str = "", dim: int | None = None
) -> VectorIndex:
    """Open a folder for the encoder in use.

    Raises
    ------
    ArtifactMissing, ArtifactBroken, ModelMismatch
        As :func:`rerank.artifacts.read_artifact` says.
    ShapeError
        If `dim` is given and the vectors have another.
    """
    index = read_artifact(folder, VectorIndex, kind=KIND, model_hash=model_hash, model=model)
    if dim is not None and index.dim != dim:
        raise ShapeError(f"{folder} has vectors of dimension {index.dim}, {dim} is wanted; embed the papers again.")
    return index


def exact_search(vectors: Vectors, queries: Vectors, *, top_k: int, rows: Rows | None = None) -> VectorHits:
    """Brute force: the oracle, and what small collections use. `rows` restricts it."""
    among = vectors if rows is None else vectors[rows]
    scores = queries @ among.T  # (n_queries, n_rows)
    k = min(top_k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]  # (n_queries, k), unordered
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    hits = _empty(len(queries), top_k)
    hits.scores[:, :k] = np.take_along_axis(scores, best, axis=1)
    hits.rows[:, :k] = best if rows is None else rows[best]
    return hits


def index_kind(n_rows: int) -> str:
    """Which index suits a number of rows.

    >>> [index_kind(n) for n in (2_000, 98_000, 5_000_000)]
    ['flat', 'hnsw', 'ivfpq']
    """
    if n_rows <= FLAT_ROWS:
        return "flat"
    return "hnsw" if n_rows <= GRAPH_ROWS else "ivfpq"


def build_index(vectors: Vectors, *, kind: str | None = None, seed: int = 0) -> Any:
    """A FAISS index over all rows.

    Parameters
    ----------
    kind
        As :func:`index_kind` names them, or ``half``: exact inner products of bf16 roundings, half the memory to
        read. That suits the factors of a CUR decomposition (their columns are vectors without unit length, and the
        product is the approximate score): 1.5 ms for 100,000 papers and 128 anchors, where a product in fp32 takes 4.
    """
    import faiss

    n_rows, dim = vectors.shape
    chosen = kind or index_kind(n_rows)
    index: Any
    if chosen == "flat":
        index = faiss.IndexFlatIP(dim)
    elif chosen == "half":
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_bf16, faiss.METRIC_INNER_PRODUCT)
    elif chosen == "hnsw":
        index = faiss.IndexHNSWFlat(dim, GRAPH_LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = GRAPH_BUILD_DEPTH
        index.hnsw.efSearch = GRAPH_SEARCH_DEPTH
    elif chosen == "ivfpq":
        n_lists = int(4 * np.sqrt(n_rows))
        # "np": no polysemous training, which takes most of the time and which nothing here uses.
        index = faiss.index_factory(dim, f"IVF{n_lists},PQ{_pq_bytes(dim)}np", faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(seed).choice(n_rows, size=min(n_rows, 50 * n_lists), replace=False)
        index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
        index.nprobe = max(8, n_lists // 16)
    else:
        raise ShapeError(f"There is no index of the kind {chosen!r}; flat, half, hnsw and ivfpq are.")
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def read_index(path: Path) -> Any:
    """An index to add to: read into memory, not mapped."""
    import faiss

    return faiss.read_index(str(path))


def write_index(index: Any, path: Path) -> None:
    """Write an index where it will be published from."""
    import faiss

    faiss.write_index(index, str(path))


def _read(path: Path) -> Any:
    """Map an index read-only; pages come in as searches touch them."""
    import faiss

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as exc:
        raise ArtifactBroken(f"{path} is not a readable index ({str(exc).splitlines()[0]}); build it again.") from exc


def _search(index: Any, vectors: Vectors, queries: Vectors, *, top_k: int, wanted: Mask | None) -> VectorHits:
    import faiss

    settings: Any = faiss  # its stubs know neither the search parameters' names nor that arrays are taken
    graph = isinstance(index, faiss.IndexHNSW)
    bits = None if wanted is None else np.packbits(wanted, bitorder="little")
    options: dict[str, Any] = {} if bits is None else {"sel": settings.IDSelectorBitmap(bits)}
    if graph:
        parameters = settings.SearchParametersHNSW(efSearch=max(GRAPH_SEARCH_DEPTH, 2 * top_k), **options)
    else:
        parameters = settings.SearchParametersIVF(nprobe=index.nprobe, **options)
    depth = min(top_k if graph else REFINE * top_k, index.ntotal)
    scores, rows = index.search(np.ascontiguousarray(queries, dtype=np.float32), depth, params=parameters)
    if not graph:
        rows, scores = _refined(vectors, queries, rows)
    hits = _empty(len(queries), top_k)
    n_found = min(top_k, rows.shape[1])
    hits.rows[:, :n_found] = rows[:, :n_found]
    hits.scores[:, :n_found] = np.where(rows[:, :n_found] >= 0, scores[:, :n_found], -np.inf)
    return hits


def _refined(vectors: Vectors, queries: Vectors, rows: Rows) -> tuple[Rows, Vectors]:
    """Candidates in the order of their exact products; −1 last."""
    exact = np.einsum("qkd,qd->qk", vectors[np.maximum(rows, 0)], queries)
    exact = np.where(rows >= 0, exact, -np.inf).astype(np.float32)
    order = np.argsort(-exact, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(exact, order, axis=1)


def _empty(n_queries: int, top_k: int) -> VectorHits:
    return VectorHits(
        rows=np.full((n_queries, top_k), -1, dtype=np.int64),
        scores=np.full((n_queries, top_k), -np.inf, dtype=np.float32),
    )


def _pq_bytes(dim: int) -> int:
    """The most bytes up to :data:`PQ_BYTES` that divide the dimension."""
    return max(size for size in range(1, PQ_BYTES + 1) if dim % size == 0)


def check_ids(ids: Sequence[str]) -> None:
    """Refuse ids that come twice or hold a line break.

    Raises
    ------
    ShapeError
    """
    if len(set(ids)) != len(ids) or any("\n" in doc_id for doc_id in ids):
        raise ShapeError("Ids of vectors must be different from each other and without line breaks.")
