"""The default engine: tantivy, a Lucene-like library in Rust. The only file that imports it.

Streams are tokens joined by spaces, which tantivy splits at white space; its own analysis and query parser are not
used. Its BM25 has the fixed constants k1 = 1.2 and b = 0.75 and stores the length of a field in one byte
(``search.engines.bm25.byte_length``). Deleted papers count in its statistics until their segment is merged.

Pitfalls of the library: it panics at a limit of 0, and a huge offset allocates all that memory at once and kills the
process, so neither is passed on. Equal scores come in the order of segments, so this module sorts ties.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order

from search.engines import clauses
from search.engines.bm25 import inverse_document_frequency
from search.engines.compiling import compile_query, is_scored
from search.engines.documents import Document, date_ranks
from search.engines.generations import REBUILD, GenerationBackend, GenerationFolder, Signature
from search.engines.results import EngineResult, Explanation, FacetCount, Hit, Request, Share
from search.engines.segments import remove_leftovers
from search.engines.streams import CLOSED_STREAMS, MAIN_STREAMS, SET_STREAMS, index_marks, index_streams
from search.errors import IndexDamaged, IndexLocked, IndexUnwritable, SearchError
from search.language.query import Node
from search.text.analysis import ANALYSIS_VERSION

LAYOUT = f"tantivy-1.{ANALYSIS_VERSION}"
TOKENIZER = "blanks"  # stored in the schema of existing indexes
# Most values counted for a facet: more than the categories, years and venues of any library.
FACET_SIZE = 10_000
# Memory in bytes before a segment is written: enough for 100,000 papers in one segment, which halves the posting lists
# that a query opens. Allocated as needed. One thread, because the analysis before it has one.
HEAP_BYTES = 256_000_000
# Largest group of equal scores that is sorted; so many hits beyond a page are fetched at most for it.
MAX_TIES = 256
# Hits fetched beyond a page at first: nine groups of equal scores in ten end there.
NEAR_TIES = 12
# Document frequencies cached per state of the index, about 200 bytes each.
MAX_FREQUENCIES = 100_000

_SORTS = {
    "newest": ("newest", Order.Desc),
    "oldest": ("newest", Order.Asc),
    "updated": ("updated_rank", Order.Desc),
}
_Scored = list[tuple[float, tantivy.DocAddress]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """An open generation at one commit."""

    folder: Path
    signature: Signature
    index: tantivy.Index
    searcher: tantivy.Searcher
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)

    def frequency(self, stream: str, token: str) -> int:
        """The number of documents with a token in a stream; cached, because queries share most of their words."""
        cached = self.frequencies.get((stream, token))
        if cached is not None:
            return cached
        if len(self.frequencies) >= MAX_FREQUENCIES:
            self.frequencies.clear()
        frequency = self.frequencies[stream, token] = int(self.searcher.doc_freq(stream, token))
        return frequency


class TantivyBackend(GenerationBackend):
    """``path`` is the folder of the index. A search that takes longer than ``time_limit_s`` counts no facets."""

    def __init__(self, *, path: str | Path, time_limit_s: float = 2.0) -> None:
        self.folder = GenerationFolder(Path(path), layout=LAYOUT)
        self.time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._opened: _Reader | None = None

    # ---- reading --------------------------------------------------------------------------------

    def search(self, root: Node, request: Request) -> EngineResult:
        began = time.monotonic()
        clause = compile_query(root)
        reader = self._reader()
        with self._reporting_damage(reader.folder):
            query = _Translator(reader).translate(clause)
            sort = request.sort if request.sort != "relevance" or is_scored(clause) else "newest"
            hits, total = self._page(reader.searcher, query, sort, request)
            if request.explain:
                hits = _explained(reader, clause, hits)
            facets: dict[str, tuple[FacetCount, ...]] = {}
            is_late = time.monotonic() - began > self.time_limit_s
            if request.facets and not is_late:
                facets = _count_facets(reader.searcher, query, request.facets)
        return EngineResult(hits=hits, total=total, facets=facets, is_partial=bool(request.facets) and is_late)

    @contextmanager
    def _reporting_damage(self, folder: Path) -> Iterator[None]:
        """Turn the library's errors while reading into IndexDamaged, and record damage that the checksums confirm."""
        try:
            yield
        except SearchError:
            raise
        except BaseException as exc:
            # Damaged bytes can make the library panic; pyo3's PanicException is not an Exception.
            if not isinstance(exc, ValueError | OSError) and type(exc).__name__ != "PanicException":
                raise
            damaged = self.folder.damaged_files(folder)
            if damaged:
                self.folder.record_damage(folder, f"changed or missing: {', '.join(damaged[:3])}")
            raise IndexDamaged(f"The search index in {folder} cannot be read ({exc}); {REBUILD}.") from exc

    def _page(
        self, searcher: tantivy.Searcher, query: tantivy.Query, sort: str, request: Request
    ) -> tuple[tuple[Hit, ...], int | None]:
        start, top_k = min(request.start, searcher.num_docs), min(request.top_k, searcher.num_docs)
        count = request.with_total
        if top_k < 1 or start >= searcher.num_docs:
            total = searcher.search(query, 1, count=True).count if count else None
            return (), total
        if sort == "relevance":
            scored, total = _search_by_score(searcher, query, start, top_k, count)
        else:
            field, order = _SORTS[sort]
            result = searcher.search(query, top_k, count=count, order_by_field=field, order=order, offset=start)
            scored, total = [(0.0, address) for _, address in result.hits], result.count
        hits = tuple(Hit(key=_key(searcher, address), score=score) for score, address in scored)
        return hits, total if count else None

    def count(self) -> int:
        return int(self._reader().searcher.num_docs)

    def keys(self) -> set[str]:
        reader = self._reader()
        searcher = reader.searcher
        if not searcher.num_docs:
            return set()
        with self._reporting_damage(reader.folder):
            hits = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
            return {_key(searcher, address) for _, address in hits}

    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        reader = self._reader()
        return {token: reader.frequency(stream, token) for token in tokens}

    def words(self, stream: str, prefix: str) -> list[tuple[str, int]]:
        return list(self._reader().searcher.terms_with_prefix(stream, prefix))

    def _reader(self) -> _Reader:
        """The index at its newest commit, reopened when the signature of its folder changes."""
        signature = self.folder.signature()
        opened = self._opened
        if opened is not None and opened.signature == signature and any(signature):
            return opened
        with self._lock:
            self._opened = self._open(signature)
            return self._opened

    def _open(self, signature: Signature) -> _Reader:
        folder = self.folder.current()
        self.folder.state(folder)
        try:
            if self._opened is not None and self._opened.folder == folder:
                index = self._opened.index
                index.reload()
            else:
                index = tantivy.Index.open(str(folder))
                index.config_reader("manual")
                index.reload()
            return _Reader(folder, signature, index, index.searcher())
        except (ValueError, OSError) as exc:
            raise IndexDamaged(f"The search index in {folder} does not open ({exc}); {REBUILD}.") from exc

    # ---- writing --------------------------------------------------------------------------------

    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        with self.folder.writing():
            folder = self.folder.current()
            self.folder.state(folder)
            remove_leftovers(folder)
            try:
                index = tantivy.Index.open(str(folder))
            except (ValueError, OSError) as exc:
                raise IndexDamaged(f"The search index in {folder} does not open ({exc}); {REBUILD}.") from exc
            written = _write(index, documents, removed=removed, is_new=False)
            self.folder.remember(folder, revision=revision, origin=origin)
        return written

    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        with self.folder.writing():
            folder = self.folder.new_generation()
            index = tantivy.Index(_schema(), str(folder), reuse=False)
            written = _write(index, documents, removed=(), is_new=True)
            self.folder.remember(folder, revision=revision, origin=origin)
            self.folder.publish(folder)
        return written


