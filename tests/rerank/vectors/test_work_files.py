from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import content_hash
from rerank.vectors.index import open_vectors
from rerank.vectors.vector_store import VectorFolder
from rerank.vectors.work_files import WorkFolder
from tests.rerank.vectors.test_vector_store import HASH, FakeEncoder

WRITER = """
import sys, time
from pathlib import Path
from rerank.vectors import vector_store
from tests.rerank.vectors.test_vector_store import FakeEncoder, HASH

vector_store.CHUNK_TEXTS = 4
encode = FakeEncoder()

def slowly(texts):
    time.sleep(float(sys.argv[4]))
    return encode(texts)

papers = {f"p{n}": f"text {n}" for n in range(int(sys.argv[2]), int(sys.argv[3]))}
folder = vector_store.VectorFolder(Path(sys.argv[1]), "encoder", HASH)
folder.update(list(papers), list(papers.values()), encode=slowly)
print(len(encode.seen))
"""


def digests(*numbers: int) -> list[bytes]:
    return [content_hash(f"text {number}") for number in numbers]


@pytest.fixture
def work(tmp_path: Path) -> WorkFolder:
    return WorkFolder(tmp_path / "work", HASH)


def test_what_was_written_is_read(work: WorkFolder) -> None:
    work.write(digests(1, 2), np.eye(2, dtype=np.float32))
    work.write(digests(3), np.ones((1, 2), dtype=np.float32))
    vectors = work.read()
    assert {digest: row.tolist() for digest, row in vectors.items()} == dict(
        zip(digests(1, 2, 3), [[1, 0], [0, 1], [1, 1]], strict=True)
    )
    assert WorkFolder(work.folder, "f" * 64).read() == {}


@pytest.mark.parametrize("way", ["flip", "cut", "empty", "delete"])
def test_a_damaged_file_costs_its_own_texts_only(work: WorkFolder, way: str) -> None:
    for number in range(3):
        work.write(digests(number), np.full((1, 4), number, dtype=np.float32))
    path = sorted(work.folder.iterdir())[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x80
    if way == "delete":
        path.unlink()
    else:
        path.write_bytes({"flip": bytes(data), "cut": bytes(data[: len(data) // 2]), "empty": b""}[way])
    assert len(work.read()) == 2
    work.write(digests(7), np.zeros((1, 4), dtype=np.float32))  # a new file takes the place of none
    assert len(work.read()) == 3


def test_a_failed_write_leaves_no_temporary_file(work: WorkFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        work.write(digests(1), np.ones((1, 4), dtype=np.float32))
    assert list(work.folder.iterdir()) == []


def start_writer(folder: Path, low: int, high: int, *, pause_s: float) -> subprocess.Popen[str]:
    arguments = [str(folder), str(low), str(high), str(pause_s)]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True)


def test_files_of_two_killed_writers_serve_the_third(tmp_path: Path) -> None:
    """Each writer is killed after some chunks; the last one embeds only the missing texts."""
    for low, n_files in ((0, 3), (20, 6)):
        writer = start_writer(tmp_path, low, low + 40, pause_s=0.05)
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("work/*.npz"))) < n_files and time.monotonic() < until:
            time.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    files = sorted(tmp_path.glob("work/*.npz"))
    n_written = len(WorkFolder(tmp_path / "work", HASH).read())
    assert n_written >= 4 * 6
    files[0].write_bytes(files[0].read_bytes()[:-9])
    writer = start_writer(tmp_path, 0, 60, pause_s=0.0)
    out, _ = writer.communicate(timeout=120)
    assert int(out) == 60 - n_written + 4
    assert len(open_vectors(tmp_path, model_hash=HASH)) == 60
    assert list(tmp_path.glob("work/*")) == []


N_PAPERS = 12_000  # 192 KB of vectors and 192 KB of hashes: three blocks each


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors")
    papers = {f"p{row}": f"text {row}" for row in range(N_PAPERS)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rerank.vectors.publishing.index_kind", lambda n_rows: "hnsw")
        VectorFolder(folder, "encoder", HASH).update(
            list(papers), list(papers.values()), encode=FakeEncoder(), state={"revision": 5}
        )
    return folder


@pytest.mark.parametrize(
    ("pattern", "way", "most_lost"),
    [
        ("vectors-*.npy", "flip", 4_100),
        ("vectors-*.npy", "cut", 4_100),
        ("vectors-*.npy", "empty", N_PAPERS),
        ("vectors-*.npy", "delete", N_PAPERS),
        ("hashes-*.npy", "flip", 4_100),
        ("alive-*.npy", "flip", 0),
        ("ids-*.txt", "delete", 0),
        ("id_hashes-*.npy", "flip", 0),
        ("id_rows-*.npy", "cut", 0),
        ("index-*.faiss", "flip", 0),
        ("index-*.faiss", "empty", 0),
        ("manifest.json", "flip", 0),
        ("manifest.json", "delete", 0),
    ],
)
def test_damage_of_published_vectors_costs_the_damaged_blocks(
    built: Path, tmp_path: Path, pattern: str, way: str, most_lost: int
) -> None:
    for path in built.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    path = next(tmp_path.glob(pattern))
    data = bytearray(path.read_bytes())
    data[-100] ^= 0x80
    if way == "delete":
        path.unlink()
    else:
        path.write_bytes({"flip": bytes(data), "cut": bytes(data[:-1_000]), "empty": b""}[way])
    encode = FakeEncoder()
    folder = VectorFolder(tmp_path, "encoder", HASH)
    for low in (0, N_PAPERS // 2):  # in two updates, as a long list of papers is
        papers = {f"p{row}": f"text {row}" for row in range(low, low + N_PAPERS // 2)}
        folder.update(list(papers), list(papers.values()), encode=encode)
    folder.discard_salvaged()
    assert len(encode.seen) <= most_lost
    index = open_vectors(tmp_path, model_hash=HASH)
    assert len(index) == N_PAPERS
    for row in (0, N_PAPERS // 2, N_PAPERS - 1):
        vector = index.vector(f"p{row}")
        assert vector is not None
        assert np.allclose(vector, FakeEncoder()([f"text {row}"])[0], atol=1e-3)
    assert list(tmp_path.glob("work/*")) == []
