from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.arrays import Float32s
from rerank.artifacts import build_lock
from rerank.errors import BuildRunning, ScoresNotFinite, ShapeError
from rerank.vectors.index import open_vectors
from rerank.vectors.vector_store import CHUNK_TEXTS, VectorFolder, VectorReport

HASH = "e" * 64


class FakeEncoder:
    """Vectors that depend on the text alone, and a count of the texts seen."""

    def __init__(self, dim: int = 8) -> None:
        self.dim = dim
        self.seen: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Float32s:
        self.seen.extend(texts)
        rows = [np.random.default_rng(list(text.encode())).normal(size=self.dim) for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        unit_vectors: Float32s = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit_vectors


def update(
    folder: Path, papers: dict[str, str], encode: Callable[..., Any] | FakeEncoder, **more: Any
) -> VectorReport | None:
    vectors = VectorFolder(folder, more.pop("model", "encoder"), more.pop("model_hash", HASH))
    return vectors.update(list(papers), list(papers.values()), encode=encode, **more)


@pytest.fixture(params=["flat", "hnsw"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("rerank.vectors.publishing.index_kind", lambda n_rows: request.param)
    return tmp_path


def assert_same_as_rebuilt(folder: Path, papers: dict[str, str]) -> None:
    """Searches return the results of a folder in which these papers were embedded at once."""
    index = open_vectors(folder, model_hash=HASH)
    assert set(index.ids()) == set(papers)
    encode = FakeEncoder()
    for doc_id, text in papers.items():
        vector = index.vector(doc_id)
        assert vector is not None
        assert np.allclose(vector, encode([text])[0], atol=1e-3)
        hits = index.search(encode([text]), top_k=1)
        assert papers[index.ids_of(hits.rows[0])[0]] == text


def test_a_second_run_embeds_nothing_and_writes_nothing(folder: Path) -> None:
    papers = {f"p{row}": f"text {row}" for row in range(30)}
    assert update(folder, papers, FakeEncoder()) == VectorReport(added=30, embedded=30)
    before = (folder / "manifest.json").stat().st_mtime_ns
    encode = FakeEncoder()
    assert update(folder, papers, encode) == VectorReport(unchanged=30)
    assert encode.seen == []
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def test_adding_replacing_and_removing_equal_a_rebuild(folder: Path) -> None:
    papers = {f"p{row}": f"text {row}" for row in range(60)}
    update(folder, papers, FakeEncoder())
    papers |= {"p3": "changed", "new": "fresh"}
    encode = FakeEncoder()
    report = update(folder, {"p3": "changed", "new": "fresh"}, encode, remove=["p5", "unknown"])
    del papers["p5"]
    assert report == VectorReport(added=1, replaced=1, removed=1, embedded=2)
    assert sorted(encode.seen) == ["changed", "fresh"]
    assert_same_as_rebuilt(folder, papers)


def test_many_dead_rows_lead_to_a_rebuild_without_embedding(folder: Path) -> None:
    papers = {f"p{row}": f"text {row}" for row in range(40)}
    update(folder, papers, FakeEncoder())
    removed = [f"p{row}" for row in range(20)]
    encode = FakeEncoder()
    update(folder, {}, encode, remove=removed)
    assert encode.seen == []
    index = open_vectors(folder)
    assert len(index.vectors) == len(index) == 20
    assert_same_as_rebuilt(folder, {key: text for key, text in papers.items() if key not in removed})


def test_a_known_text_is_not_embedded_again(folder: Path) -> None:
    update(folder, {"a": "same words", "b": "other words"}, FakeEncoder())
    encode = FakeEncoder()
    report = update(folder, {"c": "same words", "d": "new words", "e": "new words"}, encode)
    assert encode.seen == ["new words"]
    assert report == VectorReport(added=3, embedded=1)


def test_a_stop_keeps_the_progress_and_the_next_run_resumes(folder: Path) -> None:
    papers = {f"p{row}": f"text {row}" for row in range(2 * CHUNK_TEXTS + 10)}
    encode = FakeEncoder(dim=4)
    stopped = update(folder, papers, encode, stop=lambda: len(encode.seen) >= CHUNK_TEXTS)
    assert stopped == VectorReport(embedded=CHUNK_TEXTS, finished=False)
    again = FakeEncoder(dim=4)
    report = update(folder, papers, again)
    assert report is not None
    assert report.added == len(papers)
    assert len(again.seen) == len(papers) - CHUNK_TEXTS
    assert list((folder / "work").iterdir()) == []


def test_a_chunk_cut_off_by_a_kill_is_embedded_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "work").mkdir()
    (folder / "work" / f"{HASH[:16]}-000000.npz").write_bytes(b"PK half")
    report = update(folder, {"a": "one"}, FakeEncoder())
    assert report is not None
    assert report.added == 1
    assert "cut off" in caplog.text


def test_another_encoder_rebuilds_all_vectors(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    update(folder, {"a": "one", "b": "two"}, FakeEncoder())
    encode = FakeEncoder(dim=5)
    report = update(folder, {"a": "one"}, encode, model="wider", model_hash="f" * 64)
    assert report == VectorReport(added=1, embedded=1)
    assert open_vectors(folder, model_hash="f" * 64).dim == 5
    assert "built anew" in caplog.text


def test_progress_is_reported(folder: Path) -> None:
    calls = []
    update(folder, {"a": "one", "b": "two"}, FakeEncoder(), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(2, 2)]


def test_invalid_vectors_are_refused(folder: Path) -> None:
    with pytest.raises(ScoresNotFinite, match="NaN"):
        update(folder, {"a": "one"}, lambda texts: np.full((len(texts), 4), np.nan, dtype=np.float32))
    with pytest.raises(ShapeError, match="returned shape"):
        update(folder, {"a": "one"}, lambda texts: np.ones((3, 4), dtype=np.float32))
    update(folder, {"a": "one"}, FakeEncoder())
    with pytest.raises(ShapeError, match="dimension 8"):
        update(folder, {"b": "two"}, FakeEncoder(dim=9))


def test_a_second_concurrent_update_is_refused(folder: Path) -> None:
    with build_lock(folder), pytest.raises(BuildRunning):
        update(folder, {"a": "one"}, FakeEncoder())


@pytest.mark.parametrize("ids", [["a", "a"], ["a\nb", "c"], ["a"]])
def test_unusable_ids_are_refused(folder: Path, ids: list[str]) -> None:
    with pytest.raises(ShapeError):
        VectorFolder(folder, "m", HASH).update(ids, ["x", "y"], encode=FakeEncoder())


def test_an_empty_folder_can_be_searched(folder: Path) -> None:
    update(folder, {"a": "one"}, FakeEncoder())
    update(folder, {}, FakeEncoder(), remove=["a"])
    index = open_vectors(folder)
    assert len(index) == 0
    assert index.search(FakeEncoder()(["x"]), top_k=3).rows.tolist() == [[-1, -1, -1]]
    update(folder, {"b": "two"}, FakeEncoder())
    assert_same_as_rebuilt(folder, {"b": "two"})
