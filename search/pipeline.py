"""Ranking in stages: ``retrieve → fuse → rerank``, each with a time budget and a fallback to the one before.

What is found does not depend on the ranking: the papers that match the query, and in every mode but ``bm25`` also
the nearest papers by meaning that keep the reader's filters (fields, ranges, exclusions). Start at :func:`rank`.

A search runs over a *pool* of candidates: the best by BM25 and the nearest by meaning. The pool is ordered by the
mode; whatever else matches follows in BM25's order, so that paging goes on to the last hit. The order of a pool is
kept for a while, so that page two continues page one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from search.backends.base import SearchBackend
from search.dense import VectorRetriever, retrievers
from search.errors import StageUnavailable
from search.fusion import reciprocal_rank_fusion, weighted_fusion
from search.query import And, Everything, Fuzzy, Keys, Node, Not, Or, Phrase, Prefix, Term, wanted_text
from search.rerankers import Candidate, Reranker, rerankers
from search.results import EngineResult, Explanation, Hit, Request
from search.stages import run_stage

MODES = ("bm25", "dense", "hybrid", "rerank")
POOL_CACHE_S = 300  # a reader pages on within minutes

Ranking = list[tuple[str, float]]
Texts = Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one search in order, and how many of them only the meaning found.

    ``bm25`` and ``similarity`` are the stages' scores by key; ``before`` the ranks before reranking, where it ran.
    """

    ordered: Ranking
    extras: frozenset[str]
    mode: str
    similarity: Mapping[str, float]
    before: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """One page and how it came about: ``mode`` is what really ran."""

    result: EngineResult
    mode: str
    notes: tuple[str, ...] = ()


def rank(
    engine: SearchBackend,
    root: Node,
    request: Request,
    *,
    words: str,
    mode: str,
    texts: Texts,
    dense: VectorRetriever | None = None,
    reranker: Reranker | None = None,
    wait_s: float = 0.0,
) -> Ranked:
    """One page of a search in a mode.

    Parameters
    ----------
    root : the query's tree, filters included
    words : what it says in words (:func:`free_words`); without any there is nothing to rank by meaning
    mode : one of :data:`MODES`
    texts : gives what a cross-encoder reads of papers, by key
    dense, reranker : the stages; those of the settings by default
    wait_s : how long to wait for a model that is still loading; a page does not

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask; a failing later stage never raises, it is noted.
    """
    if mode == "bm25" or not words:
        return Ranked(engine.search(root, request), "bm25")
    pool = _kept_pool(
        engine, root, words, mode, lambda: _make_pool(engine, root, words, mode, texts, dense, reranker, wait_s)
    )
    if pool.mode == "bm25":
        return Ranked(engine.search(root, request), "bm25", pool.notes)
    everything = Or((root, Keys(pool.extras))) if pool.extras else root
    if request.sort != "relevance":
        return Ranked(engine.search(everything, request), pool.mode, pool.notes)
    return Ranked(_page(engine, root, everything, words, request, pool), pool.mode, pool.notes)


# ---- the pool ----------------------------------------------------------------------------------------


def _kept_pool(engine: SearchBackend, root: Node, words: str, mode: str, make: Callable[[], Pool]) -> Pool:
    """The pool from the cache, or a new one; one with a note (a stage failed) is not kept."""
    asked = repr((root, words, mode, engine.revision(), type(engine).__name__))
    key = f"pool:{hashlib.blake2b(asked.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"
    kept = cache.get(key)
    if isinstance(kept, Pool):
        return kept
    pool = make()
    if not pool.notes:
        cache.set(key, pool, POOL_CACHE_S)
    return pool


def _make_pool(
    engine: SearchBackend,
    root: Node,
    words: str,
    mode: str,
    texts: Texts,
    dense: VectorRetriever | None,
    reranker: Reranker | None,
    wait_s: float,
) -> Pool:
    depth = settings.SEARCH_DEPTH
    matched = [hit.key for hit in engine.search(root, Request(top_k=depth, with_total=False)).hits]
    try:
        retriever = dense or retrievers["default"]
        found = run_stage("dense", lambda: _similar(retriever, words, matched, depth, wait_s), wait_s=wait_s)
    except StageUnavailable as exc:
        return Pool([], frozenset(), "bm25", {}, {}, (_note(_("Sorted by words alone"), exc),))
    near = [key for key in found.nearest if key not in set(matched)]
    allowed = _select(engine, _filters(root), near)
    inside = _select(engine, root, sorted(allowed))
    similarity = {key: found.similarity[key] for key in (*matched, *sorted(allowed)) if key in found.similarity}
    rankings = {
        "bm25": _bm25_ranking(engine, words, [*matched, *sorted(allowed)]),
        "dense": sorted(similarity.items(), key=lambda item: (-item[1], item[0])),
    }
    fused = rankings["dense"] if mode == "dense" else fuse(rankings)
    pool = Pool(_with_all(fused, matched), frozenset(allowed - inside), mode, similarity, {})
    return (
        _rerank(pool, words, texts, reranker or rerankers["default"], retriever, wait_s) if mode == "rerank" else pool
    )


@dataclass(frozen=True, slots=True)
class _Similar:
    nearest: list[str]
    similarity: dict[str, float]


def _similar(retriever: VectorRetriever, words: str, matched: Sequence[str], depth: int, wait_s: float) -> _Similar:
    """The nearest papers of all, and the similarity of those that BM25 found."""
    nearest = retriever.retrieve(words, depth=depth, wait_s=wait_s)
    similarity = retriever.similarities(words, matched, wait_s=wait_s) | dict(nearest)
    return _Similar([key for key, _ in nearest], similarity)


