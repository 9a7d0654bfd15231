from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from rerank.arrays import Float32s, Ints
from rerank.budget import tiles as module
from rerank.budget.tiles import AnchorJob, Progress, fill_tiles
from rerank.encoders.tokens import TokenTable


class Scorer:
    """The product of the lengths of the two texts, and the requested pairs."""

    name, model_hash, max_tokens, batch_tokens = "lengths", "a" * 64, 64, 64

    def __init__(self) -> None:
        self.asked: list[int] = []

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        return TokenTable.of([list(range(len(text))) for text in texts])

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Ints) -> Float32s:
        self.asked.append(len(rows))
        return (queries.lengths[rows[:, 0]] * texts.lengths[rows[:, 1]]).astype(np.float32)


JOB = AnchorJob(queries=["a", "bb", "ccc"], texts=["x" * size for size in range(1, 11)])
EXPECTED = np.outer([1, 2, 3], np.arange(1, 11)).astype(np.float32)


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_QUERIES", 2)
    monkeypatch.setattr(module, "TILE_ITEMS", 4)
    monkeypatch.setattr(module, "TILE_BATCHES", 1)


def fill(scorers: list[Scorer], scores: Float32s, **more: Any) -> bool:
    arguments = {"stop": lambda: False, "progress": None, **more}
    return fill_tiles(scorers, JOB, scores, **arguments)


def test_only_empty_cells_are_scored() -> None:
    scores = np.full(EXPECTED.shape, np.nan, dtype=np.float32)
    scores[:, 4:] = EXPECTED[:, 4:]
    scores[0, 0] = -1.0  # known already, whatever it is
    scorer = Scorer()
    assert fill([scorer], scores)
    assert sum(scorer.asked) == 11
    assert scores[0, 0] == -1.0
    assert np.array_equal(scores[1:], EXPECTED[1:])


def test_a_stop_leaves_whole_tiles() -> None:
    scores = np.full(EXPECTED.shape, np.nan, dtype=np.float32)
    scorer = Scorer()
    assert not fill([scorer], scores, stop=lambda: len(scorer.asked) == 2)
    assert np.isfinite(scores[:, :4]).all()
    assert np.isnan(scores[:, 4:]).all()


def test_progress_includes_earlier_tiles() -> None:
    scores = np.full(EXPECTED.shape, np.nan, dtype=np.float32)
    scores[:, 4:] = EXPECTED[:, 4:]
    reports: list[Progress] = []
    fill([Scorer()], scores, progress=reports.append)
    assert [step.done for step in reports] == [26, 30]
    assert reports[-1].total == 30


def test_tiles_are_wide_enough_for_a_fast_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_BATCHES", 32)
    fast = Scorer()
    fast.batch_tokens = 6400
    fill([fast], np.full(EXPECTED.shape, np.nan, dtype=np.float32))
    assert fast.asked == [20, 10]
