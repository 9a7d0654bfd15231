"""The engine itself: opens the newest commit of an index, searches it, updates and rebuilds it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import tantivy

from search.engines.compiling import compile_query, is_scored
from search.engines.documents import Document
from search.engines.generation_backend import GenerationBackend
from search.engines.generations import GenerationFolder, Signature
from search.engines.results import EngineResult, FacetCount, Request
from search.engines.tantivy.facets import count_facets
from search.engines.tantivy.hits import explain_hits, fetch_page
from search.engines.tantivy.links import open_index
from search.engines.tantivy.readers import Reader, key_at, missing_streams
from search.engines.tantivy.segments import remove_leftovers
from search.engines.tantivy.translation import Translator, matching_only
from search.engines.tantivy.writing import make_schema, write_documents
from search.language.query import Node
from search.text.analysis import ANALYSIS_VERSION, READABLE_VERSIONS

LAYOUT = f"tantivy-1.{ANALYSIS_VERSION}"
READABLE_LAYOUTS = [f"tantivy-1.{version}" for version in READABLE_VERSIONS]
_UNREADABLE = (ValueError, OSError)


class TantivyBackend(GenerationBackend[Reader]):
    """``path`` is the folder of the index. A search that takes longer than ``time_limit_s`` counts no facets."""

    def __init__(self, *, path: str | Path, time_limit_s: float = 2.0) -> None:
        super().__init__(GenerationFolder(Path(path), layout=LAYOUT, readable=READABLE_LAYOUTS))
        self.time_limit_s = time_limit_s

    # ---- reading --------------------------------------------------------------------------------

    def search(self, root: Node, request: Request) -> EngineResult:
        began = time.monotonic()
        clause = compile_query(root)
        reader = self.newest()
        with self.reading(reader.folder, unreadable=_UNREADABLE):
            translator = Translator(reader, is_outdated=self._is_outdated)
            query = translator.translate(clause)
            sort = request.sort if request.sort != "relevance" or is_scored(clause) else "newest"
            # Facets count all documents that match, so that they tell the total where no hits are to be found.
            is_counted = bool(request.facets) and request.with_total and request.top_k < 1
            page = replace(request, with_total=False) if is_counted else request
            hits, total = fetch_page(reader, query, sort, page)
            if request.explain:
                hits = explain_hits(reader, clause, hits)
            facets: dict[str, tuple[FacetCount, ...]] = {}
            is_late = not is_counted and time.monotonic() - began > self.time_limit_s
            if total == 0:  # as for most sentences, which are relaxed then
                facets = dict.fromkeys(request.facets, ())
            elif request.facets and not is_late:
                matching = query if self._is_outdated else translator.translate(matching_only(clause))
                facets, n_matching = count_facets(reader.searcher, matching, request.facets)
                total = n_matching if is_counted else total
        return EngineResult(hits=hits, total=total, facets=facets, is_partial=bool(request.facets) and is_late)

    def count(self) -> int:
        return int(self.newest().searcher.num_docs)

    def keys(self) -> set[str]:
        reader = self.newest()
        searcher = reader.searcher
        if not searcher.num_docs:
            return set()
        with self.reading(reader.folder, unreadable=_UNREADABLE):
            hits = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
            return {key_at(searcher, address) for _, address in hits}

    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        reader, tokens = self.newest(reads_files=False), list(tokens)
        known = {token: reader.frequencies.get((stream, token)) for token in tokens}
        if None in known.values():
            reader = self.newest()
        with self.reading(reader.folder, unreadable=_UNREADABLE):
            return {token: reader.frequency(stream, token) for token in tokens}

    def words(self, stream: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        reader = self.newest()
        with self.reading(reader.folder, unreadable=_UNREADABLE):
            if stream in reader.missing:
                return []
            return list(reader.searcher.terms_with_prefix(stream, prefix, limit=limit))

    def containing(self, stream: str, token: str, *, limit: int) -> list[str]:
        reader = self.newest()
        with self.reading(reader.folder, unreadable=_UNREADABLE):
            if stream in reader.missing:
                return []
            query = tantivy.Query.term_query(reader.index.schema, stream, token, "basic")
            hits = reader.searcher.search(query, max(limit, 1), count=False).hits
            return [key_at(reader.searcher, address) for _, address in hits[:limit]]

    def open_generation(self, folder: Path, signature: Signature, *, before: Reader | None) -> Reader:
        with self.reading(folder, unreadable=_UNREADABLE):
            index, searcher = open_index(folder, before=before.index if before is not None else None)
            missing = missing_streams(folder)
            return Reader(folder, signature, index, searcher, self.folder.mapped_files(folder), missing)

    # ---- writing --------------------------------------------------------------------------------

    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        with self.folder.writing():
            folder = self.folder.current()
            self.folder.writable_state(folder)
            self.folder.begin(folder)
            remove_leftovers(folder)
            with self.reading(folder, unreadable=_UNREADABLE):
                index = tantivy.Index.open(str(folder))
            written = write_documents(index, documents, removed=removed, is_new=False)
            self.folder.store_state(folder, revision=revision, origin=origin)
        return written

    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        with self.folder.rebuilding() as folder:
            index = tantivy.Index(make_schema(), str(folder), reuse=False)
            written = write_documents(index, documents, removed=(), is_new=True)
            self.folder.store_state(folder, revision=revision, origin=origin)
            self.folder.publish(folder)
        return written
