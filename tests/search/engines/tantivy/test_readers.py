from __future__ import annotations

from pathlib import Path

import pytest

from search.engines.tantivy import readers
from tests.search.engines.tantivy.opened import open_index
from tests.search.make import titled


def test_a_frequency_counts_documents_and_is_cached(tmp_path: Path) -> None:
    reader = open_index(tmp_path, titled("graph graph", "graph", "tree"))
    assert (reader.frequency("title", "graph"), reader.frequency("title", "wood")) == (2, 0)
    assert reader.frequencies == {("title", "graph"): 2, ("title", "wood"): 0}


def test_a_full_cache_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_FREQUENCIES", 2)
    reader = open_index(tmp_path, titled("graph tree wood"))
    for token in ("graph", "tree", "wood"):
        assert reader.frequency("title", token) == 1
    assert reader.frequencies == {("title", "wood"): 1}
