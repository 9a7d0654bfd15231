"""The newest commit of an index stays open until the index changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.engines.tantivy import TantivyBackend
from search.engines.whoosh import WhooshBackend
from search.errors import IndexDamaged
from tests.search.make import make_document

ENGINES: list[Callable[..., Any]] = [TantivyBackend, WhooshBackend]


@pytest.fixture(params=ENGINES, ids=["tantivy", "whoosh"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    engine = request.param(path=tmp_path / "index")
    engine.rebuild([make_document("p:1", title="Graphs")], revision=1)
    return engine


def test_it_is_opened_once(backend: Any) -> None:
    assert backend.newest() is backend.newest()


def test_a_commit_and_a_rebuild_are_opened(backend: Any) -> None:
    first = backend.newest()
    backend.update([make_document("p:2", title="Trees")], revision=2)
    second = backend.newest()
    assert second is not first
    assert second.folder == first.folder
    assert backend.count() == 2
    backend.rebuild([make_document("p:3", title="Words")], revision=3)
    assert backend.newest().folder != first.folder
    assert backend.keys() == {"p:3"}


def test_errors_of_undamaged_files_stay_as_they_are_unless_they_mean_damage(backend: Any) -> None:
    folder = backend.newest().folder
    with pytest.raises(ZeroDivisionError), backend.reading(folder):
        raise ZeroDivisionError
    damaged = pytest.raises(IndexDamaged, match=r"cannot be read .*; run manage\.py rebuild_index")
    with damaged, backend.reading(folder, unreadable=(ValueError,)):
        raise ValueError("unexpected end")
