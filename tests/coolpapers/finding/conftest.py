"""An index of the test database, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coolpapers.finding.indexing.index import rebuild_index
from search.engines.registry import search_backend


@pytest.fixture
def own_index(settings: Any, tmp_path: Path) -> Path:
    """Settings with the default engine on an empty folder: there is no index yet."""
    path = tmp_path / "index"
    settings.SEARCH_BACKENDS = {
        "tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": {"path": path}}
    }
    settings.SEARCH_BACKEND = "tantivy"
    return path


@pytest.fixture
def index_as_older_version(
    index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Callable[[str], None]:
    """Index the papers as a version with another layout does; afterwards the settings are those of a new process."""

    def build(layout: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("search.engines.tantivy.backend.LAYOUT", layout)
            settings.SEARCH_BACKENDS = dict(settings.SEARCH_BACKENDS)
            index_papers()
        settings.SEARCH_BACKENDS = dict(settings.SEARCH_BACKENDS)

    return build


@pytest.fixture
def index_papers(own_index: Path) -> Callable[[], None]:
    """Call it when the papers are made."""

    def build() -> None:
        rebuild_index(search_backend())

    return build
