"""Ranking in stages, each with a time limit and a fallback to the stage before. Start at :func:`rank`.

The hits do not depend on the order: they are the papers that match the query and, in every mode but ``bm25``, papers
of similar meaning that meet the conditions of the query. A *pool* of candidates (:mod:`search.ranking.pools`) is
ordered by the mode; the other matches follow in BM25's order, so that paging reaches the last hit. Pools are cached
for a few minutes, so that page two continues page one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from search.engines.base import Search
from search.engines.results import EngineResult, Explanation, Hit, Request
from search.errors import QueryTooLarge, StageUnavailable
from search.language.query import And, Keys, Node, Not, Or, conjoin
from search.neural.dense import retrievers
from search.neural.encoding import LOAD_PATIENCE_S
from search.neural.rerankers import Candidate, rerankers
from search.neural.vector_search import VectorSearch
from search.ranking.coverage import cover
from search.ranking.name_matches import NamesFirst
from search.ranking.pools import Pool, PoolSearch

MODES = ("bm25", "dense", "hybrid", "rerank")
POOL_CACHE_S = 300  # readers turn pages within minutes
_FIRST_QUERY = "papers"  # what a model reads as soon as it is loaded
_POOL_KEY = "pool3"  # changes with the fields of a Pool, which caches outside the process keep over an upgrade


@dataclass(frozen=True, slots=True)
class Ranked:
    """One page and how it was ranked: ``mode`` is the mode that ran; ``names`` are those of :class:`Pool`."""

    result: EngineResult
    mode: str
    notes: tuple[str, ...] = ()
    names: NamesFirst | None = None


def default_mode() -> str:
    """The mode of a search that names none: SEARCH_MODE.

    In a library without any vectors ``hybrid`` becomes ``bm25``, without a note on every page: ``doctor`` tells
    the administrator what is missing.
    """
    mode: str = settings.SEARCH_MODE
    return "bm25" if mode == "hybrid" and not retrievers["default"].has_vectors() else mode


def load_models() -> None:
    """Load the vectors and the models of the default mode, so that the first search of a process is ranked by them.

    Waits for the models. What cannot be loaded is reported by the searches that need it.
    """
    mode = default_mode()
    if mode == "bm25":
        return
    vectors = VectorSearch(retrievers["default"], LOAD_PATIENCE_S)
    with suppress(StageUnavailable):
        vectors.query_vector(_FIRST_QUERY)
    if mode == "rerank":
        first = Candidate(key=_FIRST_QUERY, text=_FIRST_QUERY, score=0.0, similarity=0.0)
        with suppress(StageUnavailable):
            rerankers["default"].rerank(_FIRST_QUERY, [first], vectors)


def rank(search: PoolSearch, request: Request, *, mode: str) -> Ranked:
    """One page of a search in one of :data:`MODES`. A search without words is ranked by BM25.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask. A stage that fails raises nothing; a note says so.
    """
    if mode == "bm25" or not search.words.strip():
        return Ranked(search.engine.search(search.root, request), "bm25")
    try:
        return _rank_pool(replace(search, stages=search.stages.of_one_search()), request, mode)
    except QueryTooLarge:  # it is within the limits alone, but not together with the conditions of the pool
        note = _("Ranked by words only: the query is too long for semantic search.")
        return Ranked(search.engine.search(search.root, request), "bm25", (note,))


def _rank_pool(search: PoolSearch, request: Request, mode: str) -> Ranked:
    pool = _cached_pool(search, mode)
    if pool.mode == "bm25":
        return Ranked(search.engine.search(search.root, request), "bm25", pool.notes)
    page = _PoolPage(search, pool, request)
    if request.sort != "relevance":
        return Ranked(page.by_date(), pool.mode, pool.notes)
    return Ranked(page.by_relevance(), pool.mode, pool.notes, pool.names)


def _cached_pool(search: PoolSearch, mode: str) -> Pool:
    """The pool from the cache, or a new one. A pool with a note is not cached: a stage of it failed."""
    identity = (search.root, search.words, mode, search.engine.revision(), _settings_of(search))
    digest = hashlib.blake2b(repr(identity).encode("utf-8", "replace"), digest_size=16).hexdigest()
    cached = cache.get(f"{_POOL_KEY}:{digest}")
    if isinstance(cached, Pool):
        return cached
    pool = search.make_pool(mode)
    if not pool.notes:
        cache.set(f"{_POOL_KEY}:{digest}", pool, POOL_CACHE_S)
    return pool


def _settings_of(search: PoolSearch) -> object:
    """The settings and models that a pool depends on."""
    return (
        type(search.engine).__name__,
        search.stages.dense.identity(),
        search.stages.reranker.identity(),
        settings.SEARCH_DEPTH,
        settings.RERANK_POOL,
        sorted(settings.SEARCH_FUSION_WEIGHTS.items()),
    )


@dataclass(frozen=True, slots=True)
class _PoolPage:
    """One page of the hits of a search whose candidates are in a pool."""

    search: PoolSearch
    pool: Pool
    request: Request

    def by_relevance(self) -> EngineResult:
        """The pool's order, continued by the other matches; totals and facets count all hits."""
        request, ordered = self.request, self.pool.ordered
        hits = [Hit(key, score) for key, score in ordered[request.start : request.start + request.top_k]]
        n_missing = request.top_k - len(hits)
        searches = [(self._all_hits(), replace(request, start=0, top_k=0, explain=False))]
        if n_missing > 0:
            searches.append(self._beyond_the_pool(max(0, request.start - len(ordered)), n_missing))
        counted, *beyond = self.search.engine.search_many(searches)
        hits += [Hit(hit.key, 0.0) for result in beyond for hit in result.hits]
        if request.explain:
            hits = self._explained(hits, first_rank=request.start + 1)
        return replace(counted, hits=tuple(hits))

    def by_date(self) -> EngineResult:
        """The engine's order by date; explanations then have no ranks."""
        result = self.search.engine.search(self._all_hits(), self.request)
        if self.request.explain:
            result = replace(result, hits=tuple(self._explained(result.hits, first_rank=None)))
        return result

    def _all_hits(self) -> Node:
        """The papers that match the query, and those that the pool added by meaning."""
        root, extras = self.search.root, self.pool.extras
        if not extras:
            return root
        return Or((*(root.children if isinstance(root, Or) else (root,)), Keys(extras)))

    def _beyond_the_pool(self, start: int, top_k: int) -> Search:
        """The search for the matches that are not in the pool, in BM25's order."""
        in_pool = Keys(frozenset(key for key, _score in self.pool.ordered))
        request = replace(self.request, start=start, top_k=top_k, facets=(), with_total=False, explain=False)
        return conjoin(self.search.root, [Not(in_pool)]), request

    def _explained(self, hits: Iterable[Hit], *, first_rank: int | None) -> list[Hit]:
        """The hits with the values that each stage computed; ``first_rank`` is None for orders without ranks."""
        hits = list(hits)
        if not hits:
            return []
        keys = [hit.key for hit in hits]
        explanations = self._bm25_explanations(keys)
        is_fused = self.pool.mode in ("hybrid", "rerank")
        coverage = dict(cover(self.search.engine, self.search.words, keys)) if is_fused else {}
        before = self.pool.before
        explained = []
        for number, hit in enumerate(hits):
            rank = first_rank + number if first_rank is not None and before else None
            explanation = replace(
                explanations.get(hit.key, Explanation()),
                similarity=self.pool.similarity.get(hit.key),
                coverage=coverage.get(hit.key, 0.0) if is_fused else None,
                rank_before=before.get(hit.key, rank) if rank is not None else None,
                rank_after=rank,
                parts={name: part[hit.key] for name, part in self.pool.parts.items() if hit.key in part},
            )
            explained.append(hit._replace(explanation=explanation))
        return explained

    def _bm25_explanations(self, keys: list[str]) -> dict[str, Explanation]:
        tree = And((self.search.any_word(), Keys(frozenset(keys))))
        hits = self.search.engine.search(tree, Request(top_k=len(keys), with_total=False, explain=True)).hits
        return {hit.key: hit.explanation for hit in hits if hit.explanation}