def fuse(rankings: Mapping[str, Ranking]) -> Ranking:
    """Join the retrievers' rankings as the settings say: by fitted weights, or by rank."""
    weights = settings.SEARCH_FUSION_WEIGHTS
    if weights:
        return weighted_fusion(rankings, weights=weights)
    return reciprocal_rank_fusion(rankings)


def _rerank(
    pool: Pool, words: str, texts: Texts, reranker: Reranker, retriever: VectorRetriever, wait_s: float
) -> Pool:
    """The first of the pool in the order of the cross-encoder; as it was, with a note, where that fails."""
    head = pool.ordered[: settings.RERANK_POOL]
    contents = texts([key for key, _ in head])
    candidates = [
        Candidate(key=key, text=contents.get(key, ""), score=score, similarity=pool.similarity.get(key, 0.0))
        for key, score in head
    ]
    try:
        reordered = run_stage(
            "rerank", lambda: reranker.rerank(words, candidates, retriever, wait_s=wait_s), wait_s=wait_s
        )
    except StageUnavailable as exc:
        return replace(pool, mode="hybrid", notes=(_note(_("Not reranked"), exc),))
    before = {key: rank for rank, (key, _) in enumerate(head, start=1)}
    return replace(pool, ordered=[*reordered, *pool.ordered[len(head) :]], before=before)


def _bm25_ranking(engine: SearchBackend, words: str, keys: Sequence[str]) -> Ranking:
    """BM25 of any of the words over the pool: also papers that lack one of them have a score."""
    if not keys:
        return []
    terms: tuple[Node, ...] = tuple(Term(word) for word in words.split())
    root = And((Or(terms) if len(terms) > 1 else terms[0], Keys(frozenset(keys))))
    hits = engine.search(root, Request(top_k=len(keys), with_total=False)).hits
    return [(hit.key, hit.score) for hit in hits]


def _select(engine: SearchBackend, root: Node, keys: Sequence[str]) -> set[str]:
    """Which of the keys a tree lets through."""
    if not keys or isinstance(root, Everything):
        return set(keys)
    result = engine.search(And((root, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False))
    return {hit.key for hit in result.hits}


def _with_all(fused: Ranking, matched: Sequence[str]) -> Ranking:
    """Candidates that no ranking scored stand last, in BM25's order."""
    scored = {key for key, _ in fused}
    return [*fused, *((key, 0.0) for key in matched if key not in scored)]


# ---- trees -------------------------------------------------------------------------------------------


def free_words(root: Node) -> str:
    """The words of a query that say what a paper is about: what an encoder reads."""
    return " ".join(node.text for node in wanted_text(root) if _is_free(node))


def _is_free(node: Node) -> bool:
    """Words that say what a paper is about, in a field where it says so."""
    return isinstance(node, Term | Phrase | Prefix | Fuzzy) and node.field in (None, "title", "abstract")


def _filters(root: Node) -> Node:
    """The part of a tree that also a paper found by meaning has to keep: all but plain words and choices of them."""
    children = root.children if isinstance(root, And) else (root,)
    kept = tuple(child for child in children if not _is_plain(child))
    if not kept:
        return Everything()
    return kept[0] if len(kept) == 1 and not isinstance(kept[0], Not) else And(kept)


def _is_plain(node: Node) -> bool:
    if isinstance(node, Or):
        return all(_is_plain(child) for child in node.children)
    return isinstance(node, Term | Fuzzy) and node.field is None


# ---- the page ----------------------------------------------------------------------------------------


def _page(
    engine: SearchBackend, root: Node, everything: Node, words: str, request: Request, pool: Pool
) -> EngineResult:
    """A page out of the pool, continued by what matches beyond it; totals and facets over everything found."""
    whole = engine.search(everything, replace(request, start=0, top_k=0, explain=False))
    head = pool.ordered[request.start : request.start + request.top_k]
    hits = [Hit(key, score) for key, score in head]
    missing = request.top_k - len(hits)
    if missing > 0:
        rest = And((root, Not(Keys(frozenset(key for key, _ in pool.ordered)))))
        start = max(0, request.start - len(pool.ordered))
        tail = engine.search(
            rest, replace(request, start=start, top_k=missing, facets=(), with_total=False, explain=False)
        )
        hits += [Hit(hit.key, 0.0) for hit in tail.hits]
    if request.explain:
        hits = _explained(engine, words, hits, request.start, pool)
    return replace(whole, hits=tuple(hits))


def _explained(engine: SearchBackend, words: str, hits: Sequence[Hit], start: int, pool: Pool) -> list[Hit]:
    keys = [hit.key for hit in hits]
    terms: tuple[Node, ...] = tuple(Term(word) for word in words.split())
    root = And((Or(terms), Keys(frozenset(keys))))
    found = engine.search(root, Request(top_k=len(keys), with_total=False, explain=True)).hits if keys else ()
    shares = {hit.key: hit.explanation for hit in found if hit.explanation}
    explained = []
    for number, hit in enumerate(hits, start=start + 1):
        explanation = replace(
            shares.get(hit.key, Explanation()),
            similarity=pool.similarity.get(hit.key),
            rank_before=pool.before.get(hit.key),
            rank_after=number if pool.before else None,
        )
        explained.append(replace(hit, explanation=explanation))
    return explained


def _note(what: str, exc: StageUnavailable) -> str:
    """A discreet sentence: the reader learns what was left out, the log has the reason."""
    return f"{what}: {_('the model is still loading.') if exc.is_passing else _('a ranking stage is not available.')}"