def _schema() -> tantivy.Schema:
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


def _write(index: tantivy.Index, documents: Iterable[Document], *, removed: Iterable[str], is_new: bool) -> int:
    """Write in one commit; return the number of documents."""
    blanks = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(TOKENIZER, blanks)
    try:
        writer = index.writer(HEAP_BYTES, 1)
    except ValueError as exc:
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
    except BaseException as exc:
        _roll_back(writer)
        if _is_disk_error(exc):
            raise IndexUnwritable(
                f"The search index cannot be written ({exc}); free space or mend the permissions, then run the "
                "command again."
            ) from exc
        raise
    writer.wait_merging_threads()
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
    return isinstance(exc, ValueError) and bool(re.search(r"os error (?:13|27|28|30|122)\b|io::Error", str(exc)))


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


def _key(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    return str(searcher.doc(address).get_first("key"))


def _search_by_score(
    searcher: tantivy.Searcher, query: tantivy.Query, start: int, top_k: int, count: bool
) -> tuple[_Scored, int | None]:
    """Hits ``start`` to ``start + top_k``, equal scores newest first.

    The window is a few hits wider than the page, because most groups of equal scores are small. If a group reaches the
    edge of the window, more hits are fetched on that side, without fetching any twice: passing a hit to Python takes
    longer than finding it. A group of more than MAX_TIES keeps the engine's order on all pages.
    """
    n_docs = searcher.num_docs
    low, high = max(start - NEAR_TIES, 0), min(start + top_k + NEAR_TIES, n_docs)
    result = searcher.search(query, high - low, count=count, offset=low)
    hits: _Scored = result.hits
    first, n_hits = start - low, min(top_k, len(hits) - (start - low))
    if n_hits < 1:
        return [], result.count
    first_score, last_score = hits[first][0], hits[first + n_hits - 1][0]
    is_end = len(hits) < high - low
    if low and hits[0][0] == first_score:
        begin = max(low - MAX_TIES, 0)
        before = searcher.search(query, low - begin, count=False, offset=begin).hits
        low, first, hits = begin, first + len(before), [*before, *hits]
    if not is_end and hits[-1][0] == last_score:
        after = searcher.search(query, MAX_TIES, count=False, offset=low + len(hits)).hits
        is_end, hits = len(after) < MAX_TIES, [*hits, *after]
    unbounded = {hits[0][0]} if low else set()
    unbounded |= set() if is_end else {hits[-1][0]}
    return _ties_newest_first(searcher, hits, unbounded)[first : first + n_hits], result.count


def _ties_newest_first(searcher: tantivy.Searcher, hits: _Scored, unbounded: set[float]) -> _Scored:
    """The hits, groups of equal scores sorted newest first, except ``unbounded`` groups, which may be incomplete."""
    if all(a[0] != b[0] for a, b in pairwise(hits)):
        return hits
    sizes = Counter(score for score, _ in hits)
    unsorted = unbounded | {score for score, size in sizes.items() if size > MAX_TIES}
    newest = searcher.fast_field_values("newest", [address for _, address in hits])
    ranked = [(-score, 0 if score in unsorted else -when) for (score, _), when in zip(hits, newest, strict=True)]
    return [hits[place] for place in sorted(range(len(hits)), key=ranked.__getitem__)]


def _count_facets(
    searcher: tantivy.Searcher, query: tantivy.Query, names: Iterable[str]
) -> dict[str, tuple[FacetCount, ...]]:
    """Values of each facet with their counts, most frequent first."""
    fields = {"category": "category", "venue": "venue_facet", "year": "year"}
    request = {name: {"terms": {"field": fields[name], "size": FACET_SIZE}} for name in names}
    counted: dict[str, Any] = searcher.aggregate(query, request)
    facets = {}
    for name, result in counted.items():
        values = [
            FacetCount(str(int(bucket["key"])) if name == "year" else bucket["key"], bucket["doc_count"])
            for bucket in result["buckets"]
            if bucket["key"]
        ]
        facets[name] = tuple(sorted(values, key=lambda facet: (-facet.count, facet.value)))
    return facets


def _explained(reader: _Reader, clause: clauses.Clause, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits with the contribution of each word: the score that the engine gives to that word alone."""
    if not hits:
        return hits
    translator = _Translator(reader)
    among = translator.translate(clauses.KeyIn(frozenset(hit.key for hit in hits)))
    shares: dict[str, list[Share]] = {hit.key: [] for hit in hits}
    for leaf in clauses.scored_leaves(clause):
        query = tantivy.Query.boolean_query([(Occur.Must, among), (Occur.Must, translator.translate(leaf))])
        for score, address in reader.searcher.search(query, len(hits), count=False).hits:
            shares[_key(reader.searcher, address)].append(Share(leaf.stream, clauses.written(leaf), score))
    return tuple(
        Hit(hit.key, hit.score, Explanation(bm25_score=hit.score, shares=tuple(shares[hit.key]))) for hit in hits
    )


class _Translator:
    """Translates clauses to tantivy's queries, one to one."""

    def __init__(self, reader: _Reader) -> None:
        self.schema = reader.index.schema
        self.frequency = reader.frequency
        self.n_docs = reader.searcher.num_docs

    def translate(self, clause: clauses.Clause) -> tantivy.Query:
        match clause:
            case clauses.Bool(must, should, must_not):
                parts = [(Occur.Must, self.translate(child)) for child in must]
                parts.extend((Occur.Should, self.translate(child)) for child in should if not self._is_absent(child))
                parts.extend((Occur.MustNot, self.translate(child)) for child in must_not)
                return tantivy.Query.boolean_query(parts) if parts else tantivy.Query.empty_query()
            case clauses.TokenMatch(stream, token, weight):
                # "freq": do not open the positions, which a single token does not need.
                query = tantivy.Query.term_query(self.schema, stream, token, "freq")
                return self._weighted(query, weight * self._idf_share(stream, token))
            case clauses.PhraseMatch(stream, tokens, weight):
                return self._weighted(tantivy.Query.phrase_query(self.schema, stream, list(tokens)), weight)
            case clauses.PrefixMatch(stream, prefix, weight):
                return self._weighted(self._prefix(stream, prefix), weight)
            case clauses.FuzzyMatch(stream, token, distance, weight):
                return self._weighted(tantivy.Query.fuzzy_term_query(self.schema, stream, token, distance), weight)
            case clauses.Constant(child, weight):
                return tantivy.Query.const_score_query(self.translate(child), weight)
            case clauses.Nothing():
                return tantivy.Query.empty_query()
            case _:
                return tantivy.Query.const_score_query(self._filter(clause), 0.0)

    def _filter(self, clause: clauses.Clause) -> tantivy.Query:
        match clause:
            case clauses.NameMatch(prefix, pattern):
                if pattern:
                    return tantivy.Query.regex_query(self.schema, "author_exact", pattern)
                return self._prefix("author_exact", prefix)
            case clauses.Marks(values, prefix):
                sets = [tantivy.Query.term_set_query(self.schema, "marks", sorted(values))] if values else []
                if prefix:
                    sets.append(self._prefix("marks", prefix))
                return tantivy.Query.boolean_query([(Occur.Should, query) for query in sets])
            case clauses.KeyIn(keys):
                return tantivy.Query.term_set_query(self.schema, "key", sorted(keys))
            case clauses.NumberIn(field, low, high):
                return tantivy.Query.range_query(self.schema, field, FieldType.Integer, low, high)
            case _:
                return tantivy.Query.all_query()

    def _is_absent(self, clause: clauses.Clause) -> bool:
        """Whether no document has the word in its stream, as is frequent: most fields contain few words of a query."""
        return isinstance(clause, clauses.TokenMatch) and not self.frequency(clause.stream, clause.token)

    def _idf_share(self, stream: str, token: str) -> float:
        """The factor that lowers the idf of a token in a stream of closed forms to its idf in the main stream."""
        if stream not in CLOSED_STREAMS:
            return 1.0
        own, other = self.frequency(stream, token), self.frequency(CLOSED_STREAMS[stream], token)
        if not 0 < own < other:
            return 1.0
        n_docs = max(self.n_docs, other)  # frequencies may count deleted documents
        return inverse_document_frequency(n_docs, other) / inverse_document_frequency(n_docs, own)

    def _prefix(self, stream: str, prefix: str) -> tantivy.Query:
        """Terms with a prefix, by an automaton without edits: faster to build than a regular expression (0.2 ms)."""
        return tantivy.Query.fuzzy_term_query(self.schema, stream, prefix, 0, prefix=True)

    @staticmethod
    def _weighted(query: tantivy.Query, weight: float) -> tantivy.Query:
        return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)
