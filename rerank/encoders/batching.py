"""Batches by token budget, and what to do when one does not fit into memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rerank.arrays import Rows

logger = logging.getLogger(__name__)


def plan_batches(lengths: Rows, *, batch_tokens: int, max_rows: int = 4096) -> list[Rows]:
    """Rows in batches of about `batch_tokens` padded tokens, longest first so that the peak of memory comes first.

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
    """Run each batch; one that does not fit is halved, and so are those after it.

    Raises
    ------
    BaseException
        What `forward` raised, if a single row does not fit or it was not about memory.
    """
    waiting = list(reversed(batches))
    most_rows: int | None = None
    while waiting:
        rows = waiting.pop()
        if most_rows is not None and len(rows) > most_rows:
            waiting.extend(reversed(_split(rows, most_rows)))
            continue
        try:
            answer = forward(rows)
        except Exception as exc:
            if len(rows) == 1 or not is_out_of_memory(exc):
                raise
            most_rows = -(-len(rows) // 2)
            logger.warning("Out of memory with %d rows in a batch; going on with %d.", len(rows), most_rows)
            waiting.append(rows)
        else:
            yield rows, answer


def _split(rows: Rows, n_rows: int) -> list[Rows]:
    return [rows[at : at + n_rows] for at in range(0, len(rows), n_rows)]
