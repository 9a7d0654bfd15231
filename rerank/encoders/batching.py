"""Batches of a given number of tokens, and a fallback for batches that do not fit into memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rerank.arrays import Rows

logger = logging.getLogger(__name__)


def plan_batches(lengths: Rows, *, batch_tokens: int, max_rows: int = 4096) -> list[Rows]:
    """Divide rows into batches of about `batch_tokens` padded tokens, longest first: the memory peak comes first.

    >>> [batch.tolist() for batch in plan_batches(np.array([4, 8, 8, 3, 1]), batch_tokens=16)]
    [[1, 2], [0, 3, 4]]
    """
    order = np.argsort(-lengths, kind="stable")
    batches: list[Rows] = []
    start = 0
    while start < len(order):
        width = max(1, int(lengths[order[start]]))
        n_rows = min(max(1, batch_tokens // width), max_rows)
        batches.append(order[start : start + n_rows])
        start += n_rows
    return batches


def run_halving(
    batches: list[Rows], forward: Callable[[Rows], Any], *, is_out_of_memory: Callable[[BaseException], bool]
) -> Iterator[tuple[Rows, Any]]:
    """Run `forward` on each batch. After a batch that does not fit into memory, batches are limited to half its rows.

    Raises
    ------
    Exception
        What `forward` raised, if a single row does not fit, or the cause is not the memory.
    """
    pending = list(reversed(batches))
    max_rows: int | None = None
    while pending:
        rows = pending.pop()
        if max_rows is not None and len(rows) > max_rows:
            pending.extend(reversed(_split(rows, max_rows)))
            continue
        try:
            output = forward(rows)
        except Exception as exc:
            if len(rows) == 1 or not is_out_of_memory(exc):
                raise
            max_rows = -(-len(rows) // 2)
            logger.warning("Out of memory with %d rows in a batch; continuing with %d.", len(rows), max_rows)
            pending.append(rows)
        else:
            yield rows, output


def _split(rows: Rows, n_rows: int) -> list[Rows]:
    return [rows[start : start + n_rows] for start in range(0, len(rows), n_rows)]
