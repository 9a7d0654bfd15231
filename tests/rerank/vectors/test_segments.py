from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rerank.vectors.segments import MAX_SEGMENTS, SEGMENT_ROWS, StackedArrays, kept_segments

TABLE = np.arange(60, dtype=np.float16).reshape(20, 3)


@pytest.mark.parametrize("cuts", [[], [0], [7], [7, 7, 15], [20]])
@pytest.mark.parametrize(
    "rows",
    [
        3,
        slice(None),
        slice(5, 18, 3),
        slice(19, 2, -4),
        np.zeros(0, dtype=np.int64),
        [19, 0, 7, 6, 7],
        np.array([[1, 8], [16, 2]]),
        np.arange(20) % 3 == 0,
    ],
)
def test_stacked_arrays_answer_as_the_joined_array_does(cuts: list[int], rows: Any) -> None:
    stacked = StackedArrays(np.split(TABLE, cuts), dtype=np.float32)
    expected = TABLE.astype(np.float32)[rows]
    chosen = stacked[rows]
    assert chosen.dtype == np.float32
    assert np.array_equal(chosen, expected)
    assert (len(stacked), stacked.shape) == (20, (20, 3))
    assert np.array_equal(np.asarray(stacked), TABLE.astype(np.float32))


def test_each_row_is_written_a_few_times_and_segments_stay_few() -> None:
    """A library that grows by a thousand papers a day from nothing to half a million."""
    sizes: list[int] = []
    n_written = 0
    for _day in range(500):
        n_kept = kept_segments(sizes, 1_000)
        last = sum(sizes[n_kept:]) + 1_000
        sizes = [*sizes[:n_kept], last]
        n_written += last
        assert len(sizes) <= MAX_SEGMENTS
    assert sum(sizes) == 500_000
    assert n_written < 20 * 500_000


def test_a_day_of_papers_leaves_the_segment_of_a_large_library_alone() -> None:
    assert kept_segments([3_000_000, SEGMENT_ROWS // 2], 2_000) == 1
