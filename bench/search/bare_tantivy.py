"""A plain tantivy index with tantivy's own text analysis: the baseline of our engine.

It has the text fields ``TEXTS``. Our index has three more, of unstemmed words (``search.engines.streams``); with
``with_exact`` the baseline has them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from search.engines.documents import Document

TEXTS = ("title", "abstract", "author", "venue", "comment", "journal")
EXACT = {"title": "title", "abstract": "abstract", "author": "authors"}
HEAP_BYTES = 128_000_000


def index_bare(papers: Iterable[Document], folder: Path, *, with_exact: bool) -> None:
    """Create the index in a new folder; `with_exact` adds the fields of unstemmed words."""
    folder.mkdir()
    index = open_bare(folder)
    writer = index.writer(HEAP_BYTES, 1)
    for paper in papers:
        exact = {f"{name}_exact": dict(paper)[field] for name, field in EXACT.items()} if with_exact else {}
        writer.add_document(
            tantivy.Document(
                key=paper["key"],
                title=paper["title"],
                abstract=paper["abstract"],
                author=paper["authors"],
                venue=paper["venue"],
                comment=paper["comment"],
                journal=paper["journal"],
                doi=paper["doi"],
                ident=paper["idents"],
                flag=paper["flags"],
                category=paper["categories"],
                venue_facet=paper["venue_facet"],
                year=paper["year"],
                date=paper["date"],
                updated=paper["updated"],
                **exact,
            )
        )
    writer.commit()
    writer.wait_merging_threads()


def open_bare(folder: Path) -> Any:
    """Open the index of a folder; create an empty one if there is none."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="english")
    for name in EXACT:
        builder.add_text_field(f"{name}_exact", tokenizer_name="words", index_option="basic")
    for name in ("doi", "ident", "flag"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("category", "venue_facet"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("year", "date", "updated"):
        builder.add_integer_field(name, indexed=True, fast=True)
    index = tantivy.Index(builder.build(), str(folder))
    folding = [tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()]
    for name, filters in {"words": folding, "english": [*folding, tantivy.Filter.stemmer("english")]}.items():
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for token_filter in filters:
            analyzer = analyzer.filter(token_filter)
        index.register_tokenizer(name, analyzer.build())
    return index
