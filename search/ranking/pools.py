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
from search.errors import StageUnavailable
from search.fusion import Parts, add_parts, reciprocal_rank_parts, weighted_parts
from search.ranking.candidates import Beginning, Candidates, CandidateSearch, by_score
from search.ranking.name_matches import NamesFirst, put_first
from search.ranking.stages import degradation_note

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
class PoolSearch(CandidateSearch):
    """A query, with the index and the stages that answer it; see :class:`CandidateSearch` for its attributes."""

    def make_pool(self, mode: str) -> Pool:
        """Candidates in the order of a mode; if a stage fails, in that of a simpler mode, with a note.

        A search for authors or venues is ranked by words only: an encoder of titles and abstracts does not know them
        (its nearest papers to "NeurIPS 2023" are any that mention a year).

        Raises
        ------
        IndexMissing, IndexDamaged
            If there is no index to ask.
        """
        self.stages.embed_ahead(self.words)
        begun = self.begin(mode)
        if begun.is_for_names:
            return Pool([], frozenset(), "bm25", {}, {})
        try:
            candidates = self._gather(begun)
        except StageUnavailable as exc:
            note = degradation_note(_("Ranked by words only"), exc)
            return Pool([], frozenset(), "bm25", {}, {}, (note,))
        parts = {"dense": dict(candidates.rankings["dense"])} if mode == "dense" else self._fused(candidates)
        ordered = _with_unranked(add_parts(parts), candidates.keys)
        pool = Pool(ordered, candidates.extras, mode, candidates.similarity, {}, parts=parts)
        if mode == "dense":
            return pool
        reranked = self._reranked(pool) if mode == "rerank" else pool
        return self._with_names_first(reranked, begun, candidates.missing)

    def _fused(self, candidates: Candidates) -> Parts:
        """The parts of the fused rankings, fused again after pseudo-relevance feedback from the first papers."""
        first = _fused_parts(candidates.rankings)
        toward = [key for key, _score in add_parts(first)[:N_FEEDBACK]]

        def move() -> dict[str, float]:
            return self.stages.vectors.similarities(self.words, candidates.keys, toward=toward, share=FEEDBACK_SHARE)

        try:
            return _fused_parts({**candidates.rankings, "dense": by_score(self.stages.run("dense", move))})
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

    def _with_names_first(self, pool: Pool, begun: Beginning, missing: Sequence[str]) -> Pool:
        """The pool with the papers first that contain the rare names of the query.

        ``missing`` are the matches with the names that are not in the pool; they are added. The parts of ``R(2+1)D``
        are in so many papers that BM25 finds those that have them side by side far below.
        """
        names, holders = begun.names, begun.holders
        if names and not holders:
            return replace(pool, names=NamesFirst(names, 0))
        keys = {key for key, _score in pool.ordered}
        n_papers = len(holders & keys) + len(missing)
        added = [(key, 0.0) for key in missing]
        if not 0 < n_papers < len(pool.ordered) + len(added):
            return pool
        ordered, parts = put_first([*pool.ordered, *added], pool.parts, holders)
        return replace(pool, ordered=ordered, parts=parts, names=NamesFirst(names, n_papers))


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


def _with_unranked(ranking: Ranking, candidates: Sequence[str]) -> Ranking:
    """The ranking, followed by the candidates that no ranking scored, in BM25's order."""
    ranked = {key for key, _score in ranking}
    return [*ranking, *((key, 0.0) for key in candidates if key not in ranked)]
