"""The candidates of one search in the order of a ranking mode: ``retrieve → fuse → rerank``.

A *pool* holds the best papers by BM25, the nearest papers by meaning, and the best papers by BM25 that contain some of
the words and are similar enough. The latter two may lack words of the query but meet its other conditions
(:func:`search.language.meaning.filters_of`). Start at :class:`PoolSearch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import gettext as _

from search.base.aliases import Ranking, Rankings
from search.engines.base import SearchBackend
from search.engines.compiling import has_content
from search.engines.results import Request
from search.engines.streams import ABSTRACT, TITLE
from search.errors import StageUnavailable
from search.fusion import Parts, add_parts, reciprocal_rank_parts, weighted_parts
from search.language.meaning import filters_of
from search.language.query import And, Constant, Everything, Keys, Node, Or, Term, conjuncts
from search.ranking.coverage import cover
from search.ranking.name_matches import NamesFirst, find_holders, put_first
from search.ranking.relaxing import relax
from search.ranking.stages import Stages, degradation_note

# Pseudo-relevance feedback: the query's vector moves by FEEDBACK_SHARE of the mean of the first N_FEEDBACK papers.
N_FEEDBACK = 3
FEEDBACK_SHARE = 0.4

RETRIEVERS = ("bm25", "dense")


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one search, best first.

    Attributes
    ----------
    extras : candidates that do not match the query and were added by meaning
    mode : the mode that ran: a simpler one if a stage failed
    similarity : cosine with the query, by key
    before : rank before reranking, by key; empty where nothing was reranked
    notes : messages for the reader about stages that failed
    names : where papers end that contain the names of the query, if they stand first for that
    parts : what each stage adds to a score, see :class:`search.engines.results.Explanation`; their sums have the order
        of ``ordered``
    """

    ordered: Ranking
    extras: frozenset[str]
    mode: str
    similarity: Mapping[str, float]
    before: Mapping[str, int]
    notes: tuple[str, ...] = ()
    parts: Parts = field(default_factory=dict)
    names: NamesFirst | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The unordered candidates of one search: ``rankings`` are what :func:`fuse` joins, by name.

    ``extras`` and ``similarity`` are those of :class:`Pool`.
    """

    keys: Sequence[str]
    extras: frozenset[str]
    similarity: Mapping[str, float]
    rankings: Rankings


@dataclass(frozen=True, slots=True)
class PoolSearch:
    """A query, with the index and the stages that answer it.

    Attributes
    ----------
    root : the query's tree, filters included
    words : the query in words (:func:`search.language.meaning.free_words`), which an encoder reads
    matched : the best papers by BM25 that match ``root``, SEARCH_DEPTH at most, if they were asked for already
    """

    engine: SearchBackend
    root: Node
    words: str
    stages: Stages
    matched: tuple[str, ...] | None = None

    def make_pool(self, mode: str) -> Pool:
        """Candidates in the order of a mode; if a stage fails, in that of a simpler mode, with a note.

        A search for authors or venues is ranked by words only: an encoder of titles and abstracts does not know them
        (its nearest papers to "NeurIPS 2023" are any that mention a year).

        Raises
        ------
        IndexMissing, IndexDamaged
            If there is no index to ask.
        """
        matched = self._matched()
        if mode != "dense" and self._is_for_names(matched):
            return Pool([], frozenset(), "bm25", {}, {})
        try:
            candidates = self._gather(matched)
        except StageUnavailable as exc:
            note = degradation_note(_("Ranked by words only"), exc)
            return Pool([], frozenset(), "bm25", {}, {}, (note,))
        parts = {"dense": dict(candidates.rankings["dense"])} if mode == "dense" else self._fused(candidates)
        ordered = _with_unranked(add_parts(parts), candidates.keys)
        pool = Pool(ordered, candidates.extras, mode, candidates.similarity, {}, parts=parts)
        if mode == "dense":
            return pool
        return self._with_names_first(self._reranked(pool) if mode == "rerank" else pool, matched)

    def gather(self) -> Candidates:
        """The candidates with the rankings to fuse.

        Raises
        ------
        IndexMissing, IndexDamaged
            If there is no index to ask.
        StageUnavailable
            If the similarities cannot be computed.
        """
        return self._gather(self._matched())

    def any_word(self) -> Node:
        """The query "any of these words", cut to the rarest where there are many; a word counts once per occurrence.

        This is also the tree that a search without a hit is relaxed to. Without repetitions, long questions rank
        worse (CISI: nDCG@10 .31 instead of .37).
        """
        terms = [Term(word) for word in self.words.split()]
        tree = And(tuple(terms)) if len(terms) > 1 else terms[0]
        return relax(tree, self.engine) or tree

    # ---- candidates ------------------------------------------------------------------------------

    def _gather(self, matched: Sequence[str]) -> Candidates:
        """Candidates, given the best papers that match the query."""
        conditions = filters_of(self.root)
        partial = self._partial_matches(matched, conditions)
        similar, similarity = self.stages.run("dense", lambda: self._similar(matched, partial))
        allowed, extras = self._added(sorted(similar.difference(matched)), conditions)
        keys = [*matched, *sorted(allowed)]
        similarity = {key: similarity[key] for key in keys if key in similarity}
        by_words = self._by_words(keys)
        if extras is None:
            extras = allowed.difference(key for key, _score in by_words)
        rankings = {
            "bm25": by_words,
            "coverage": cover(self.engine, self.words, keys),
            "dense": _by_score(similarity),
        }
        return Candidates(keys, frozenset(extras), similarity, rankings)

    def _added(self, keys: Sequence[str], conditions: Node) -> tuple[set[str], set[str] | None]:
        """The papers among ``keys`` that meet the conditions, and those of them that do not match the query.

        None instead of the latter if the query is any of its words: those without a score by words do not match.
        """
        if not keys or isinstance(conditions, Everything):
            is_any_word = self.root == self.any_word()
            return set(keys), None if is_any_word else set(keys) - self._select(self.root, keys)
        either = Or((Constant(conditions, 1.0), Constant(self.root, 2.0)))  # a match meets the conditions
        tree = And((either, Keys(frozenset(keys))))
        hits = self.engine.search(tree, Request(top_k=len(keys), with_total=False)).hits
        return {hit.key for hit in hits}, {hit.key for hit in hits if hit.score < 2.0}

    def _partial_matches(self, matched: Sequence[str], conditions: Node) -> list[str]:
        """The best papers by BM25 that have some of the words and meet the conditions, beyond those matched."""
        any_word = self.any_word()
        tree = any_word if isinstance(conditions, Everything) else And((any_word, conditions))
        if tree == self.root:
            return []
        full_matches = frozenset(matched)
        return [key for key in self._best(tree) if key not in full_matches]

    def _similar(self, matched: Sequence[str], partial: Sequence[str]) -> tuple[set[str], dict[str, float]]:
        """Keys of papers of similar meaning, and the similarity of these and of the matched papers.

        They are the nearest papers of the library, and the partial matches that are similar enough.
        """
        vectors = self.stages.vectors
        nearest, similarity = vectors.retrieve_among(self.words, [*matched, *partial], depth=settings.SEARCH_DEPTH)
        floor = self.stages.dense.min_query_similarity
        return {
            *(key for key, _score in nearest),
            *(key for key in partial if similarity.get(key, -1.0) >= floor),
        }, similarity

    def _is_for_names(self, matched: Sequence[str]) -> bool:
        """Whether most papers that match have some of the words elsewhere than in title and abstract.

        Stop words do not count: a paper need not contain the ``how`` of a question.
        """
        words = [node for node in conjuncts(self.root) if isinstance(node, Term)]
        texts = [word.text for word in words if word.field is None and has_content(word)]
        if not texts or not matched:
            return False
        in_text = tuple(Or((Term(text, TITLE.name), Term(text, ABSTRACT.name))) for text in texts)
        return 2 * len(self._select(And(in_text), matched)) < len(matched)

    # ---- orders ----------------------------------------------------------------------------------

    def _fused(self, candidates: Candidates) -> Parts:
        """The parts of the fused rankings, fused again after pseudo-relevance feedback from the first papers."""
        first = _fused_parts(candidates.rankings)
        toward = [key for key, _score in add_parts(first)[:N_FEEDBACK]]

        def move() -> dict[str, float]:
            return self.stages.vectors.similarities(self.words, candidates.keys, toward=toward, share=FEEDBACK_SHARE)

        try:
            return _fused_parts({**candidates.rankings, "dense": _by_score(self.stages.run("dense", move))})
        except StageUnavailable:  # run_stage has counted it; the first fusion is used
            return first

    def _reranked(self, pool: Pool) -> Pool:
        """The head of the pool in the order of the reranker; unchanged, with a note, where that fails."""
        try:
            ordered = self.stages.rerank_head(pool.ordered, self.words, pool.similarity)
        except StageUnavailable as exc:
            return replace(pool, mode="hybrid", notes=(degradation_note(_("Not reranked"), exc),))
        head = pool.ordered[: settings.RERANK_POOL]
        gains = _rerank_gains(dict(head), dict(ordered), weight=self.stages.reranker.weight)
        return replace(
            pool,
            ordered=ordered,
            before={key: rank for rank, (key, _score) in enumerate(head, start=1)},
            parts={**pool.parts, "rerank": gains},
        )

    def _with_names_first(self, pool: Pool, matched: Sequence[str]) -> Pool:
        """The pool with the papers first that contain the rare names of the query.

        Matches with the names that are not in the pool are added: the parts of ``R(2+1)D`` are in so many papers that
        BM25 finds those that have them side by side far below.
        """
        names, holders = find_holders(self.engine, self.words, known={self.root: matched})
        if names and not holders:
            return replace(pool, names=NamesFirst(names, 0))
        keys = {key for key, _score in pool.ordered}
        missing = self._select(self.root, sorted(holders - keys))
        n_papers = len(holders & keys) + len(missing)
        added = [(key, 0.0) for key, _score in self._by_words(sorted(missing))]
        if not 0 < n_papers < len(pool.ordered) + len(added):
            return pool
        ordered, parts = put_first([*pool.ordered, *added], pool.parts, holders)
        return replace(pool, ordered=ordered, parts=parts, names=NamesFirst(names, n_papers))

    def _by_words(self, keys: Sequence[str]) -> Ranking:
        """BM25 of any of the words over the candidates: papers without some of them have a score too."""
        if not keys:
            return []
        tree = And((self.any_word(), Keys(frozenset(keys))))
        hits = self.engine.search(tree, Request(top_k=len(keys), with_total=False)).hits
        return [(hit.key, hit.score) for hit in hits]

    # ---- the index -------------------------------------------------------------------------------

    def _matched(self) -> Sequence[str]:
        return self._best(self.root) if self.matched is None else self.matched

    def _best(self, tree: Node) -> list[str]:
        """Keys of the best papers by BM25, SEARCH_DEPTH at most."""
        request = Request(top_k=settings.SEARCH_DEPTH, with_total=False)
        return [hit.key for hit in self.engine.search(tree, request).hits]

    def _select(self, tree: Node, keys: Sequence[str]) -> set[str]:
        """The papers among ``keys`` that a tree matches."""
        if not keys or isinstance(tree, Everything):
            return set(keys)
        restricted = And((tree, Keys(frozenset(keys))))
        return {hit.key for hit in self.engine.search(restricted, Request(top_k=len(keys), with_total=False)).hits}


def fuse(rankings: Rankings) -> Ranking:
    """Join rankings as the settings say: by fitted weights, or the retrievers' by rank."""
    return add_parts(_fused_parts(rankings))


