"""A reference engine: BM25 in plain Python over dictionaries. For tests and tiny libraries.

The index lives in the memory of one process and is empty after a restart. Every write builds a new snapshot, so a
reader keeps the snapshot that it started with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from search.engines.base import SearchBackend
from search.engines.documents import Document, date_ranks
from search.engines.inverted import Among, Columns, Evaluation, Postings
from search.engines.results import EngineResult, Request
from search.engines.streams import index_marks, index_streams
from search.errors import IndexLocked, IndexMissing
from search.language.query import Node


class MemoryBackend(SearchBackend):
    """``stored_length`` rounds field lengths as another engine does, so that scores can be compared."""

    def __init__(self, *, stored_length: Callable[[int], int] = int, time_limit_s: float = 10.0) -> None:
        self.stored_length = stored_length
        self.time_limit_s = time_limit_s
        self._snapshot: _Snapshot | None = None
        self._writing = threading.Lock()
        self._origin = ""

    def search(self, root: Node, request: Request) -> EngineResult:
        return Evaluation(self._current(), deadline=time.monotonic() + self.time_limit_s).search(root, request)

    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        written = self._write(documents, removed, revision, dict(self._current().by_key))
        self._origin = origin
        return written

    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        written = self._write(documents, (), revision, {})
        self._origin = origin
        return written

    def revision(self) -> int:
        return self._snapshot.revision if self._snapshot else 0

    def origin(self) -> str:
        return self._origin

    def count(self) -> int:
        return len(self._current().by_key)

    def keys(self) -> set[str]:
        return set(self._current().by_key)

    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        snapshot = self._current()
        return {token: snapshot.document_frequency(stream, token) for token in tokens}

    def words(self, stream: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        return self._current().counted_tokens(stream, prefix, limit=limit)

    def containing(self, stream: str, token: str, *, limit: int) -> list[str]:
        return self._current().keys_with(stream, token, limit=limit)

    def _current(self) -> _Snapshot:
        if self._snapshot is None:
            raise IndexMissing("There is no search index in this process's memory; run manage.py rebuild_index.")
        return self._snapshot

    def _write(
        self, documents: Iterable[Document], removed: Iterable[str], revision: int, by_key: dict[str, Document]
    ) -> int:
        if not self._writing.acquire(blocking=False):
            raise IndexLocked("Another thread is writing to the search index; wait until it has finished.")
        try:
            for key in removed:
                by_key.pop(key, None)
            written = 0
            for document in documents:
                by_key[document["key"]] = document
                written += 1
            self._snapshot = _Snapshot(by_key, revision, self.stored_length)
        finally:
            self._writing.release()
        return written


class _Snapshot(Postings):
    """All documents and their postings at one revision; immutable."""

    def __init__(self, by_key: dict[str, Document], revision: int, stored_length: Callable[[int], int]) -> None:
        self.by_key = by_key
        self.revision = revision
        self.columns = _columns(list(by_key.values()))
        # stream → token → document → positions
        self._postings: dict[str, dict[str, dict[int, list[int]]]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._mean_lengths: dict[str, float] = {}
        for doc, document in enumerate(by_key.values()):
            for stream, text in index_streams(document).items():
                tokens = text.split()
                self._lengths.setdefault(stream, []).append(len(tokens))
                self._add(doc, stream, tokens)
            self._add(doc, "marks", index_marks(document))
        for stream, lengths in self._lengths.items():
            self._mean_lengths[stream] = sum(lengths) / len(lengths)
            self._lengths[stream] = [stored_length(length) for length in lengths]

    def _add(self, doc: int, stream: str, tokens: Iterable[str]) -> None:
        postings = self._postings.setdefault(stream, {})
        for position, token in enumerate(tokens):
            postings.setdefault(token, {}).setdefault(doc, []).append(position)

    def documents(self) -> Collection[int]:
        return range(len(self.by_key))

    def count_indexed(self) -> int:
        return len(self.by_key)

    def document_frequency(self, stream: str, token: str) -> int:
        return len(self._postings.get(stream, {}).get(token, ()))

    def frequencies(self, stream: str, token: str, among: Among = None) -> Mapping[int, float]:
        return {doc: float(len(places)) for doc, places in self.positions(stream, token, among).items()}

    def positions(self, stream: str, token: str, among: Among = None) -> Mapping[int, Sequence[int]]:
        postings = self._postings.get(stream, {}).get(token, {})
        return postings if among is None else {doc: places for doc, places in postings.items() if doc in among}

    def lengths(self, stream: str) -> Sequence[int]:
        return self._lengths.get(stream, ())

    def mean_length(self, stream: str) -> float:
        return self._mean_lengths.get(stream, 0.0)

    def tokens(self, stream: str, prefix: str) -> Iterable[str]:
        return [token for token in self._postings.get(stream, ()) if token.startswith(prefix)]


def _columns(documents: Sequence[Document]) -> Columns:
    ranks = [date_ranks(document) for document in documents]
    return Columns(
        keys=[document["key"] for document in documents],
        newest=[newest for newest, _ in ranks],
        updated_rank=[updated for _, updated in ranks],
        numbers={
            "date": [document["date"] for document in documents],
            "updated": [document["updated"] for document in documents],
            "year": [document["year"] for document in documents],
        },
        categories=[document["categories"] for document in documents],
        venues=[document["venue_facet"] for document in documents],
    )
