from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rerank.vectors import neighbour_index
from rerank.vectors.index import VectorIndex, exact_search, open_vectors, reopen_vectors
from rerank.vectors.vector_store import VectorFolder, VectorReport
from tests.rerank.vectors.older_folders import rewrite_as_version_1
from tests.rerank.vectors.test_vector_store import HASH, FakeEncoder, assert_same_as_rebuilt, update


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments and indexes of hundreds of rows behave as those of many thousands."""
    monkeypatch.setattr("rerank.vectors.publishing.FLAT_ROWS", 100)
    monkeypatch.setattr("rerank.vectors.segments.SEGMENT_ROWS", 50)
    monkeypatch.setattr(neighbour_index, "FLAT_ROWS", 100)


def papers_of(low: int, high: int) -> dict[str, str]:
    return {f"p{row}": f"text {row}" for row in range(low, high)}


def files_of(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir() if path.suffix in {".npy", ".txt", ".faiss"}}


@pytest.mark.usefixtures("small_limits")
def test_an_update_writes_its_own_rows_and_keeps_the_other_files(tmp_path: Path) -> None:
    update(tmp_path, papers_of(0, 300), FakeEncoder())
    before = files_of(tmp_path)
    update(tmp_path, papers_of(300, 310), FakeEncoder(), remove=["p7"])
    after = files_of(tmp_path)
    kept = {name for name in before if before[name] == after.get(name)}
    assert {name.partition("-")[0] for name in before.keys() - kept} == {"alive"}
    assert any(name.startswith("index-") for name in kept)
    index = open_vectors(tmp_path)
    assert (index.n_indexed, len(index.alive), len(index.segments)) == (300, 310, 2)
    papers = papers_of(0, 310)
    del papers["p7"]
    assert_same_as_rebuilt(tmp_path, papers)


@pytest.mark.usefixtures("small_limits")
def test_the_index_takes_rows_in_when_many_are_outside(tmp_path: Path) -> None:
    papers: dict[str, str] = {}
    for low in range(0, 420, 30):
        papers |= papers_of(low, low + 30)
        update(tmp_path, papers_of(low, low + 30), FakeEncoder())
    index = open_vectors(tmp_path)
    assert index.manifest.extra["index"] == "hnsw"
    assert 0 <= len(index.alive) - index.n_indexed <= 100 < index.n_indexed
    assert 1 < len(index.segments) <= 8
    assert_same_as_rebuilt(tmp_path, papers)
    queries = FakeEncoder()([f"query {number}" for number in range(20)])
    hits, exact = index.search(queries, top_k=10), exact_search(np.asarray(index.vectors), queries, top_k=10)
    shared = [len(np.intersect1d(ours, theirs)) / 10 for ours, theirs in zip(hits.rows, exact.rows, strict=True)]
    assert np.mean(shared) > 0.97


@pytest.mark.usefixtures("small_limits")
def test_papers_that_change_in_another_segment_are_found_once(tmp_path: Path) -> None:
    papers = papers_of(0, 200)
    update(tmp_path, papers, FakeEncoder())
    for n in range(3):
        changed = {"p5": f"changed {n}", f"new{n}": f"fresh {n}"}
        assert update(tmp_path, changed, FakeEncoder()) == VectorReport(added=1, replaced=1, embedded=2)
        papers |= changed
    assert_same_as_rebuilt(tmp_path, papers)
    assert update(tmp_path, papers, FakeEncoder()) == VectorReport(unchanged=len(papers))


@pytest.mark.usefixtures("small_limits")
def test_a_process_that_reopens_keeps_what_did_not_change(tmp_path: Path) -> None:
    update(tmp_path, papers_of(0, 300), FakeEncoder())
    opened = open_vectors(tmp_path)
    update(tmp_path, papers_of(300, 305), FakeEncoder())
    again = reopen_vectors(opened, tmp_path, model_hash=HASH)
    assert len(again) == 305
    assert again.segments[0] is opened.segments[0]
    assert again._index is opened._index
    assert len(opened) == 300  # a search that is running goes on with its rows


@pytest.mark.usefixtures("small_limits")
def test_damage_of_a_large_file_is_found_before_its_rows_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    update(tmp_path, papers_of(0, 300), FakeEncoder())
    monkeypatch.setattr("rerank.artifacts.VERIFIED_WHEN_OPENED_BYTES", 0)
    monkeypatch.setattr("rerank.vectors.publishing.VERIFIED_WHEN_OPENED_BYTES", 0)
    path = next(tmp_path.glob("vectors-*.npy"))
    data = bytearray(path.read_bytes())
    data[-5] ^= 0x40
    path.write_bytes(bytes(data))
    papers = papers_of(0, 700)
    encode = FakeEncoder()
    update(tmp_path, papers, encode)
    assert "built anew" in caplog.text
    assert sorted(encode.seen) == sorted([*papers.values()])  # one block of checksums covers all rows here
    assert_same_as_rebuilt(tmp_path, papers)


def nothing_changed(folder: Path) -> VectorReport:
    return VectorFolder(folder, "encoder", HASH).update([], [], encode=FakeEncoder())


def a_paper_added(folder: Path) -> VectorReport:
    return VectorFolder(folder, "encoder", HASH).update(["new"], ["text 3"], encode=FakeEncoder())


@pytest.mark.parametrize("kind", ["flat", "hnsw"])
@pytest.mark.parametrize("change", [nothing_changed, a_paper_added])
def test_a_folder_of_version_1_is_searched_and_converted_without_embedding(
    tmp_path: Path, kind: str, change: Callable[[Path], VectorReport]
) -> None:
    papers = papers_of(0, 80)
    update(tmp_path, papers, FakeEncoder(), state={"revision": 5, "origin": "here"})
    update(tmp_path, {}, FakeEncoder(), remove=["p0", "p1"])
    rewrite_as_version_1(tmp_path, kind=kind)
    for gone in ("p0", "p1"):
        del papers[gone]
    old = open_vectors(tmp_path, model_hash=HASH)
    assert old.has_old_layout
    assert_same_as_rebuilt(tmp_path, papers)
    assert change(tmp_path).embedded == 0
    new: VectorIndex = open_vectors(tmp_path, model_hash=HASH)
    assert not new.has_old_layout
    assert new.segments[0].vectors.dtype == np.float16
    assert new.manifest.extra["state"] == {"revision": 5, "origin": "here"}
    assert_same_as_rebuilt(tmp_path, papers | ({"new": "text 3"} if change is a_paper_added else {}))


def test_a_damaged_folder_of_version_1_keeps_its_undamaged_vectors(tmp_path: Path) -> None:
    papers = papers_of(0, 9_000)  # 288 KB of vectors: five blocks
    update(tmp_path, papers, FakeEncoder())
    rewrite_as_version_1(tmp_path)
    path = next(tmp_path.glob("vectors-*.npy"))
    data = bytearray(path.read_bytes())
    data[-100] ^= 0x80
    path.write_bytes(bytes(data))
    encode = FakeEncoder()
    update(tmp_path, papers, encode)
    assert 0 < len(encode.seen) <= 2_100
    assert len(open_vectors(tmp_path)) == 9_000
