from __future__ import annotations

import numpy as np
import pytest

from rerank.errors import ShapeError
from rerank.vectors.paper_ids import PaperIds, check_ids, id_hashes

IDS = ["arxiv:2401.00001", "été", "", "x" * 300, "doi:10/ä b"]


def test_ids_and_rows_are_found_in_both_directions() -> None:
    table = PaperIds.of(IDS)
    assert table.of_rows(np.array([4, 0, 2, 1, 3, 0])) == [IDS[row] for row in (4, 0, 2, 1, 3, 0)]
    alive = np.ones(len(IDS), dtype=bool)
    assert table.find(id_hashes([*reversed(IDS), "unknown"]), alive).tolist() == [4, 3, 2, 1, 0, -1]


def test_of_rows_with_the_same_id_the_living_one_is_found() -> None:
    ids = ["a", "b", "a", "a", "c"]
    table = PaperIds.of(ids)
    for living in (0, 2, 3):
        alive = np.array([row == living or row == 4 for row in range(5)])
        assert table.find(id_hashes(["a", "b", "c"]), alive).tolist() == [living, -1, 4]


def test_a_table_without_rows_finds_nothing() -> None:
    table = PaperIds.of([])
    assert table.find(id_hashes(["a"]), np.zeros(0, dtype=bool)).tolist() == [-1]
    assert table.of_rows(np.zeros(0, dtype=np.int64)) == []


def test_many_ids_are_found() -> None:
    ids = [f"arxiv:{number:05}" for number in range(20_000)]
    table, alive = PaperIds.of(ids), np.ones(20_000, dtype=bool)
    rows = np.random.default_rng(0).permutation(20_000)
    assert np.array_equal(table.find(id_hashes(table.of_rows(rows)), alive), rows)


@pytest.mark.parametrize("ids", [["a", "a"], ["a\nb"]])
def test_unusable_ids_are_refused(ids: list[str]) -> None:
    with pytest.raises(ShapeError):
        check_ids(ids)
