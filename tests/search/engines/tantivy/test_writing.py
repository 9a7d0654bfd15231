from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy

from search.engines.documents import Document
from search.engines.tantivy.writing import make_schema, write_documents
from search.errors import IndexLocked
from tests.search.engines.tantivy.opened import open_index, reopen
from tests.search.make import make_document, titled


def test_an_update_replaces_documents_of_the_same_key_and_removes_others(tmp_path: Path) -> None:
    reader = open_index(tmp_path, titled("graph", "tree", "wood"))
    written = write_documents(reader.index, [make_document("p:1", title="meadow")], removed=["p:2"], is_new=False)
    updated = reopen(reader.index, tmp_path)
    assert (written, updated.searcher.num_docs) == (1, 2)
    assert [updated.frequency("title", token) for token in ("graph", "meadow")] == [1, 1]


def test_a_failing_source_leaves_the_last_commit(tmp_path: Path) -> None:
    def documents() -> Iterator[Document]:
        yield make_document("p:9", title="meadow")
        raise LookupError("the database went away")

    reader = open_index(tmp_path, titled("graph"))
    with pytest.raises(LookupError, match="went away"):
        write_documents(reader.index, documents(), removed=["p:0"], is_new=False)
    assert reopen(reader.index, tmp_path).searcher.num_docs == 1
    assert write_documents(reader.index, titled("tree"), removed=(), is_new=False) == 1


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    index = tantivy.Index(make_schema(), str(tmp_path), reuse=False)
    writer = index.writer(50_000_000, 1)
    with pytest.raises(IndexLocked, match="wait until it has finished"):
        write_documents(index, titled("graph"), removed=(), is_new=True)
    writer.rollback()
