"""Nearest rows of a table by correlation: papers whose anchor residuals vary together.

:class:`RowCorrelations` subtracts the column means and computes the norms once, when it is made; a request is one
matrix-vector product.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rerank.arrays import Float32s, Floats, Rows
from rerank.evaluation import top_rows

MAX_TABLE_BYTES = 256 * 2**20  # about a million papers with 64 anchor queries
BLOCK_ROWS = 65_536  # of a table that is too large to stay in memory


class RowCorrelations:
    """Cosines between the rows of a table after its column means are subtracted.

    Parameters
    ----------
    table : floats, shape (n_rows, n_columns)
        May be memory-mapped.
    max_bytes
        Bound of the memory used. Up to it, the centred table stays in memory in float32: ``4 · n_rows · n_columns``
        bytes, 25 MB for 98,470 papers and 64 anchor queries. Above it, only means and norms stay, and each request
        reads the table again, in blocks of :data:`BLOCK_ROWS` rows.

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 0.0], [-3.0, 0.0]])
    >>> [part.tolist() for part in RowCorrelations(table).nearest(0, depth=2)]
    [[1], [1.0]]
    """

    def __init__(self, table: Floats, *, max_bytes: int = MAX_TABLE_BYTES) -> None:
        self._table = table
        self._centred: Float32s | None = None
        if 4 * table.size <= max_bytes:
            rows = np.asarray(table, dtype=np.float32)
            self._mean = rows.mean(axis=0)  # (n_columns,)
            self._centred = rows - self._mean
            self._norms = np.linalg.norm(self._centred, axis=1)  # (n_rows,)
        else:
            self._mean = np.mean(table, axis=0, dtype=np.float64).astype(np.float32)
            self._norms = np.concatenate([np.linalg.norm(block, axis=1) for block in self._blocks()])

    def nearest(self, row: int, *, depth: int) -> tuple[Rows, Float32s]:
        """The rows that correlate most with a row, and their correlations, highest first.

        Rows that do not correlate positively are left out, and so is the row itself.
        """
        own = self._rows(slice(row, row + 1))[0]  # (n_columns,)
        products = np.concatenate([block @ own for block in self._blocks()])  # (n_rows,)
        correlations = products / np.maximum(self._norms * np.linalg.norm(own), 1e-9)
        correlations[row] = -1.0
        best = top_rows(correlations, k=depth)
        best = best[correlations[best] > 0]
        return best, correlations[best]

    def _rows(self, part: slice) -> Float32s:
        if self._centred is not None:
            return self._centred[part]
        centred: Float32s = np.asarray(self._table[part], dtype=np.float32) - self._mean
        return centred

    def _blocks(self) -> Iterator[Float32s]:
        """The centred table: whole if it is in memory, else block by block."""
        step = BLOCK_ROWS if self._centred is None else len(self._table)
        for start in range(0, len(self._table), step):
            yield self._rows(slice(start, start + step))
