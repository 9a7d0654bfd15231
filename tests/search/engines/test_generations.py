from __future__ import annotations

import json
from pathlib import Path

import pytest

from search.engines.generations import GenerationFolder
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated


@pytest.fixture
def folder(tmp_path: Path) -> GenerationFolder:
    return GenerationFolder(tmp_path / "index", layout="engine-1")


def build(folder: GenerationFolder, *, revision: int = 1) -> Path:
    with folder.writing():
        generation = folder.new_generation()
        folder.store_state(generation, revision=revision)
        folder.publish(generation)
    return generation


def test_an_absent_index_is_missing(folder: GenerationFolder) -> None:
    with pytest.raises(IndexMissing, match=r"There is no search index in .*; run manage\.py rebuild_index"):
        folder.current()
    assert folder.signature() == (0, 0, 0, 0)


def test_a_published_generation_is_the_current_one(folder: GenerationFolder) -> None:
    generation = build(folder, revision=7)
    assert folder.current() == generation
    assert folder.state(generation).revision == 7


def test_an_unpublished_generation_is_not_seen_and_removed_by_the_next(folder: GenerationFolder) -> None:
    first = build(folder)
    with folder.writing():
        abandoned = folder.new_generation()
    assert folder.current() == first
    second = build(folder)
    assert folder.current() == second
    assert not abandoned.exists() or abandoned == second
    assert first.exists()  # readers may still be in it


def test_only_the_current_and_the_previous_generation_remain(folder: GenerationFolder) -> None:
    generations = [build(folder) for _ in range(4)]
    assert [generation.exists() for generation in generations] == [False, False, True, True]


def test_the_signature_changes_with_a_commit_and_with_a_rebuild(folder: GenerationFolder) -> None:
    generation = build(folder)
    before = folder.signature()
    assert folder.signature() == before
    folder.store_state(generation, revision=2)
    committed = folder.signature()
    assert committed != before
    build(folder)
    assert folder.signature() not in (before, committed)


def test_one_writer_at_a_time(folder: GenerationFolder) -> None:
    with folder.writing(), pytest.raises(IndexLocked, match="Another process is writing"), folder.writing():
        pass
    with folder.writing():
        pass


@pytest.mark.parametrize("pointer", ["", "{", "[]", '{"generation": ""}', '{"generation": "0009"}', '"0001"'])
def test_a_pointer_to_a_missing_generation_is_damage(folder: GenerationFolder, pointer: str) -> None:
    build(folder)
    folder.pointer.write_text(pointer, encoding="utf-8")
    with pytest.raises(IndexDamaged, match=r"current generation of .* is missing; run manage\.py rebuild_index"):
        folder.current()
    assert folder.signature() == (0, 0, 0, 0)


@pytest.mark.parametrize("state", ["", "{", "[]", "{}", '{"revision": "x", "layout": "engine-1"}'])
def test_an_incomplete_state_file_is_damage(folder: GenerationFolder, state: str) -> None:
    generation = build(folder)
    (generation / "state.json").write_text(state, encoding="utf-8")
    with pytest.raises(IndexDamaged, match=r"is incomplete; run manage\.py rebuild_index"):
        folder.state(generation)


def test_a_readable_layout_is_read_and_not_written_to(tmp_path: Path) -> None:
    folder = GenerationFolder(tmp_path / "index", layout="engine-2", readable=["engine-1"])
    generation = build(folder)
    (generation / "state.json").write_text(json.dumps({"revision": 1, "layout": "engine-1"}), encoding="utf-8")
    assert folder.state(generation).layout == "engine-1"
    with pytest.raises(IndexOutdated, match=r"layout engine-1, expected engine-2\); run manage\.py rebuild_index"):
        folder.writable_state(generation)


def test_files_of_former_commits_are_forgotten(folder: GenerationFolder) -> None:
    generation = build(folder)
    for revision in range(2, 40):
        for former in generation.glob("segment*"):
            former.unlink()
        (generation / f"segment{revision}").write_text(f"{revision}", encoding="utf-8")
        folder.store_state(generation, revision=revision)
        folder.check_new_files(generation)
        assert len(folder._verified) <= len(list(generation.iterdir()))
    stored = generation / "segment39"
    stored.write_text("x", encoding="utf-8")
    assert folder.damaged_files(generation, changed_only=True) == ["segment39"]


def test_another_layout_is_damage(folder: GenerationFolder) -> None:
    generation = build(folder)
    (generation / "state.json").write_text(json.dumps({"revision": 1, "layout": "engine-0"}), encoding="utf-8")
    with pytest.raises(IndexDamaged, match=r"layout engine-0, expected engine-1"):
        folder.state(generation)
