"""Ranking in stages, each with a time budget and a fallback to the one before. Start at :func:`rank`.

What is found does not depend on the ranking: the papers that match the query, and in every mode but ``bm25`` also
papers near in meaning that keep the reader's conditions. A *pool* of candidates (:mod:`search.ranking.pools`) is
ordered by the mode; whatever else matches follows in BM25's order, so that paging goes on to the last hit. A pool is
kept for a while, so that page two continues page one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from search.engines.base import SearchBackend
from search.engines.results import EngineResult, Explanation, Hit, Request
from search.errors import QueryTooLarge
from search.language.query import And, Keys, Node, Not, Or, conjoin
from search.neural.dense import retrievers
from search.ranking.coverage import cover
from search.ranking.pools import Pool, Stages, any_word, make_pool

MODES = ("bm25", "dense", "hybrid", "rerank")
POOL_CACHE_S = 300  # a reader pages on within minutes


@dataclass(frozen=True, slots=True)
class Ranked:
    """One page and how it came about: ``mode`` is what really ran."""

    result: EngineResult
    mode: str
    notes: tuple[str, ...] = ()


def default_mode() -> str:
    """The ranking of a search that names none: the setting's.

    In a library without any vectors ``hybrid`` is ``bm25``, without a note on every page: nobody asked for more, and
    ``doctor`` says what is missing.
    """
    mode: str = settings.SEARCH_MODE
    return "bm25" if mode == "hybrid" and not retrievers["default"].has_vectors() else mode


def rank(engine: SearchBackend, root: Node, request: Request, *, words: str, mode: str, stages: Stages) -> Ranked:
    """One page of a search in a mode.

    Parameters
    ----------
    root : the query's tree, filters included
    words : what it says in words (:func:`search.language.meaning.free_words`); without any, nothing is ranked by
    meaning mode : one of :data:`MODES`

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask; a failing later stage never raises, it is noted.
    """
    if mode == "bm25" or not words.strip():
        return Ranked(engine.search(root, request), "bm25")
    try:
        return _rank_pool(engine, root, request, words, mode, stages)
    except QueryTooLarge:  # it fits the guards alone, not together with the pool's conditions
        note = _("Ranked by words only: the query is too long for semantic search.")
        return Ranked(engine.search(root, request), "bm25", (note,))


def _rank_pool(engine: SearchBackend, root: Node, request: Request, words: str, mode: str, stages: Stages) -> Ranked:
    identity = (root, words, mode, engine.revision(), _settings_of(engine, stages))
    pool = _kept(identity, lambda: make_pool(engine, root, words, mode, stages))
    if pool.mode == "bm25":
        return Ranked(engine.search(root, request), "bm25", pool.notes)
    everything = _or_keys(root, pool.extras)
    if request.sort != "relevance":
        result = engine.search(everything, request)
        if request.explain:
            result = replace(result, hits=tuple(_explained(engine, words, result.hits, 0, pool, in_order=False)))
    else:
        result = _page(engine, root, everything, words, request, pool)
    return Ranked(result, pool.mode, pool.notes)


def _kept(identity: object, make: Callable[[], Pool]) -> Pool:
    """The pool from the cache, or a new one; one with a note (a stage failed) is not kept."""
    digest = hashlib.blake2b(repr(identity).encode("utf-8", "replace"), digest_size=16).hexdigest()
    kept = cache.get(f"pool:{digest}")
    if isinstance(kept, Pool):
        return kept
    pool = make()
    if not pool.notes:
        cache.set(f"pool:{digest}", pool, POOL_CACHE_S)
    return pool


def _settings_of(engine: SearchBackend, stages: Stages) -> object:
    """Whatever else an order depends on: other vectors, another model or another depth make another pool."""
    return (
        type(engine).__name__,
        stages.dense.identity(),
        stages.reranker.identity(),
        settings.SEARCH_DEPTH,
        settings.RERANK_POOL,
        sorted(settings.SEARCH_FUSION_WEIGHTS.items()),
    )


def _page(
    engine: SearchBackend, root: Node, everything: Node, words: str, request: Request, pool: Pool
) -> EngineResult:
    """A page out of the pool, continued by what matches beyond it; totals and facets over everything found."""
    whole = engine.search(everything, replace(request, start=0, top_k=0, explain=False))
    hits = [Hit(key, score) for key, score in pool.ordered[request.start : request.start + request.top_k]]
    missing = request.top_k - len(hits)
    if missing > 0:
        rest = _without_keys(root, frozenset(key for key, _score in pool.ordered))
        start = max(0, request.start - len(pool.ordered))
        more = replace(request, start=start, top_k=missing, facets=(), with_total=False, explain=False)
        hits += [Hit(hit.key, 0.0) for hit in engine.search(rest, more).hits]
    if request.explain:
        hits = _explained(engine, words, hits, request.start, pool)
    return replace(whole, hits=tuple(hits))


def _explained(
    engine: SearchBackend, words: str, hits: Sequence[Hit], start: int, pool: Pool, *, in_order: bool = True
) -> list[Hit]:
    """The hits with what each stage said of them; ranks only where the page is in the order of the stages."""
    if not hits:
        return []
    root = And((any_word(engine, words), Keys(frozenset(hit.key for hit in hits))))
    found = engine.search(root, Request(top_k=len(hits), with_total=False, explain=True)).hits
    shares = {hit.key: hit.explanation for hit in found if hit.explanation}
    is_fused = pool.mode in ("hybrid", "rerank")
    covered = dict(cover(engine, words, [hit.key for hit in hits])) if is_fused else {}
    was_reranked = bool(pool.before) and in_order
    explained = []
    for number, hit in enumerate(hits, start=start + 1):
        explanation = replace(
            shares.get(hit.key, Explanation()),
            similarity=pool.similarity.get(hit.key),
            coverage=covered.get(hit.key, 0.0) if is_fused else None,
            rank_before=pool.before.get(hit.key, number) if was_reranked else None,
            rank_after=number if was_reranked else None,
        )
        explained.append(replace(hit, explanation=explanation))
    return explained


def _or_keys(root: Node, keys: frozenset[str]) -> Node:
    if not keys:
        return root
    return Or((*(root.children if isinstance(root, Or) else (root,)), Keys(keys)))


def _without_keys(root: Node, keys: frozenset[str]) -> Node:
    return conjoin(root, [Not(Keys(keys))])
