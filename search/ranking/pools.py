"""The candidates of one search in the order of a mode: ``retrieve → fuse → rerank``. Start at :func:`make_pool`.

A pool holds the best papers by BM25, the nearest by meaning, and those that have some of the words and are not far in
meaning. The latter two keep the reader's conditions (:func:`search.language.meaning.filters_of`) but may lack words.
What each retriever says of all candidates is gathered by :func:`gather`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import gettext as _

from search.base.aliases import Ranking, Rankings
from search.engines.base import SearchBackend
from search.engines.compiling import says_something
from search.engines.results import Request
from search.engines.streams import ABSTRACT, TITLE
from search.errors import StageUnavailable
from search.fusion import reciprocal_rank_fusion, weighted_fusion
from search.language.meaning import filters_of
from search.language.query import And, Everything, Keys, Node, Or, Term, conjuncts
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import Candidate, Reranker, rerankers
from search.ranking.coverage import cover
from search.ranking.relaxing import relax
from search.ranking.stages import degradation_note, run_stage

# The first so many papers that words and meaning agree on say what the query means, with this share.
N_FEEDBACK = 3
FEEDBACK_SHARE = 0.4

RETRIEVERS = ("bm25", "dense")
Texts = Callable[[Sequence[str]], Mapping[str, str]]


def no_works(_keys: Sequence[str]) -> Mapping[str, str]:
    """No two papers are known to be copies of one work."""
    return {}


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one search in order, and which of them only the meaning found.

    ``mode`` is what really ran. ``similarity`` holds cosines by key; ``before`` the ranks before reranking, where it
    ran; ``notes`` what was left out.
    """

    ordered: Ranking
    extras: frozenset[str]
    mode: str
    similarity: Mapping[str, float]
    before: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stages:
    """What ranks beyond BM25.

    ``texts`` gives what a cross-encoder reads of papers, by key; ``wait_s`` is how long to wait for a model that is
    still loading; a page does not. ``works`` names the work of papers that may be copies of one another, by key.
    """

    dense: VectorRetriever
    reranker: Reranker
    texts: Texts
    wait_s: float = 0.0
    works: Texts = no_works

    @classmethod
    def of_settings(cls, texts: Texts, *, works: Texts = no_works, wait_s: float = 0.0) -> Stages:
        """The stages that the settings name."""
        return cls(retrievers["default"], rerankers["default"], texts, wait_s, works)


def make_pool(engine: SearchBackend, root: Node, words: str, mode: str, stages: Stages) -> Pool:
    """Candidates in the order of a mode; of the mode before it, with a note, where a stage fails.

    A search for authors or venues stays with the words: an encoder that reads titles and abstracts knows nothing of
    them ("NeurIPS 2023" is near whatever mentions a year).

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    depth = settings.SEARCH_DEPTH
    matched = [hit.key for hit in engine.search(root, Request(top_k=depth, with_total=False)).hits]
    if mode != "dense" and _asks_for_names(engine, root, matched):
        return Pool([], frozenset(), "bm25", {}, {})
    try:
        found = _gather(engine, root, words, matched, stages)
    except StageUnavailable as exc:
        return Pool([], frozenset(), "bm25", {}, {}, (degradation_note(_("Ranked by words only"), exc),))
    ranked = found.rankings["dense"] if mode == "dense" else _fused(found, words, stages)
    pool = Pool(_with_all(ranked, found.keys), found.extras, mode, found.similarity, {})
    return _reranked(pool, words, stages) if mode == "rerank" else pool


@dataclass(frozen=True, slots=True)
class Gathered:
    """The candidates of one search (``extras``: those that the words do not find), and what is said of them.

    ``rankings`` are those that :func:`fuse` joins, by name.
    """

    keys: Sequence[str]
    extras: frozenset[str]
    similarity: Mapping[str, float]
    rankings: Rankings


def gather(engine: SearchBackend, root: Node, words: str, stages: Stages) -> Gathered:
    """The candidates with all that ranks them before any reranking.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    StageUnavailable
        If nothing can be said of the meaning.
    """
    request = Request(top_k=settings.SEARCH_DEPTH, with_total=False)
    return _gather(engine, root, words, [hit.key for hit in engine.search(root, request).hits], stages)


def _gather(engine: SearchBackend, root: Node, words: str, matched: Sequence[str], stages: Stages) -> Gathered:
    kept = filters_of(root)
    partly = _partly(engine, root, kept, words, matched)
    near = run_stage("dense", lambda: _similar(stages, words, matched, partly), wait_s=stages.wait_s)
    others = sorted({key for key, _score in near.nearest}.difference(matched))
    allowed = _select(engine, kept, others)
    extras = allowed - _select(engine, root, sorted(allowed))
    keys = [*matched, *sorted(allowed)]
    similarity = {key: near.similarity[key] for key in keys if key in near.similarity}
    rankings = {
        "bm25": _by_words(engine, words, keys),
        "coverage": cover(engine, words, keys),
        "dense": _by_score(similarity),
    }
    return Gathered(keys, frozenset(extras), similarity, rankings)


def _fused(found: Gathered, words: str, stages: Stages) -> Ranking:
    """The rankings joined, then joined again with similarity to what came first (pseudo-relevance feedback)."""
    first = fuse(found.rankings)
    toward = [key for key, _score in first[:N_FEEDBACK]]

    def ask() -> Mapping[str, float]:
        return stages.dense.similarities(words, found.keys, toward=toward, share=FEEDBACK_SHARE, wait_s=stages.wait_s)

    try:
        return fuse({**found.rankings, "dense": _by_score(run_stage("dense", ask, wait_s=stages.wait_s))})
    except StageUnavailable:  # counted; what is there is a ranking
        return first


def fuse(rankings: Rankings) -> Ranking:
    """Join the rankings as the settings say: by fitted weights, or the retrievers' by rank."""
    weights = settings.SEARCH_FUSION_WEIGHTS
    if weights:
        return weighted_fusion(rankings, weights=weights)
    return reciprocal_rank_fusion({name: rankings[name] for name in RETRIEVERS})


