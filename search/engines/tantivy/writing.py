"""The schema of the index, and commits of documents to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tantivy

from search.base.system_errors import UNWRITABLE, error_number
from search.engines.documents import Document, date_ranks
from search.engines.generations import unwritable
from search.engines.streams import MAIN_STREAMS, SET_STREAMS, index_marks, index_streams
from search.errors import IndexLocked, IndexUnwritable

TOKENIZER = "blanks"  # stored in the schema of existing indexes
# Memory in bytes before a segment is written: enough for 100,000 papers in one segment, which halves the posting lists
# that a query opens. Allocated as needed. One thread, because the analysis before it has one.
HEAP_BYTES = 256_000_000


def make_schema() -> tantivy.Schema:
    """The fields of an index: the key, the streams, marks, facets, dates and sort ranks."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for stream in MAIN_STREAMS:
        builder.add_text_field(stream, tokenizer_name=TOKENIZER, index_option="position")
    for stream in SET_STREAMS:
        builder.add_text_field(stream, tokenizer_name=TOKENIZER, index_option="basic")
    builder.add_text_field("marks", tokenizer_name="raw", index_option="basic")
    for facet in ("category", "venue_facet"):
        builder.add_text_field(facet, fast=True, tokenizer_name="raw", index_option="basic")
    for number in ("year", "date", "updated"):
        builder.add_integer_field(number, indexed=True, fast=True)
    for rank in ("newest", "updated_rank"):
        builder.add_integer_field(rank, fast=True)
    return builder.build()


def write_documents(
    index: tantivy.Index, documents: Iterable[Document], *, removed: Iterable[str], is_new: bool
) -> int:
    """Write in one commit; return the number of documents.

    ``is_new``: the index is empty, so no older version of a document has to be deleted.

    Raises
    ------
    IndexLocked
        If another process is writing.
    IndexUnwritable
        If the disk is full or may not be written. The last commit is intact.
    """
    blanks = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(TOKENIZER, blanks)
    try:
        writer = index.writer(HEAP_BYTES, 1)
    except ValueError as exc:
        if _is_disk_error(exc):
            raise IndexUnwritable(unwritable(exc)) from exc
        raise IndexLocked(
            f"Another process is writing to the search index ({exc}); wait until it has finished."
        ) from exc
    written = 0
    try:
        for key in removed:
            writer.delete_documents_by_term("key", key)
        for document in documents:
            if not is_new:
                writer.delete_documents_by_term("key", document["key"])
            writer.add_document(_tantivy_document(document))
            written += 1
        writer.commit()
        writer.wait_merging_threads()
    except BaseException as exc:
        _roll_back(writer)
        if _is_disk_error(exc):
            raise IndexUnwritable(unwritable(exc)) from exc
        raise
    return written


def _roll_back(writer: Any) -> None:
    try:
        writer.rollback()
    except ValueError:  # the writer's thread has died; it committed nothing
        return


def _is_disk_error(exc: BaseException) -> bool:
    """Whether the disk is full, read-only or over a quota, or permission is missing.

    A writer whose thread failed for such a reason says only that it was killed, "io::Error most likely".
    """
    return isinstance(exc, ValueError) and (error_number(exc) in UNWRITABLE or "io::Error" in str(exc))


def _tantivy_document(document: Document) -> tantivy.Document:
    newest, updated_rank = date_ranks(document)
    return tantivy.Document(
        key=document["key"],
        marks=index_marks(document),
        category=document["categories"],
        venue_facet=document["venue_facet"],
        year=document["year"],
        date=document["date"],
        updated=document["updated"],
        newest=newest,
        updated_rank=updated_rank,
        **index_streams(document),
    )
