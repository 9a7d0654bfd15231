"""Filling a matrix of scores tile by tile, on one or more devices. Start at :func:`fill_tiles`.

Empty cells are NaN, so the matrix itself records the remaining work.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rerank.arrays import Int32s, Rows, Scores
from rerank.encoders.tokens import TokenTable
from rerank.stopping import Stop

TILE_QUERIES = 16
TILE_ITEMS = 256  # 4,096 pairs take a CPU some seconds: a stop loses little, and progress is reported often
TILE_BATCHES = 32  # batches of a tile, at least: a GPU must not idle at the end of each tile


class TileScorer(Protocol):
    """The part of :class:`rerank.encoders.cross_encoder.CrossEncoder` that filling needs."""

    model_hash: str
    max_tokens: int  # of a pair; scores at another length are not comparable
    batch_tokens: int

    @property
    def name(self) -> str:
        """Name of the model, for messages."""

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        """Token ids of texts."""

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Rows) -> Scores:
        """Logits of (query row, text row) pairs, shape (n_pairs,)."""


@dataclass(frozen=True)
class AnchorJob:
    """Queries and the texts to score for each.

    ``items`` has shape (n_queries, n_per_query) and holds the text numbers of each query; None scores all texts.
    """

    queries: Sequence[str]
    texts: Sequence[str]
    items: Int32s | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the scores."""
        return len(self.queries), len(self.texts) if self.items is None else self.items.shape[1]


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a build, in pairs; ``eta_s`` is the estimated time left in seconds."""

    done: int
    total: int
    pairs_per_s: float
    eta_s: float


def fill_tiles(
    scorers: Sequence[TileScorer],
    job: AnchorJob,
    scores: Scores,
    *,
    stop: Stop,
    progress: Callable[[Progress], None] | None,
) -> bool:
    """Fill the empty cells, with one thread per device. True if none is left, False if it was stopped.

    Raises the first exception of a scorer.
    """
    tiles = [tile for tile in _tiles(job.shape, width=_tile_width(scorers[0])) if np.isnan(scores[tile]).any()]
    meter = _Meter(total=scores.size, remaining=sum(int(np.isnan(scores[tile]).sum()) for tile in tiles))
    pending: queue.SimpleQueue[tuple[slice, slice]] = queue.SimpleQueue()
    for tile in tiles:
        pending.put(tile)
    if not tiles:
        return True
    queries, texts = scorers[0].tokenize(job.queries), scorers[0].tokenize(job.texts)
    failures: list[Exception] = []

    def run(scorer: TileScorer) -> None:
        while not stop() and not failures:
            try:
                tile = pending.get_nowait()
            except queue.Empty:
                return
            try:
                n_new = _fill_tile(scorer, job, scores, tile, queries, texts)
            except Exception as exc:  # raised again in the caller's thread
                failures.append(exc)
                return
            meter.add(n_new, progress)

    threads = [threading.Thread(target=run, args=(scorer,), daemon=True) for scorer in scorers[1:]]
    for thread in threads:
        thread.start()
    run(scorers[0])
    for thread in threads:
        thread.join()
    if isinstance(scores, np.memmap):
        scores.flush()
    if failures:
        raise failures[0]
    return not np.isnan(scores).any()


def _fill_tile(
    scorer: TileScorer,
    job: AnchorJob,
    scores: Scores,
    tile: tuple[slice, slice],
    queries: TokenTable,
    texts: TokenTable,
) -> int:
    """Score the empty cells of one tile; returns their number."""
    block = np.array(scores[tile])  # (n_tile_queries, n_tile_items)
    rows, columns = np.nonzero(np.isnan(block))
    query = rows + tile[0].start  # (n_pairs,), as are item and text
    item = columns + tile[1].start
    text = item if job.items is None else job.items[query, item].astype(np.int64)
    block[rows, columns] = scorer.score_rows(queries, texts, np.stack([query, text], axis=1))
    scores[tile] = block
    return len(rows)


def _tile_width(scorer: TileScorer) -> int:
    return max(TILE_ITEMS, TILE_BATCHES * scorer.batch_tokens // scorer.max_tokens // TILE_QUERIES)


def _tiles(shape: tuple[int, int], *, width: int) -> Iterator[tuple[slice, slice]]:
    """Tiles column by column, so that an interrupted build has the scores of all queries for its first papers."""
    for item in range(0, shape[1], width):
        for query in range(0, shape[0], TILE_QUERIES):
            yield slice(query, min(query + TILE_QUERIES, shape[0])), slice(item, min(item + width, shape[1]))


class _Meter:
    """Counts the scored pairs of all threads and estimates the time left."""

    def __init__(self, *, total: int, remaining: int) -> None:
        self._total, self._remaining = total, remaining  # remaining: at the start
        self._n_scored = 0
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def add(self, n_new: int, progress: Callable[[Progress], None] | None) -> None:
        with self._lock:
            self._n_scored += n_new
            speed = self._n_scored / max(time.monotonic() - self._start, 1e-9)
            left = self._remaining - self._n_scored
            if progress is not None:
                done = self._total - left
                progress(Progress(done=done, total=self._total, pairs_per_s=speed, eta_s=left / max(speed, 1e-9)))
