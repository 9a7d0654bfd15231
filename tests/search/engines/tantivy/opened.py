"""A tantivy index in a folder, opened as the engine's modules receive it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy

from search.engines.documents import Document
from search.engines.tantivy.readers import Reader
from search.engines.tantivy.writing import make_schema, write_documents


def open_index(folder: Path, documents: Iterable[Document]) -> Reader:
    """A new index with some documents in one segment."""
    index = tantivy.Index(make_schema(), str(folder), reuse=False)
    write_documents(index, documents, removed=(), is_new=True)
    return reopen(index, folder)


def reopen(index: tantivy.Index, folder: Path) -> Reader:
    """The index at its newest commit."""
    index.reload()
    return Reader(folder, (0, 0, 0, 0), index, index.searcher())
