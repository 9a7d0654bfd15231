from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rerank.artifacts import build_lock
from rerank.errors import BuildRunning
from rerank.vectors import succession
from rerank.vectors.index import open_vectors
from rerank.vectors.succession import count_embedded, discard, read_model, take_place
from rerank.vectors.vector_store import CHUNK_TEXTS, VectorFolder
from tests.rerank.vectors.test_vector_store import FakeEncoder

OLD, NEW = "a" * 64, "b" * 64
PAPERS = {f"p{number}": f"text {number}" for number in range(30)}


def embed(folder: Path, model_hash: str, *, dim: int, papers: dict[str, str] = PAPERS) -> None:
    vectors = VectorFolder(folder, f"model {model_hash[0]}", model_hash)
    vectors.update(list(papers), list(papers.values()), encode=FakeEncoder(dim))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Vectors of the old model, and complete ones of the new model beside them."""
    embed(tmp_path / "vectors", OLD, dim=8)
    embed(tmp_path / "vectors" / "aside", NEW, dim=6)
    return tmp_path / "vectors"


def test_the_new_vectors_are_in_force_and_the_old_files_are_gone(folder: Path) -> None:
    opened = open_vectors(folder, model_hash=OLD)
    take_place(folder / "aside", folder)
    index = open_vectors(folder, model_hash=NEW)
    assert (sorted(index.ids()), index.dim) == (sorted(PAPERS), 6)
    files = {str(entry["file"]) for entry in index.manifest.files.values()}
    assert {path.name for path in folder.iterdir() if path.suffix in {".npy", ".txt", ".faiss"}} == files
    assert not (folder / "aside").exists()
    assert index.artifact.damaged_files() == []
    assert opened.vectors[:].shape == (30, 8)  # a reader keeps what it has opened


def test_files_are_copied_where_there_are_no_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError("no links on this disk")

    monkeypatch.setattr("os.link", refuse)
    take_place(folder / "aside", folder)
    assert open_vectors(folder, model_hash=NEW).artifact.damaged_files() == []


@pytest.mark.parametrize("missing", ["folder", "manifest"])
def test_without_new_vectors_nothing_happens(folder: Path, missing: str) -> None:
    if missing == "manifest":
        (folder / "aside" / "manifest.json").unlink()
    take_place(folder / "aside" if missing == "manifest" else folder / "nowhere", folder)
    assert len(open_vectors(folder, model_hash=OLD)) == 30


def test_no_other_process_is_disturbed(folder: Path) -> None:
    for held in (folder, folder / "aside"):
        with build_lock(held), pytest.raises(BuildRunning):
            take_place(folder / "aside", folder)
    assert read_model(folder) == ("model a", OLD)


KILLED = """
import os, signal, sys
from pathlib import Path
from rerank.vectors import succession

name, when = sys.argv[2:]
whole = getattr(succession, name)

def killed(*args, **options):
    if when == "after":
        whole(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(succession, name, killed)
folder = Path(sys.argv[1])
succession.take_place(folder / "aside", folder)
"""


@pytest.mark.parametrize(
    ("step", "when", "in_force"),
    [
        ("_link", "before", OLD),
        ("_link", "after", OLD),
        ("replace_manifest", "before", OLD),
        ("replace_manifest", "after", NEW),
        ("remove_stale", "after", NEW),
    ],
)
def test_a_kill_leaves_one_or_the_other_complete_and_the_next_run_ends_it(
    folder: Path, step: str, when: str, in_force: str
) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(folder), step, when], check=False)
    assert run.returncode == -signal.SIGKILL
    assert read_model(folder)[1] == in_force
    assert len(open_vectors(folder, model_hash=in_force)) == 30
    take_place(folder / "aside", folder)
    assert len(open_vectors(folder, model_hash=NEW)) == 30
    assert len(list(folder.glob("vectors-*.npy"))) == 1
    assert not (folder / "aside").exists()


def test_vectors_of_the_same_model_that_are_in_force_already_stay(folder: Path) -> None:
    take_place(folder / "aside", folder)
    embed(folder / "aside", NEW, dim=6, papers={"p1": "text 1"})  # by a process that began before
    take_place(folder / "aside", folder)
    assert len(open_vectors(folder, model_hash=NEW)) == 30
    assert not (folder / "aside").exists()


def test_discard(folder: Path) -> None:
    discard(folder / "aside")
    assert not (folder / "aside").exists()
    assert read_model(folder / "aside") == ("", "")


def test_chunks_that_are_not_published_are_counted(folder: Path, tmp_path: Path) -> None:
    assert count_embedded(folder, OLD) == 30
    assert count_embedded(folder, NEW) == 0
    papers = {f"p{number}": f"text {number}" for number in range(2 * CHUNK_TEXTS)}
    encode = FakeEncoder(4)
    VectorFolder(tmp_path / "new", "model b", NEW).update(
        list(papers), list(papers.values()), encode=encode, stop=lambda: len(encode.seen) >= CHUNK_TEXTS
    )
    assert count_embedded(tmp_path / "new", NEW) == CHUNK_TEXTS
    assert succession.read_model(tmp_path / "new") == ("", "")