def any_word(engine: SearchBackend, words: str) -> Node:
    """The query "any of these words", the rarest where there are many; a word said twice counts twice.

    The same tree that a search without a hit is relaxed to: left without repetitions, long questions rank worse
    (CISI: nDCG@10 .31 instead of .37).
    """
    asked = [Term(word) for word in words.split()]
    root = And(tuple(asked)) if len(asked) > 1 else asked[0]
    return relax(root, engine) or root


def _asks_for_names(engine: SearchBackend, root: Node, matched: Sequence[str]) -> bool:
    """Whether most papers that have all words have some of them elsewhere than in title and abstract.

    Stop words say nothing of that: a paper need not have the ``how`` of a question.
    """
    words = [node for node in conjuncts(root) if isinstance(node, Term)]
    free = [word.text for word in words if word.field is None and says_something(word)]
    if not free or not matched:
        return False
    said = [Or((Term(text, TITLE.name), Term(text, ABSTRACT.name))) for text in free]
    return 2 * len(_select(engine, And(tuple(said)), matched)) < len(matched)


@dataclass(frozen=True, slots=True)
class _Similar:
    nearest: Ranking
    similarity: Mapping[str, float]


def _similar(stages: Stages, words: str, matched: Sequence[str], partly: Sequence[str]) -> _Similar:
    """The papers near in meaning, and the similarity of those that BM25 found.

    Near are the nearest of all, and of those that have some of the words whichever are not far.
    """
    nearest = stages.dense.retrieve(words, depth=settings.SEARCH_DEPTH, wait_s=stages.wait_s)
    similarity = stages.dense.similarities(words, [*matched, *partly], wait_s=stages.wait_s) | dict(nearest)
    floor = stages.dense.min_query_similarity
    others = [(key, similarity[key]) for key in partly if similarity.get(key, -1.0) >= floor]
    return _Similar([*nearest, *others], similarity)


def _partly(engine: SearchBackend, root: Node, kept: Node, words: str, matched: Sequence[str]) -> list[str]:
    """The best papers by BM25 that have some of the words and what the reader wants kept, beyond those matched."""
    either = any_word(engine, words)
    wanted = either if isinstance(kept, Everything) else And((either, kept))
    if wanted == root:
        return []
    found = engine.search(wanted, Request(top_k=settings.SEARCH_DEPTH, with_total=False)).hits
    known = frozenset(matched)
    return [hit.key for hit in found if hit.key not in known]


def rerank_head(ordered: Ranking, query: str, similarity: Mapping[str, float], stages: Stages) -> Ranking:
    """The ranking with its first RERANK_POOL papers in the order of the reranker. Raises StageUnavailable."""
    head = ordered[: settings.RERANK_POOL]
    contents = stages.texts([key for key, _score in head])
    candidates = [
        Candidate(key=key, text=contents.get(key, ""), score=score, similarity=similarity.get(key, 0.0))
        for key, score in head
    ]
    reordered = run_stage(
        "rerank",
        lambda: stages.reranker.rerank(query, candidates, stages.dense, wait_s=stages.wait_s),
        wait_s=stages.wait_s,
    )
    return [*reordered, *ordered[len(head) :]]


def _reranked(pool: Pool, words: str, stages: Stages) -> Pool:
    """The first of the pool in the order of the cross-encoder; as it was, with a note, where that fails."""
    try:
        ordered = rerank_head(pool.ordered, words, pool.similarity, stages)
    except StageUnavailable as exc:
        return replace(pool, mode="hybrid", notes=(degradation_note(_("Not reranked"), exc),))
    head = pool.ordered[: settings.RERANK_POOL]
    return replace(pool, ordered=ordered, before={key: rank for rank, (key, _score) in enumerate(head, start=1)})


def _by_score(scores: Mapping[str, float]) -> Ranking:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _by_words(engine: SearchBackend, words: str, keys: Sequence[str]) -> Ranking:
    """BM25 of any of the words over the candidates: papers that lack one of them have a score too."""
    if not keys:
        return []
    root = And((any_word(engine, words), Keys(frozenset(keys))))
    hits = engine.search(root, Request(top_k=len(keys), with_total=False)).hits
    return [(hit.key, hit.score) for hit in hits]


def _select(engine: SearchBackend, root: Node, keys: Sequence[str]) -> set[str]:
    """Which of the keys a tree lets through."""
    if not keys or isinstance(root, Everything):
        return set(keys)
    result = engine.search(And((root, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False))
    return {hit.key for hit in result.hits}


def _with_all(ranking: Ranking, candidates: Sequence[str]) -> Ranking:
    """Candidates that no ranking scored stand last, in BM25's order."""
    scored = {key for key, _score in ranking}
    return [*ranking, *((key, 0.0) for key in candidates if key not in scored)]
