"""The engine for systems that run pure Python only: Whoosh stores the postings, ``search.engines.inverted`` scores.

Only this file imports it. The fork ``whoosh3`` has the interface of Whoosh 2.7.4 (2016) without its syntax
warnings, and is two to three times as fast. Whoosh's query language, BM25F and collectors are not used: they interpret
syntax errors, return the last page for a start past the end, and score phrases differently.

Every commit writes a new table of contents beside the old one and renames it, so a reader sees one or the other, even
after a kill. Whoosh stores a field's length in one byte (:func:`stored_length`).
"""

from __future__ import annotations

import threading
import time
import traceback
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from whoosh import fields, index
from whoosh.formats import Existence
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length, length_to_byte

from search.base.files import MappedFiles
from search.engines.documents import Document, date_ranks
from search.engines.generation_backend import GenerationBackend
from search.engines.generations import GenerationFolder, Signature
from search.engines.inverted import Among, Columns, Evaluation, Postings
from search.engines.results import EngineResult, Request
from search.engines.streams import MAIN_STREAMS, SET_STREAMS, index_marks, index_streams
from search.language.query import Node
from search.text.analysis import ANALYSIS_VERSION, READABLE_VERSIONS

LAYOUT = f"whoosh-1.{ANALYSIS_VERSION}"
READABLE_LAYOUTS = [f"whoosh-1.{version}" for version in READABLE_VERSIONS]
# Memory in megabytes before postings are written to disk.
LIMIT_MB = 256
# A posting list this many times longer than the documents to check is skipped through instead of read.
SKIP_RATIO = 16
# Exceptions of Whoosh on incomplete files.
_UNREADABLE = (index.EmptyIndexError, index.IndexVersionError, OSError, ValueError, EOFError, UnpicklingError)


def stored_length(length: int) -> int:
    """A field's length as Whoosh stores it: exact for short fields, within 2 % for long ones."""
    return int(byte_to_length(length_to_byte(length)))


