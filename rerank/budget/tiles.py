"""Filling a matrix of scores tile by tile, on one device or several.

Cells that are NaN are empty, so what is left to do is read off the matrix itself. Start at :func:`fill_tiles`.
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
TILE_ITEMS = 256  # 4,096 pairs: some seconds of a CPU, so little is lost and progress moves
TILE_BATCHES = 32  # but at least so many batches: a card must not wait for the end of each tile


class TileScorer(Protocol):
    """What fills tiles: a cross-encoder, or several on several devices."""

    model_hash: str
    max_tokens: int  # scores at another token budget are other scores
    batch_tokens: int

    @property
    def name(self) -> str:
        """For messages."""

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        """Token ids, once for each text."""

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Rows) -> Scores:
        """Logits of pairs of rows."""


@dataclass(frozen=True)
class AnchorJob:
    """What to score.

    ``items`` is None for every text, or int32 of shape (n_queries, n_per_query): the columns of each query.
    """

    queries: Sequence[str]
    texts: Sequence[str]
    items: Int32s | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Of the scores."""
        return len(self.queries), len(self.texts) if self.items is None else self.items.shape[1]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is; ``eta_s`` is NaN until the first tile is done."""

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
    """Fill the empty tiles, one thread a device; True when none is left."""
    tiles = [tile for tile in _tiles(job.shape, width=_tile_width(scorers[0])) if np.isnan(scores[tile]).any()]
    meter = _Meter(total=scores.size, waiting=sum(int(np.isnan(scores[tile]).sum()) for tile in tiles))
    work: queue.SimpleQueue[tuple[slice, slice]] = queue.SimpleQueue()
    for tile in tiles:
        work.put(tile)
    if not tiles:
        return True
    queries, texts = scorers[0].tokenize(job.queries), scorers[0].tokenize(job.texts)
    failures: list[Exception] = []

    def run(scorer: TileScorer) -> None:
        while not stop() and not failures:
            try:
                tile = work.get_nowait()
            except queue.Empty:
                return
            try:
                n_new = _fill_tile(scorer, job, scores, tile, queries, texts)
            except Exception as exc:  # handed to the caller's thread, where it is raised
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
    block = np.array(scores[tile])  # (n_tile_queries, n_tile_items)
    row, column = np.nonzero(np.isnan(block))
    query = row + tile[0].start
    item = column + tile[1].start
    text = item if job.items is None else job.items[query, item].astype(np.int64)
    block[row, column] = scorer.score_rows(queries, texts, np.stack([query, text], axis=1))
    scores[tile] = block
    return len(row)


def _tile_width(scorer: TileScorer) -> int:
    return max(TILE_ITEMS, TILE_BATCHES * scorer.batch_tokens // scorer.max_tokens // TILE_QUERIES)


def _tiles(shape: tuple[int, int], *, width: int) -> Iterator[tuple[slice, slice]]:
    """Tiles by columns first: an interrupted build has all queries for its first papers."""
    for item in range(0, shape[1], width):
        for query in range(0, shape[0], TILE_QUERIES):
            yield slice(query, min(query + TILE_QUERIES, shape[0])), slice(item, min(item + width, shape[1]))


class _Meter:
    """Counts pairs over all threads and estimates the time left from the speed so far."""

    def __init__(self, *, total: int, waiting: int) -> None:
        self._total, self._waiting, self._new = total, waiting, 0
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def add(self, n_new: int, progress: Callable[[Progress], None] | None) -> None:
        with self._lock:
            self._new += n_new
            speed = self._new / max(time.monotonic() - self._start, 1e-9)
            left = self._waiting - self._new
            if progress is not None:
                done = self._total - left
                progress(Progress(done=done, total=self._total, pairs_per_s=speed, eta_s=left / max(speed, 1e-9)))
