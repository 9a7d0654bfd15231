from __future__ import annotations

from pathlib import Path

import pytest

from search.engines.tantivy import TantivyBackend
from search.engines.tantivy.segments import remove_leftovers
from tests.search.make import make_document, titled

OTHER_SEGMENT = "0123456789abcdef" * 2


@pytest.fixture
def generation(tmp_path: Path) -> Path:
    """A generation with deleted documents, so that a segment has a list of them."""
    backend = TantivyBackend(path=tmp_path)
    backend.rebuild(titled(*[f"Graphs {number}" for number in range(20)]), revision=1)
    backend.update([make_document("p:1", title="Meadows")], revision=2)
    return backend.folder.current()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_file_of_the_last_commit_stays(generation: Path) -> None:
    before = names(generation)
    assert any(name.endswith(".del") for name in before)
    remove_leftovers(generation)
    assert names(generation) == before


def test_files_that_the_last_commit_does_not_name_are_deleted(generation: Path) -> None:
    before = names(generation)
    segment = next(path.stem.split(".")[0] for path in generation.glob("*.del"))
    for name in (f"{OTHER_SEGMENT}.store", f"{OTHER_SEGMENT}.9.del", f"{segment}.999999.del"):
        (generation / name).touch()
    remove_leftovers(generation)
    assert names(generation) == before


def test_files_of_other_names_stay(generation: Path) -> None:
    other_names = {"notes.txt", f"{OTHER_SEGMENT}", f"{OTHER_SEGMENT}.STORE"}
    for name in other_names:
        (generation / name).touch()
    remove_leftovers(generation)
    assert other_names <= names(generation)


@pytest.mark.parametrize("meta", ["", "[]", "{}", '{"segments": 3}'])
def test_nothing_is_deleted_if_the_last_commit_cannot_be_read(generation: Path, meta: str) -> None:
    (generation / f"{OTHER_SEGMENT}.store").touch()
    (generation / "meta.json").write_text(meta, encoding="utf-8")
    before = names(generation)
    remove_leftovers(generation)
    assert names(generation) == before