def _fused_parts(rankings: Rankings) -> Parts:
    weights = settings.SEARCH_FUSION_WEIGHTS
    if weights:
        return weighted_parts(rankings, weights=weights)
    return reciprocal_rank_parts({name: rankings[name] for name in RETRIEVERS})


def _rerank_gains(before: Mapping[str, float], after: Mapping[str, float], *, weight: float) -> dict[str, float]:
    """What the reranker adds to the score before it, on the scale of that score.

    The reranker orders by ``(1 - w) · s + w · c``, where s is the score before, scaled to 0…1 over the papers that it
    read (``CrossEncoderReranker._fuse``). The same order has ``before + gain`` with ``gain = (after / (1 - w) - s)
    · range``. Papers that it did not read have a score below 0 and no gain.
    """
    read = {key: score for key, score in after.items() if key in before and score >= 0}
    if not 0 < weight < 1 or not read:
        return {}
    low, high = min(before[key] for key in read), max(before[key] for key in read)
    width = high - low or 1.0
    scaled = {key: (before[key] - low) / width if high > low else 1.0 for key in read}
    return {key: max(0.0, (score / (1 - weight) - scaled[key]) * width) for key, score in read.items()}


def _by_score(scores: Mapping[str, float]) -> Ranking:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _with_unranked(ranking: Ranking, candidates: Sequence[str]) -> Ranking:
    """The ranking, followed by the candidates that no ranking scored, in BM25's order."""
    ranked = {key for key, _score in ranking}
    return [*ranking, *((key, 0.0) for key in candidates if key not in ranked)]
