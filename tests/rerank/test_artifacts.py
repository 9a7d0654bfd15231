from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import (
    BACKUP,
    MANIFEST,
    Artifact,
    Manifest,
    build_lock,
    content_hash,
    content_hashes,
    open_artifact,
    read_artifact,
    read_manifest,
    record_damage,
    replace_text,
    salvage_manifest,
    write_artifact,
)
from rerank.errors import ArtifactBroken, ArtifactMissing, BuildRunning, ModelMismatch


def write(folder: Path, *, value: float = 1.0, model: str = "alpha", model_hash: str = "a" * 64) -> Artifact:
    manifest = Manifest(kind="test", model=model, model_hash=model_hash)
    return write_artifact(folder, manifest, arrays={"scores": np.full((2, 3), value)}, texts={"ids": "x\ny"})


def test_written_arrays_are_read_back(tmp_path: Path) -> None:
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


def test_an_absent_artifact_is_reported(tmp_path: Path) -> None:
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
def test_incomplete_folders_are_recognised(tmp_path: Path, damage: Callable[[Path], None]) -> None:
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


def test_readers_never_see_a_partly_replaced_folder(tmp_path: Path) -> None:
    write(tmp_path, value=0.0)
    done = threading.Event()

    def keep_writing() -> None:
        for value in range(1, 40):
            write(tmp_path, value=float(value))
        done.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    contents = []
    while not done.is_set():
        array = read_artifact(tmp_path, lambda artifact: artifact.array("scores"), kind="test")
        assert len(np.unique(array)) == 1
        contents.append(array[0, 0])
    writer.join()
    assert contents == sorted(contents)


def test_a_second_concurrent_builder_is_refused(tmp_path: Path) -> None:
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


def test_files_and_their_names_are_on_the_disk_before_the_manifest_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replays the state after a power failure: a name is durable once its folder was flushed after its creation."""
    durable: set[str] = set()
    flushed: set[str] = set()
    fsync, replace = os.fsync, Path.replace

    def note_flush(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.is_dir():
            durable.update(entry.name for entry in path.iterdir())
        flushed.add(path.name)
        fsync(handle)

    def check_names(path: Path, target: Path) -> Path:
        if target.name == MANIFEST:
            named = {entry["file"] for entry in json.loads(path.read_text())["files"].values()}
            assert named <= durable
            assert named <= flushed
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "replace", check_names)
    beside = tmp_path / "index-x.faiss"
    beside.write_bytes(b"index")
    manifest = Manifest(kind="test", model="m", model_hash="")
    write_artifact(tmp_path, manifest, arrays={"a": np.zeros(3)}, texts={"t": "x"}, beside={"index": beside})
    assert MANIFEST in durable


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)


@pytest.mark.parametrize("pattern", ["*.npy", "*.txt", MANIFEST])
def test_a_flipped_bit_is_recognised(tmp_path: Path, pattern: str) -> None:
    write(tmp_path)
    flip(next(tmp_path.glob(pattern)))
    with pytest.raises(ArtifactBroken, match="build it again"):
        read_artifact(tmp_path, lambda artifact: (artifact.array("scores"), artifact.text("ids")), kind="test")


def test_large_files_are_compared_on_request_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rerank.artifacts.VERIFIED_WHEN_OPENED_BYTES", 0)
    artifact = write(tmp_path)
    path = next(tmp_path.glob("*.npy"))
    assert artifact.damaged_files() == []
    data = bytearray(path.read_bytes())
    data[-1] ^= 0x01
    path.write_bytes(data)
    open_artifact(tmp_path, kind="test").array("scores")
    assert artifact.damaged_files() == [path.name]


def test_recorded_damage_is_refused_until_the_folder_is_written_anew(tmp_path: Path) -> None:
    write(tmp_path)
    record_damage(tmp_path, "scores.npy", kind="test")
    with pytest.raises(ArtifactBroken, match=r"is damaged \(scores.npy\)"):
        open_artifact(tmp_path, kind="test")
    salvaged = salvage_manifest(tmp_path, kind="test")
    assert salvaged is not None
    assert (list(salvaged.files), salvaged.damage) == (["ids", "scores"], "")
    write(tmp_path)
    assert open_artifact(tmp_path, kind="test").array("scores").shape == (2, 3)


def test_a_lost_manifest_is_salvaged_from_its_backup(tmp_path: Path) -> None:
    manifest = write(tmp_path).manifest
    (tmp_path / MANIFEST).unlink()
    assert salvage_manifest(tmp_path, kind="test") == manifest
    (tmp_path / BACKUP).write_text("{")
    assert salvage_manifest(tmp_path, kind="test") is None


def test_a_folder_of_an_older_version_has_no_checksums_and_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    raw = json.loads((tmp_path / MANIFEST).read_text())
    del raw["crc"], raw["damage"]
    for entry in raw["files"].values():
        del entry["crc"]
    (tmp_path / MANIFEST).write_text(json.dumps(raw))
    artifact = open_artifact(tmp_path, kind="test")
    assert artifact.array("scores").shape == (2, 3)
    assert artifact.damaged_files() == []


def test_temporary_files_of_a_killed_writer_go_at_the_next_write(tmp_path: Path) -> None:
    write(tmp_path)
    for name in (f".{MANIFEST}.0badf00d", f".{BACKUP}.0badf00d", "scores-0badf00d.npy", "index-0badf00d.faiss"):
        (tmp_path / name).write_text("half")
    write(tmp_path)
    assert not [path.name for path in tmp_path.iterdir() if "0badf00d" in path.name]
