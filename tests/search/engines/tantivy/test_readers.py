from __future__ import annotations

from pathlib import Path

import pytest
import tantivy

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


def test_keys_are_those_of_the_documents_and_are_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = open_index(tmp_path, titled("graph", "tree", "wood"))
    addresses = [address for _, address in reader.searcher.search(tantivy.Query.all_query(), 3).hits]
    keys = [readers.key_at(reader.searcher, address) for address in addresses]
    assert len(set(keys)) == 3
    assert reader.keys_at(addresses) == keys
    monkeypatch.setattr(readers, "key_at", None)  # they are not read again
    assert reader.keys_at(reversed(addresses)) == keys[::-1]


def test_the_cache_of_keys_is_emptied_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_KEYS", 2)
    reader = open_index(tmp_path, titled("graph", "tree", "wood"))
    first, second, third = (address for _, address in reader.searcher.search(tantivy.Query.all_query(), 3).hits)
    reader.keys_at([first, second])
    assert reader.keys_at([third]) == [readers.key_at(reader.searcher, third)]
    assert len(reader.keys) == 1
