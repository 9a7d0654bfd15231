from __future__ import annotations

import numpy as np
import pytest

from rerank.budget.correlations import RowCorrelations


def correlations_of(table: np.ndarray, row: int) -> np.ndarray:
    """The definition: one cosine after another, in double precision."""
    centred = table.astype(np.float64) - table.astype(np.float64).mean(axis=0)
    norms = np.linalg.norm(centred, axis=1)
    return np.array([centred[row] @ other / (norms[row] * norm) for other, norm in zip(centred, norms, strict=True)])


@pytest.mark.parametrize("max_bytes", [1 << 20, 0], ids=["kept", "read again"])
def test_the_nearest_rows_have_the_highest_correlations(max_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rerank.budget.correlations.BLOCK_ROWS", 7)
    table = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float16)
    correlations = RowCorrelations(table, max_bytes=max_bytes)
    for row in range(0, 50, 9):
        expected = correlations_of(table, row)
        expected[row] = -1
        rows, values = correlations.nearest(row, depth=5)
        assert rows.tolist() == np.argsort(-expected)[:5].tolist()
        assert values == pytest.approx(expected[rows], abs=1e-5)


def test_only_rows_with_a_positive_correlation_are_returned() -> None:
    table = np.array([[1, 0], [2, 0], [1.2, 1.6], [0, 1], [-4.2, -2.6]], dtype=np.float32)  # column means 0
    rows, values = RowCorrelations(table).nearest(0, depth=10)
    assert rows.tolist() == [1, 2]
    assert values == pytest.approx([1.0, 0.6])


def test_equal_rows_have_no_direction_and_no_neighbours() -> None:
    rows, values = RowCorrelations(np.ones((3, 2), dtype=np.float16)).nearest(0, depth=5)
    assert rows.tolist() == []
    assert values.tolist() == []


def test_the_prepared_table_stays_within_its_bound() -> None:
    table = np.zeros((1000, 8), dtype=np.float16)
    prepared, bounded = RowCorrelations(table, max_bytes=32_000), RowCorrelations(table, max_bytes=31_999)
    assert prepared._centred is not None
    assert prepared._centred.nbytes == 32_000
    assert bounded._centred is None
    assert bounded._norms.nbytes == 4_000
