from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rerank.arrays import Ints
from rerank.encoders.batching import plan_batches, run_halving


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 300))
def test_every_row_is_in_one_batch_and_no_batch_is_over_the_budget(lengths: list[int], batch_tokens: int) -> None:
    array = np.array(lengths, dtype=np.int64)
    batches = plan_batches(array, batch_tokens=batch_tokens)
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * array[batch].max() <= batch_tokens


def run_with_room_for(n_rows: int, batches: list[Ints]) -> tuple[dict[int, int], list[int]]:
    """Run on a device with room for ``n_rows`` rows; return the results and the batch sizes."""
    batch_sizes = []

    def forward(rows: Ints) -> Ints:
        batch_sizes.append(len(rows))
        if len(rows) > n_rows:
            raise MemoryError
        return rows * 10

    results = dict(
        pair
        for rows, answer in run_halving(batches, forward, is_out_of_memory=lambda exc: isinstance(exc, MemoryError))
        for pair in zip(rows.tolist(), answer.tolist(), strict=True)
    )
    return results, batch_sizes


def test_a_batch_out_of_memory_is_halved_and_later_ones_start_small(caplog: pytest.LogCaptureFixture) -> None:
    batches = [np.arange(16), np.arange(16, 32)]
    results, batch_sizes = run_with_room_for(5, batches)
    assert results == {row: row * 10 for row in range(32)}
    assert batch_sizes == [16, 8] + [4] * 8
    assert "continuing with 4" in caplog.text


def test_a_single_row_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(MemoryError):
        run_with_room_for(0, [np.arange(4)])


def test_another_failure_is_not_retried() -> None:
    def forward(rows: Ints) -> None:
        raise KeyError("broken")

    with pytest.raises(KeyError):
        list(run_halving([np.arange(8)], forward, is_out_of_memory=lambda exc: isinstance(exc, MemoryError)))
