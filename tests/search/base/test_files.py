from __future__ import annotations

from pathlib import Path

import pytest

from search.base.files import MappedFiles, read_json, remove_temporary, replacing, write_json


def test_a_file_is_replaced_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state"
    with replacing(path) as temporary:
        temporary.write_text("1", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "1"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("old", encoding="utf-8")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise RuntimeError("disk")

    with pytest.raises(RuntimeError, match="disk"):
        write_half()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_survives_a_round_trip(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"revision": 7, "names": ["é"]})
    assert read_json(tmp_path / "a.json") == {"revision": 7, "names": ["é"]}


@pytest.mark.parametrize("content", [None, b"", b'{"revi', b"\xff\xfe"])
def test_a_missing_or_half_written_file_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    assert read_json(path) is None


def test_a_mapped_file_that_was_written_to_is_noticed_and_a_deleted_one_is_harmless(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(b"the content")
    mapped = MappedFiles(paths)
    assert not mapped.have_changed()
    paths[0].unlink()
    assert not mapped.have_changed()
    paths[1].write_bytes(b"shorter")
    assert mapped.have_changed()


def test_temporary_files_of_a_killed_process_are_deleted(tmp_path: Path) -> None:
    for name in (".state.json.abc", ".state.json.x_y", ".other.json.abc", "state.json"):
        (tmp_path / name).touch()
    remove_temporary(tmp_path / "state.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.json.abc", "state.json"]
