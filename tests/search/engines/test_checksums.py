"""Which files of an index are checked, and what is known of them."""

from __future__ import annotations

import zlib
from pathlib import Path

from search.engines.checksums import data_files, file_checksum, file_stamp, state_checksum, stored_checksums


def test_locks_unfinished_files_and_the_state_have_no_checksums(tmp_path: Path) -> None:
    for name in (
        "a.store",
        "meta.json",
        "state.json",
        ".state.json.x1",
        ".managed.json",
        "b.tmp",
        "MAIN_WRITELOCK_LOCK",
        "w.lock",
    ):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    assert [path.name for path in data_files(tmp_path)] == ["a.store", "meta.json"]


def test_a_checksum_has_the_size_and_the_crc(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5_000  # more than is read at once
    (tmp_path / "a").write_bytes(content)
    assert file_checksum(tmp_path / "a") == [len(content), zlib.crc32(content)]
    assert file_checksum(tmp_path / "absent") == []


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert file_stamp(path) is None
    path.write_bytes(b"x")
    before = file_stamp(path)
    path.write_bytes(b"xy")
    assert file_stamp(path) != before


def test_a_state_is_read_whatever_it_holds() -> None:
    assert stored_checksums({"files": {"a": [1, 2]}}) == {"a": [1, 2]}
    contents: tuple[object, ...] = (None, [], {}, {"files": 3})
    for content in contents:
        assert stored_checksums(content) == {}


def test_the_checksum_of_a_state_leaves_itself_out() -> None:
    state = {"revision": 3, "layout": "x"}
    assert state_checksum({**state, "crc": 7}) == state_checksum(state)
    assert state_checksum({**state, "revision": 4}) != state_checksum(state)
