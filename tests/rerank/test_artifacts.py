from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import (
    MANIFEST,
    Artifact,
    Manifest,
    build_lock,
    content_hash,
    content_hashes,
    open_artifact,
    read_artifact,
    read_manifest,
    replace_text,
    write_artifact,
)
from rerank.errors import ArtifactBroken, ArtifactMissing, BuildRunning, ModelMismatch


def write(folder: Path, *, value: float = 1.0, model: str = "alpha", model_hash: str = "a" * 64) -> Artifact:
    manifest = Manifest(kind="test", model=model, model_hash=model_hash)
    return write_artifact(folder, manifest, arrays={"scores": np.full((2, 3), value)}, texts={"ids": "x\ny"})


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    artifact = open_artifact(tmp_path, kind="test", model_hash="a" * 64)
    assert artifact.array("scores").tolist() == [[1.0] * 3] * 2
    assert artifact.path("ids").read_text() == "x\ny"
    assert artifact.manifest.files["scores"]["shape"] == [2, 3]


def test_the_arrays_are_mapped_not_read(tmp_path: Path) -> None:
    write(tmp_path)
    assert isinstance(open_artifact(tmp_path, kind="test").array("scores"), np.memmap)


def test_replacing_keeps_the_readers_of_the_old_one_and_removes_its_files(tmp_path: Path) -> None:
    write(tmp_path, value=1.0)
    old = open_artifact(tmp_path, kind="test").array("scores")
    write(tmp_path, value=2.0)
    assert old[0, 0] == 1.0
    assert open_artifact(tmp_path, kind="test").array("scores")[0, 0] == 2.0
    assert len(list(tmp_path.glob("*.npy"))) == 1


def test_a_writer_killed_before_the_manifest_leaves_the_old_generation(tmp_path: Path) -> None:
    write(tmp_path, value=1.0)
    (tmp_path / "scores-feedfeedfeed.npy").write_bytes(b"half an array")
    assert open_artifact(tmp_path, kind="test").array("scores")[0, 0] == 1.0


def test_another_model_is_refused_with_both_names(tmp_path: Path) -> None:
    write(tmp_path, model="alpha", model_hash="a" * 64)
    with pytest.raises(ModelMismatch) as caught:
        open_artifact(tmp_path, kind="test", model_hash="b" * 64, model="beta")
    assert "model 'alpha' (aaaaaaaaaaaa)" in str(caught.value)
    assert "model 'beta' (bbbbbbbbbbbb)" in str(caught.value)
    assert "alpha" in caught.value.actual
    assert "beta" in caught.value.expected


def test_nothing_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="Nothing was built"):
        open_artifact(tmp_path / "nowhere", kind="test")


def damage_file(folder: Path) -> None:
    path = next(folder.glob("*.npy"))
    path.write_bytes(path.read_bytes()[:-5])


def damage_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"kind": "te')


def remove_file(folder: Path) -> None:
    next(folder.glob("*.npy")).unlink()


def future_format(folder: Path) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**raw, "format": 99}))


@pytest.mark.parametrize("damage", [damage_file, damage_manifest, remove_file, future_format])
def test_half_written_folders_are_recognised(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    write(tmp_path)
    damage(tmp_path)
    with pytest.raises(ArtifactBroken, match="build it again"):
        read_artifact(tmp_path, lambda artifact: artifact.array("scores"), kind="test")


def test_an_array_of_the_right_size_that_is_no_array_is_recognised(tmp_path: Path) -> None:
    write(tmp_path)
    path = next(tmp_path.glob("*.npy"))
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(ArtifactBroken, match="not a readable array"):
        open_artifact(tmp_path, kind="test").array("scores")


def test_another_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(ArtifactBroken, match="'test'"):
        read_manifest(tmp_path, kind="vectors")


def test_an_unknown_array_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(ArtifactBroken, match="no 'rows'"):
        open_artifact(tmp_path, kind="test").array("rows")


def test_readers_never_see_a_mixture_while_it_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, value=0.0)
    done = threading.Event()

    def keep_writing() -> None:
        for value in range(1, 40):
            write(tmp_path, value=float(value))
        done.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    seen = []
    while not done.is_set():
        array = read_artifact(tmp_path, lambda artifact: artifact.array("scores"), kind="test")
        assert len(np.unique(array)) == 1
        seen.append(array[0, 0])
    writer.join()
    assert seen == sorted(seen)


def test_two_builders_at_once_are_kept_apart(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rerank.artifacts import build_lock\n"
        "try:\n    build_lock(Path(sys.argv[1])).__enter__()\nexcept Exception as exc:\n    print(type(exc).__name__)"
    )
    with build_lock(tmp_path):
        answer = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == "BuildRunning"
        with pytest.raises(BuildRunning, match="Another process"), build_lock(tmp_path):
            pass
    with build_lock(tmp_path):
        pass


def test_content_hashes_follow_the_text() -> None:
    hashes = content_hashes(["a", "b", "a", "\ud800"])
    assert hashes.shape == (4, 16)
    assert bytes(hashes[0]) == bytes(hashes[2]) == content_hash("a")
    assert bytes(hashes[0]) != bytes(hashes[1])


def test_a_text_is_replaced_whole(tmp_path: Path) -> None:
    replace_text(tmp_path / "a", "one")
    replace_text(tmp_path / "a", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "two"
