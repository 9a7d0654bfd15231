"""Approximate nearest neighbours among vectors. FAISS is imported in this module only.

The kind of index depends on the number of rows (recall, bytes and time: bench/ranking/bench_vectors.py):

- up to 20,000 rows none: all inner products are computed (``flat``);
- up to five million a navigable graph (HNSW, Malkov & Yashunin 2018) over codes of four bits a dimension, 336 bytes a
  row at dimension 384;
- above that inverted lists with product quantisation (Jégou et al. 2011).

The last two return candidates, which :mod:`rerank.vectors.index` rescores with the stored vectors.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rerank.arrays import AnyArray, Bytes, Mask, Rows, Vectors
from rerank.errors import ArtifactBroken, ShapeError

FLAT_ROWS = 20_000  # exact search over so many takes 1 ms
GRAPH_ROWS = 5_000_000  # the graph takes 1.7 GB
GRAPH_LINKS = 16  # links of a node (HNSW's M), 8 bytes each
GRAPH_BUILD_DEPTH = 80  # efConstruction
GRAPH_SEARCH_DEPTH = 256  # efSearch; recall@100 is .992 at 100,000 rows, rescored
DEEP_ROWS = 300_000  # from here on the graph is searched deeper
DEEP_SEARCH_DEPTH = 640  # recall@100 is .990 at a million rows, rescored, and .986 with 512
PQ_BYTES = 48  # of a quantised vector, at most
REFINE = 8  # candidates per hit that are rescored after product quantisation
BLOCK_ROWS = 1 << 16  # rows that are converted to float32 at once


class Table(Protocol):
    """Rows of vectors that can be sliced: an array, or :class:`rerank.vectors.segments.StackedArrays`."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any) -> AnyArray: ...


def index_kind(n_rows: int) -> str:
    """The kind of index for a number of rows.

    >>> [index_kind(n) for n in (2_000, 98_000, 6_000_000)]
    ['flat', 'hnsw', 'ivfpq']
    """
    if n_rows <= FLAT_ROWS:
        return "flat"
    return "hnsw" if n_rows <= GRAPH_ROWS else "ivfpq"


def build_index(vectors: Table, *, kind: str | None = None, seed: int = 0) -> Any:
    """Build a FAISS index over all rows.

    Parameters
    ----------
    kind
        One of :func:`index_kind`, or ``half``: exact inner products of vectors rounded to bf16, which halves the memory
        traffic. It serves the factors of a CUR decomposition, whose inner products are approximate scores: 1.5 ms for
        100,000 papers and 128 anchors, against 4 ms in fp32.
    seed
        Of the sample that codes are trained on.

    Raises
    ------
    ShapeError
        For an unknown kind.
    """
    import faiss

    n_rows, dim = vectors.shape
    kind = kind or index_kind(n_rows)
    metric, types = faiss.METRIC_INNER_PRODUCT, faiss.ScalarQuantizer
    index: Any
    if kind == "flat":
        index = faiss.IndexScalarQuantizer(dim, types.QT_fp16, metric)  # as exact as the stored vectors
    elif kind == "half":
        index = faiss.IndexScalarQuantizer(dim, types.QT_bf16, metric)
    elif kind == "hnsw":
        untyped: Any = faiss  # the stubs have another type for the code
        index = untyped.IndexHNSWSQ(dim, types.QT_4bit, GRAPH_LINKS, metric)
        index.hnsw.efConstruction = GRAPH_BUILD_DEPTH
        if n_rows:
            index.train(_sample(vectors, 2 * FLAT_ROWS, seed=seed))
    elif kind == "ivfpq":
        n_lists = int(4 * np.sqrt(n_rows))
        # "np" disables polysemous training, which takes most of the time and is not used here.
        index = faiss.index_factory(dim, f"IVF{n_lists},PQ{_pq_bytes(dim)}np", metric)
        index.train(_sample(vectors, 50 * n_lists, seed=seed))
        index.nprobe = max(8, n_lists // 16)
    else:
        raise ShapeError(f"There is no index of the kind {kind!r}; known are flat, half, hnsw and ivfpq.")
    add_rows(index, vectors)
    return index


def add_rows(index: Any, vectors: Table, *, start: int = 0) -> None:
    """Add the rows from `start` on to an index, in blocks: a million vectors in float32 are 1.5 GB."""
    for block in _blocks(vectors, start=start):
        index.add(block)


def search_index(index: Any, queries: Vectors, *, top_k: int, selected: Bytes | None = None) -> Rows:
    """Candidates of each query, (n_queries, n_candidates), in no certain order; padded with −1.

    Parameters
    ----------
    top_k
        How many of the nearest rows should be among the candidates.
    selected
        Filter of the rows as :func:`pack_mask` makes it.
    """
    import faiss

    untyped: Any = faiss  # the stubs lack the names of search parameters and the array overloads
    options: dict[str, Any] = {} if selected is None else {"sel": untyped.IDSelectorBitmap(selected)}
    if isinstance(index, faiss.IndexHNSW):
        depth = max(DEEP_SEARCH_DEPTH if index.ntotal > DEEP_ROWS else GRAPH_SEARCH_DEPTH, 2 * top_k)
        parameters = untyped.SearchParametersHNSW(efSearch=depth, **options)
    elif isinstance(index, faiss.IndexIVF):
        depth = REFINE * top_k
        parameters = untyped.SearchParametersIVF(nprobe=index.nprobe, **options)
    else:
        depth = top_k
        parameters = untyped.SearchParameters(**options)
    queries = np.ascontiguousarray(queries, dtype=np.float32)
    rows: Rows = index.search(queries, min(depth, index.ntotal), params=parameters)[1]
    return rows


def pack_mask(selected: Mask) -> Bytes:
    """A filter as FAISS reads it: one bit a row."""
    return np.packbits(selected, bitorder="little")


def read_index(path: Path) -> Any:
    """Read an index into memory, so that vectors can be added. Raises ArtifactBroken."""
    return _read(path, flags=0)


def map_index(path: Path) -> Any:
    """Memory-map an index read-only: processes share its pages. Raises ArtifactBroken."""
    import faiss

    return _read(path, flags=faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)


def write_index(index: Any, path: Path) -> None:
    """Write an index to a file. Raises OSError where the disk is full or may not be written."""
    import faiss

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as exc:
        path.unlink(missing_ok=True)
        raise OSError(errno.EIO, str(exc).splitlines()[0], str(path)) from exc


def _read(path: Path, *, flags: int) -> Any:
    import faiss

    try:
        return faiss.read_index(str(path), flags)
    except RuntimeError as exc:
        raise ArtifactBroken(f"{path} is not a readable index ({str(exc).splitlines()[0]}); build it again.") from exc


def _blocks(vectors: Table, *, start: int = 0) -> Iterator[Vectors]:
    for first in range(start, len(vectors), BLOCK_ROWS):
        yield np.ascontiguousarray(vectors[first : first + BLOCK_ROWS], dtype=np.float32)


def _sample(vectors: Table, size: int, *, seed: int) -> Vectors:
    n_rows = len(vectors)
    rows = np.sort(np.random.default_rng(seed).choice(n_rows, size=min(n_rows, size), replace=False))
    return np.ascontiguousarray(vectors[rows], dtype=np.float32)


def _pq_bytes(dim: int) -> int:
    """The largest divisor of the dimension that is at most :data:`PQ_BYTES`."""
    return max(size for size in range(1, PQ_BYTES + 1) if dim % size == 0)
