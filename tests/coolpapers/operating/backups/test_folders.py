"""What of the data folder belongs to a backup."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from coolpapers.operating.backups.folders import FolderBusy, index_files, library_files, vector_files


def put(data: Path, *names: str, content: str = "x") -> None:
    for name in names:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_files_are_what_cannot_be_made_again(tmp_path: Path) -> None:
    put(tmp_path, "files/own/3f/pdf-3f.pdf", "files/own/3f/.pdf-3f.pdf.x1", "thumbnails/a.webp", "notes.txt")
    put(tmp_path, "db.sqlite3", "db.sqlite3-wal", "secret_key", "rates/a", "index/tantivy/current", "vectors/v.npy")
    put(tmp_path, ".restoring/files/a", "static/css/main.css", "backups/old.zip", "metrics/7.json", "private/3.pdf")
    names = [file.name for file in library_files(tmp_path)]
    assert names == ["files/own/3f/pdf-3f.pdf", "notes.txt", "private/3.pdf", "thumbnails/a.webp"]


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(library_files(tmp_path / "none")) == []
    with index_files(tmp_path) as files, vector_files(tmp_path) as vectors:
        assert files == vectors == []


def test_only_the_current_generation_of_an_index_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "index/tantivy/0001/a.idx", "index/tantivy/0002/b.idx", "index/tantivy/writer.lock")
    put(tmp_path, "index/tantivy/current", content='{"generation": "0002"}')
    put(tmp_path, "index/whoosh/0001/half-built")
    with index_files(tmp_path) as files:
        assert [file.name for file in files] == ["index/tantivy/current", "index/tantivy/0002/b.idx"]


def test_vectors_and_anchors_without_unfinished_work(tmp_path: Path) -> None:
    put(tmp_path, "vectors/manifest.json", "vectors/v.npy", "vectors/work/w.npy", "vectors/.lock", "anchors/a.npy")
    with vector_files(tmp_path) as files:
        assert [file.name for file in files] == ["vectors/manifest.json", "vectors/v.npy", "anchors/a.npy"]


@pytest.mark.parametrize(
    ("part", "lock"), [(index_files, "index/tantivy/writer.lock"), (vector_files, "vectors/.lock")]
)
def test_a_folder_that_is_being_written_is_not_read(tmp_path: Path, part: object, lock: str) -> None:
    put(tmp_path, lock, "index/tantivy/x", "vectors/x")
    with (tmp_path / lock).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(FolderBusy, match="is being written"), part(tmp_path, patience_s=0.0):  # type: ignore[operator]
            pass
    with (tmp_path / lock).open("w") as writer, part(tmp_path, patience_s=0.0), pytest.raises(BlockingIOError):  # type: ignore[operator]
        fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