class WhooshBackend(GenerationBackend["_Reader"]):
    """``path`` is the folder of the index. A search longer than ``time_limit_s`` returns what it has found so far."""

    def __init__(self, *, path: str | Path, time_limit_s: float = 5.0) -> None:
        super().__init__(GenerationFolder(Path(path), layout=LAYOUT, readable=READABLE_LAYOUTS))
        self.time_limit_s = time_limit_s
        # Matchers share the position in their file, so searches take turns. They hold the GIL anyway.
        self._reading = threading.Lock()

    # ---- reading --------------------------------------------------------------------------------

    def search(self, root: Node, request: Request) -> EngineResult:
        with self._opened_postings() as postings:
            return Evaluation(postings, deadline=time.monotonic() + self.time_limit_s).search(root, request)

    def count(self) -> int:
        with self._opened_postings() as postings:
            return len(postings.documents())

    def keys(self) -> set[str]:
        with self._opened_postings() as postings:
            return {postings.columns.keys[doc] for doc in postings.documents()}

    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        with self._opened_postings() as postings:
            return {token: postings.document_frequency(stream, token) for token in tokens}

    def words(self, stream: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        with self._opened_postings() as postings:
            return postings.counted_tokens(stream, prefix, limit=limit)

    def containing(self, stream: str, token: str, *, limit: int) -> list[str]:
        with self._opened_postings() as postings:
            return postings.keys_with(stream, token, limit=limit)

    @contextmanager
    def _opened_postings(self) -> Iterator[_WhooshPostings]:
        """The postings, for one search at a time. Raises IndexDamaged where reading them meets damage."""
        reader = self.newest()
        with self._reading, self.reading(reader.folder):
            yield reader.postings

    def open_generation(self, folder: Path, signature: Signature, *, before: _Reader | None) -> _Reader:
        cached = before.postings.segments if before is not None else {}
        with self.reading(folder, unreadable=_UNREADABLE), _closing_files():
            postings = _WhooshPostings(index.open_dir(str(folder)).reader(), cached)
            return _Reader(folder, signature, self.folder.mapped_files(folder), postings)

    # ---- writing --------------------------------------------------------------------------------

    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        with self.folder.writing():
            folder = self.folder.current()
            self.folder.writable_state(folder)
            self.folder.begin(folder)
            with self.reading(folder, unreadable=_UNREADABLE), _closing_files():
                opened = index.open_dir(str(folder))
            written = _write(opened, documents, removed)
            self.folder.store_state(folder, revision=revision, origin=origin)
        return written

    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        with self.folder.rebuilding() as folder:
            written = _write(index.create_in(str(folder), _schema()), documents, ())
            self.folder.store_state(folder, revision=revision, origin=origin)
            self.folder.publish(folder)
        return written


@contextmanager
def _closing_files() -> Iterator[None]:
    """Close a file that Whoosh leaves open when it cannot read it."""
    try:
        yield
    except Exception as exc:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            traceback.clear_frames(exc.__traceback__)
        raise


class _MainField(fields.TEXT):  # type: ignore[misc] # Whoosh has no types
    """Tokens joined by spaces, with positions. Skips Whoosh's analysis, which takes most of its time."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        places: dict[str, list[int]] = {}
        for position, token in enumerate(value.split()):
            places.setdefault(token, []).append(position)
        for token, positions in places.items():
            yield token.encode(), len(positions), float(len(positions)), self.format.encode(positions)


class _ExactField(fields.KEYWORD):  # type: ignore[misc] # Whoosh has no types
    """Tokens joined by spaces, or a list of tokens; only their presence is stored."""

    def __init__(self) -> None:
        super().__init__(scorable=True)
        self.format = Existence()

    def index(self, value: str | list[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        counts: dict[str, int] = {}
        for token in value.split() if isinstance(value, str) else value:
            counts[token] = counts.get(token, 0) + 1
        for token, count in counts.items():
            yield token.encode(), count, 1.0, b""


def _schema() -> fields.Schema:
    main = {stream: _MainField(phrase=True) for stream in MAIN_STREAMS}
    exact = {stream: _ExactField() for stream in (*SET_STREAMS, "marks", "key")}
    return fields.Schema(columns=fields.STORED(), **main, **exact)


def _write(opened: index.FileIndex, documents: Iterable[Document], removed: Iterable[str]) -> int:
    """Write in one commit; return the number of documents."""
    writer = opened.writer(limitmb=LIMIT_MB)
    written = 0
    try:
        with opened.reader() as reader:
            for key in removed:
                _delete(writer, reader, key)
            for document in documents:
                _delete(writer, reader, document["key"])
                writer.add_document(
                    key=[document["key"]],
                    marks=index_marks(document),
                    columns=_row(document),
                    **index_streams(document),
                )
                written += 1
    except BaseException:
        writer.cancel()
        raise
    writer.commit()
    return written


def _delete(writer: Any, reader: Any, key: str) -> None:
    try:
        matcher = reader.postings("key", key)
    except TermNotFound:
        return
    for doc in list(matcher.all_ids()):
        writer.delete_document(doc)


def _row(document: Document) -> tuple[Any, ...]:
    """The stored values of a document, in the order of :class:`~search.engines.inverted.Columns`."""
    return (
        document["key"],
        *date_ranks(document),
        document["date"],
        document["updated"],
        document["year"],
        document["categories"],
        document["venue_facet"],
    )


@dataclass(slots=True)
class _Segment:
    """The data of a segment, read once and kept over commits, because segments are immutable."""

    rows: list[tuple[Any, ...]]
    lengths: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class _Reader:
    folder: Path
    signature: Signature
    mapped: MappedFiles
    postings: _WhooshPostings


class _WhooshPostings(Postings):
    """Whoosh's postings at one commit."""

    def __init__(self, reader: Any, cached: Mapping[str, _Segment]) -> None:
        self.reader = reader
        self.leaves: list[tuple[Any, int]] = list(reader.leaf_readers()) if reader.doc_count_all() else []
        self.segments: dict[str, _Segment] = {}
        for leaf, _ in self.leaves:
            name = leaf.segment().segment_id()
            self.segments[name] = cached[name] if name in cached else _read_segment(leaf)
        self.columns = _columns([row for segment in self.segments.values() for row in segment.rows])
        self._documents = frozenset(reader.all_doc_ids()) if self.leaves else frozenset()
        self._lengths: dict[str, list[int]] = {}

    def documents(self) -> Collection[int]:
        return self._documents

    def count_indexed(self) -> int:
        return int(self.reader.doc_count_all())

    def document_frequency(self, stream: str, token: str) -> int:
        return int(self.reader.doc_frequency(stream, token)) if self._has(stream) else 0

    def frequencies(self, stream: str, token: str, among: Among = None) -> Mapping[int, float]:
        return {doc: matcher.weight() for doc, matcher in self._walk(stream, token, among)}

    def positions(self, stream: str, token: str, among: Among = None) -> Mapping[int, Sequence[int]]:
        return {doc: matcher.value_as("positions") for doc, matcher in self._walk(stream, token, among)}

    def _walk(self, stream: str, token: str, among: Among) -> Iterator[tuple[int, Any]]:
        """Each document with the token, and the matcher positioned on it."""
        is_sparse = among is not None and len(among) * SKIP_RATIO < self.document_frequency(stream, token)
        targets = sorted(among) if among is not None and is_sparse else None
        for leaf, offset in self.leaves:
            try:
                matcher = leaf.postings(stream, token)
            except TermNotFound:
                continue
            if targets is None:
                while matcher.is_active():
                    doc = offset + matcher.id()
                    if among is None or doc in among:
                        yield doc, matcher
                    matcher.next()
            else:
                for doc in targets:
                    if not matcher.is_active():
                        break
                    if doc - offset > matcher.id():
                        matcher.skip_to(doc - offset)
                    if matcher.is_active() and matcher.id() == doc - offset:
                        yield doc, matcher

    def _has(self, stream: str) -> bool:
        """Whether there are documents, and the index is not of an older version without this stream."""
        return bool(self.leaves) and stream in self.reader.schema

    def lengths(self, stream: str) -> Sequence[int]:
        if stream not in self._lengths:
            lengths: list[int] = []
            for leaf, _ in self.leaves:
                segment = self.segments[leaf.segment().segment_id()]
                if stream not in segment.lengths:
                    n_docs = leaf.doc_count_all()
                    segment.lengths[stream] = [leaf.doc_field_length(doc, stream) or 0 for doc in range(n_docs)]
                lengths += segment.lengths[stream]
            self._lengths[stream] = lengths
        return self._lengths[stream]

    def mean_length(self, stream: str) -> float:
        n_docs = self.count_indexed()
        return float(self.reader.field_length(stream)) / n_docs if n_docs else 0.0

    def tokens(self, stream: str, prefix: str) -> Iterable[str]:
        tokens = self.reader.expand_prefix(stream, prefix) if self._has(stream) else ()
        return [token.decode() for token in tokens]


def _read_segment(leaf: Any) -> _Segment:
    """The rows of all documents, including deleted ones, so that the index of a row is the document's number."""
    return _Segment([leaf.stored_fields(doc)["columns"] for doc in range(leaf.doc_count_all())], {})


def _columns(rows: Sequence[tuple[Any, ...]]) -> Columns:
    keys, newest, updated_rank, date, updated, year, categories, venues = zip(*rows) if rows else ((),) * 8
    numbers = {"date": date, "updated": updated, "year": year}
    return Columns(keys, newest, updated_rank, numbers, categories, venues)
