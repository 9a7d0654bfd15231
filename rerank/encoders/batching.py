"""Batches of a given number of tokens, what computes them, and a fallback for those that do not fit into memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from rerank.arrays import Float32s, Rows, Vectors
from rerank.encoders.devices import Placement
from rerank.encoders.tokens import Batch, Tokenizer

logger = logging.getLogger(__name__)


class BatchModel(Protocol):
    """A model in memory, by whichever library: :class:`~rerank.encoders.onnx_model.OnnxModel` or torch's.

    Attributes
    ----------
    max_tokens
        Tokens of a text, or of a pair, that the model can read.
    dim
        Dimension of its vectors.
    """

    tokenizer: Tokenizer
    max_tokens: int
    dim: int
    placement: Placement

    def forward(self, batch: Batch) -> Any:
        """Vectors (n_rows, dim) of an encoder or logits (n_rows,) of a cross-encoder, on the model's device."""

    def fetch(self, output: Any) -> Float32s:
        """An output of :meth:`forward` as an array; waits for the device."""

    def is_out_of_memory(self, exc: BaseException) -> bool:
        """Whether an exception of :meth:`forward` means that a smaller batch may fit."""

    def word_vectors(self) -> Vectors:
        """Input embeddings, float32 (n_words, width)."""


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
