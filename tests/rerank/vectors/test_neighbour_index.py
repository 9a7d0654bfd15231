from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rerank.errors import ArtifactBroken, ShapeError
from rerank.vectors.neighbour_index import (
    add_rows,
    build_index,
    index_kind,
    map_index,
    pack_mask,
    read_index,
    search_index,
    write_index,
)
from tests.rerank.vectors.test_index import unit


def test_the_kind_follows_the_size() -> None:
    assert [index_kind(n) for n in (0, 20_000, 20_001, 5_000_001)] == ["flat", "flat", "hnsw", "ivfpq"]
    with pytest.raises(ShapeError, match="no index of the kind"):
        build_index(np.ones((2, 4), dtype=np.float32), kind="lsh")


def test_the_graph_takes_336_bytes_a_row(tmp_path: Path) -> None:
    write_index(build_index(unit(np.random.default_rng(0), 2_000, dim=384), kind="hnsw"), tmp_path / "graph")
    assert (tmp_path / "graph").stat().st_size / 2_000 < 345


@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_rows_that_are_added_later_are_found(tmp_path: Path, kind: str) -> None:
    vectors = unit(np.random.default_rng(1), 1_500)
    write_index(build_index(vectors[:1_000], kind=kind), tmp_path / "index")
    extended = read_index(tmp_path / "index")
    add_rows(extended, vectors, start=1_000)
    write_index(extended, tmp_path / "index")
    index = map_index(tmp_path / "index")
    assert index.ntotal == 1_500
    found = search_index(index, vectors[[3, 1_400]], top_k=5)
    assert 3 in found[0]
    assert 1_400 in found[1]


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivfpq"])
def test_a_mask_leaves_only_selected_rows(kind: str) -> None:
    vectors = unit(np.random.default_rng(2), 3_000)
    selected = np.arange(3_000) % 3 == 1
    rows = search_index(build_index(vectors, kind=kind), vectors[:4], top_k=20, selected=pack_mask(selected))
    assert selected[rows[rows >= 0]].all()
    assert (rows >= 0).sum(axis=1).min() >= 20


def test_a_file_that_is_no_index_is_reported(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"no index")
    for read in (read_index, map_index):
        with pytest.raises(ArtifactBroken, match="not a readable index"):
            read(tmp_path / "index")
