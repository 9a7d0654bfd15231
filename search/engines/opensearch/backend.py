"""The engine itself: searches the current index, updates it and rebuilds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, gettext_noop

from search.engines.base import Search, SearchBackend
from search.engines.clauses import Clause
from search.engines.compiling import compile_query, is_scored
from search.engines.documents import Document
from search.engines.opensearch.client import Client, Servers
from search.engines.opensearch.facets import read_facets
from search.engines.opensearch.hits import PageReader
from search.engines.opensearch.indices import MAX_CLAUSES, IndexState, Indices, writable_state
from search.engines.opensearch.locks import Lease, WriterLock
from search.engines.opensearch.mapping import LAYOUT
from search.engines.opensearch.terms import Frequencies, keys_with, words_with_prefix
from search.engines.opensearch.translation import Translator, limited_tokens
from search.engines.opensearch.writing import BulkWriter, delete_actions, index_actions
from search.engines.results import EngineResult, Request
from search.errors import IndexMissing, IndexUnavailable, SearchError
from search.language.query import Node

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Completions are sorted here once more, without words of signs: so many times as many are asked for.
_SPARE_WORDS = 4


class OpenSearchBackend(SearchBackend):
    """``index`` is the alias of the current index, and begins the names of all indices.

    ``replicas`` is the number of copies of each shard beside the first, or a range that fits the number of nodes.
    ``timeout_s`` limits an attempt of a search, ``time_limit_s`` the server's work for it.
    """

    def __init__(
        self,
        *,
        urls: Sequence[str],
        index: str = "coolpapers",
        ca_file: str = "",
        shards: int = 1,
        replicas: str = "0-1",
        timeout_s: float = 5.0,
    ) -> None:
        self.client = Client(Servers(tuple(urls), ca_file=ca_file, timeout_s=timeout_s))
        self.alias = index
        self.indices = Indices(self.client, index, shards=shards, replicas=replicas)
        self.lock = WriterLock(self.client, f"{index}-lock")
        self.pages = PageReader(self.client, index, time_limit_s=0.8 * timeout_s)
        self.frequencies = Frequencies(self.client, index)

    # ---- reading --------------------------------------------------------------------------------

    def search(self, root: Node, request: Request) -> EngineResult:
        return self.search_many([(root, request)])[0]

    def search_many(self, searches: Sequence[Search]) -> list[EngineResult]:
        if not searches:
            return []
        compiled = [(compile_query(root), request) for root, request in searches]
        state = self.indices.state()
        tokens = chain.from_iterable(limited_tokens(clause) for clause, _request in compiled)
        counts, n_documents = self.frequencies.of(state, tokens)
        translator = Translator(lambda stream, token: counts[stream, token], n_documents)
        asked = [(translator.translate(clause), _sort(clause, request), request) for clause, request in compiled]
        pages = self.pages.read_many(asked) if len(asked) > 1 else [self.pages.read(*asked[0])]
        results = []
        for (clause, request), (hits, total, answer) in zip(compiled, pages, strict=True):
            explained = self.pages.explain(translator, clause, hits) if request.explain else hits
            facets = read_facets(answer, request.facets) if request.facets else {}
            results.append(EngineResult(hits=explained, total=total, facets=facets))
        return results

    def count(self) -> int:
        self.indices.state()
        return int(self.client.request("GET", f"/{self.alias}/_count")["count"])

    def keys(self) -> set[str]:
        self.indices.state()
        return {str(fields["key"][0]) for fields in self.client.scroll(self.alias, ["key"])}

    def document_frequencies(self, stream: str, tokens: Iterable[str]) -> dict[str, int]:
        counts, _ = self.frequencies.of(self.indices.state(), [(stream, token) for token in tokens])
        return {token: n_documents for (_, token), n_documents in counts.items()}

    def words(self, stream: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        self.indices.state()
        return words_with_prefix(self.client, self.alias, stream, prefix, limit=limit)

    def containing(self, stream: str, token: str, *, limit: int) -> list[str]:
        self.indices.state()
        return keys_with(self.client, self.alias, stream, token, limit=limit)

    def complete(self, prefix: str, *, limit: int = 8) -> list[str]:
        counted = self.words("title_exact", prefix, limit=_SPARE_WORDS * limit)
        return [word for word, _ in sorted(counted, key=lambda item: (-item[1], item[0])) if word.isalnum()][:limit]

    def revision(self) -> int:
        state = self._state()
        return state.revision if state else 0

    def origin(self) -> str:
        state = self._state()
        return state.origin if state else ""

    def is_outdated(self) -> bool:
        return self.indices.state().layout != LAYOUT

    def verify(self, *, changed_only: bool = False) -> list[str]:  # noqa: ARG002 # no files here
        """The servers check their files themselves: a damaged shard that has no other copy makes the index red."""
        name = self.indices.state().name
        health = self.indices.health(name)
        if health["status"] == "red":
            message = f"Parts of the search index {name} are on no node of the OpenSearch cluster."
            cure = gettext_noop(
                "start the missing nodes; if they are lost, restore a snapshot or run manage.py rebuild_index"
            )
            raise IndexUnavailable(message, cure=cure)
        return []

    def advice(self) -> list[tuple[StrOrPromise, StrOrPromise]]:
        advice: list[tuple[StrOrPromise, StrOrPromise]] = []
        health = self.indices.health(self.indices.state().name)
        if health["status"] == "yellow":
            message = gettext_lazy("{n_copies} copies of shards are on no node: the loss of a node could lose papers.")
            n_copies = health["unassigned_shards"]
            advice.append((format_lazy(message, n_copies=n_copies), gettext_lazy("add nodes, or lower replicas")))
        limit = self.indices.clause_limit()
        if limit < MAX_CLAUSES:
            message = gettext_lazy("Long queries are refused (at most {n_clauses} clauses).")
            cure = gettext_lazy("set indices.query.bool.max_clause_count of the cluster to {n_clauses}")
            advice.append((format_lazy(message, n_clauses=limit), format_lazy(cure, n_clauses=MAX_CLAUSES)))
        return advice

    # ---- writing --------------------------------------------------------------------------------

    def update(
        self, documents: Iterable[Document], *, removed: Iterable[str] = (), revision: int, origin: str = ""
    ) -> int:
        with self.lock.holding() as lease:
            state = writable_state(self.indices.newest_state())
            # Sent in parts as they come. If their source fails, what was sent is not visible: only a refresh shows it.
            written = _Counter(documents)
            actions = chain(delete_actions(removed, revision=revision), index_actions(written, revision=revision))
            BulkWriter(self.client, state.name).write(actions)
            self.indices.refresh(state.name)
            self.lock.renew(lease)
            is_older = state.origin == origin and revision < state.revision
            self.indices.store_state(state if is_older else replace(state, revision=revision, origin=origin))
        return written.n_documents

    def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
        with self.lock.holding() as lease:
            state = self.indices.create(revision=revision, origin=origin)
            try:
                return self._fill(lease, state, documents)
            except BaseException:
                with suppress(SearchError):
                    if not lease.lost:
                        self.indices.delete(state.name)
                raise

    def _fill(self, lease: Lease, state: IndexState, documents: Iterable[Document]) -> int:
        written = _Counter(documents)
        created = BulkWriter(self.client, state.name).write(index_actions(written, revision=state.revision))
        self.indices.refresh(state.name)
        n_found = int(self.client.request("GET", f"/{state.name}/_count")["count"])
        if n_found < created:
            message = f"OpenSearch has lost {created - n_found} papers of the new index {state.name}."
            raise IndexUnavailable(message, cure="manage.py rebuild_index", is_transient=True)
        self.lock.renew(lease)
        self.indices.publish(state)
        return written.n_documents

    # ---- private --------------------------------------------------------------------------------

    def _state(self) -> IndexState | None:
        try:
            return self.indices.state()
        except IndexMissing:
            return None


def _sort(clause: Clause, request: Request) -> str:
    return request.sort if request.sort != "relevance" or is_scored(clause) else "newest"


class _Counter:
    """Counts documents as they pass."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = documents
        self.n_documents = 0

    def __iter__(self) -> Iterator[Document]:
        for document in self.documents:
            self.n_documents += 1
            yield document
