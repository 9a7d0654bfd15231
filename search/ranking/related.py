"""Related papers: rankings by keywords, by vectors and by anchor scores, fused. Start at :func:`related_papers`.

A new paper without a vector is embedded on demand; without an encoder, keywords are the only signal. Versions of a
paper are one paper. Of papers that are copies of one work (same folded title and first author), only the best is
returned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from search.base.aliases import Ranking, Rankings
from search.engines.base import SearchBackend
from search.engines.results import FacetCount, Hit, Request
from search.errors import StageUnavailable
from search.fusion import reciprocal_rank_fusion
from search.language.query import And, Everything, Keys, Node, Not
from search.neural.texts import embedding_text
from search.ranking.keywords import QUERY_FREQUENCY, Keyword, extract_keywords, keywords_query
from search.ranking.stages import Stages, Texts, degradation_note
from search.text.words import FUNCTION_WORDS

# Chosen on queries that bench_related does not report (docs/reference/related.md): number of keywords, and how often a
# repeated keyword counts at most.
N_WORDS = 20
MAX_COUNT = 6
RRF_K = 30
WEIGHTS = {"words": 0.4, "meaning": 0.6, "anchors": 0.3}
# Feedback: the query vector moves halfway to the mean of the first N_FEEDBACK papers of the fused ranking.
N_FEEDBACK = 3
MAX_SHARED = 8  # shared words listed per hit
SORTS = ("similarity", "newest", "oldest", "stars")
SIGNALS = ("words", "meaning", "anchors")

Counts = Callable[[Collection[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class RelatedHit:
    """A related paper, with its rank by each signal that found it, and the words that both papers have.

    ``ranks`` maps some of :data:`SIGNALS` to ranks from 1. ``similarity`` is the cosine, if the vectors found it.
    """

    key: str
    score: float
    ranks: Mapping[str, int]
    similarity: float | None
    bm25_score: float | None
    shared: tuple[str, ...]

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that found the paper."""
        return tuple(name for name in SIGNALS if name in self.ranks)


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """One page of the papers related to a paper. ``notes`` say what was left out.

    ``is_transient``: a model is still loading, so a retry may find more.
    """

    key: str
    hits: tuple[RelatedHit, ...]
    total: int
    start: int
    sort: str
    notes: tuple[str, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    is_transient: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The paper whose related papers are searched: its key and text, and the keys of its copies."""

    key: str
    title: str
    abstract: str
    copies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RelatedRequest:
    """The parameters of a search for related papers, beside their subject.

    Attributes
    ----------
    start, top_k : index of the first paper to return (from 0), and how many
    sort : one of :data:`SORTS`, over all papers found
    mode : "hybrid" takes every signal, "bm25" and "dense" one of them; None: SEARCH_MODE. "rerank" is "hybrid": the
        cross-encoder reads short queries, and no weight of it is better here (``bench.ranking.bench_rerank_weights``)
    conditions : what every paper must meet, such as ``Filters.nodes()``
    facets : names among category, venue, year, counted over all papers found
    """

    start: int = 0
    top_k: int = 25
    sort: str = "similarity"
    mode: str | None = None
    conditions: tuple[Node, ...] = ()
    facets: tuple[str, ...] = ()


def no_counts(_keys: Collection[str]) -> Mapping[str, int]:
    """No paper is starred."""
    return {}


def related_papers(
    subject: Subject,
    request: RelatedRequest,
    *,
    engine: SearchBackend,
    stages: Stages,
    count_stars: Counts = no_counts,
) -> RelatedPage:
    """Papers related to a subject, best first, never itself.

    Parameters
    ----------
    count_stars : how often papers are starred, for the sort "stars"

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    mode = request.mode or settings.SEARCH_MODE
    stages = stages.of_one_search()
    search = _RelatedSearch(engine, subject, stages, [*request.conditions, Not(Keys(subject.copies | {subject.key}))])
    rankings: dict[str, Ranking] = {}
    if mode != "dense":
        rankings["words"] = search.by_words()
    if mode != "bm25":
        rankings["meaning"] = search.by_meaning()
    if mode in ("hybrid", "rerank"):
        rankings["anchors"] = search.by_anchors()
    if len([ranking for ranking in rankings.values() if ranking]) > 1 and rankings["meaning"]:
        first = [key for key, _score in _fuse(rankings)[:N_FEEDBACK]]
        rankings["meaning"] = search.by_meaning(toward=first) or rankings["meaning"]
    rankings = {name: ranking for name, ranking in rankings.items() if ranking}
    fused = fold_copies(_fuse(rankings), stages.works)
    if request.sort == "stars":
        counts = count_stars([key for key, _score in fused])
        fused = sorted(fused, key=lambda pair: -counts.get(pair[0], 0))  # stable: ties stay in the order of similarity
    elif request.sort != "similarity":
        fused = search.by_date(fused, request.sort)
    return RelatedPage(
        key=subject.key,
        hits=search.describe(fused[request.start : request.start + request.top_k], rankings),
        total=len(fused),
        start=request.start,
        sort=request.sort,
        notes=tuple(search.notes),
        facets=search.facets(fused, request.facets),
        is_transient=any(failure.is_transient for failure in search.failures),
    )


def _fuse(rankings: Rankings) -> Ranking:
    return reciprocal_rank_fusion(rankings, weights=WEIGHTS, rrf_k=RRF_K)


def fold_copies(ranking: Ranking, works_of: Texts) -> Ranking:
    """The ranking with each work once: the best of its copies."""
    works = works_of([key for key, _score in ranking])
    best_copies: dict[str, tuple[str, float]] = {}
    for key, score in ranking:
        best_copies.setdefault(works.get(key) or key, (key, score))
    return list(best_copies.values())


@dataclass(frozen=True, slots=True)
class _RelatedSearch:
    """One search for related papers.

    ``conditions`` hold for every hit. ``notes`` collects what was left out, ``failures`` the reasons.
    """

    engine: SearchBackend
    subject: Subject
    stages: Stages
    conditions: Sequence[Node]
    notes: list[str] = field(default_factory=list)
    failures: list[StageUnavailable] = field(default_factory=list)

    def keywords(self) -> Sequence[Keyword]:
        return extract_keywords(
            self.subject.title,
            self.subject.abstract,
            frequencies=self.engine.document_frequencies,
            n_documents=self.engine.count(),
            limit=N_WORDS,
            min_frequency=QUERY_FREQUENCY,
        )

    def by_words(self) -> Ranking:
        any_keyword = keywords_query(self.keywords(), max_count=MAX_COUNT)
        if isinstance(any_keyword, Everything):
            return []
        request = Request(top_k=settings.SEARCH_DEPTH, with_total=False)
        hits = self.engine.search(And((any_keyword, *self.conditions)), request).hits
        return [(hit.key, hit.score) for hit in hits]

    def by_meaning(self, *, toward: Sequence[str] = ()) -> Ranking:
        """Nearest papers that meet the conditions; none, with a note, without vectors or encoder.

        The query vector moves toward the papers of ``toward``, which are the most probably related ones.
        """
        key, vectors = self.subject.key, self.stages.vectors
        text = embedding_text(self.subject.title, self.subject.abstract)
        depth = settings.SEARCH_DEPTH + len(self.subject.copies)

        def find_neighbours() -> tuple[bool, Ranking]:
            neighbours = vectors.neighbours(key, text, depth=depth, toward=toward)
            return bool(vectors.reader.vectors_of([key])[0]), neighbours

        try:
            has_vector, neighbours = self.stages.run("dense", find_neighbours)
        except StageUnavailable as exc:
            self.failures.append(exc)
            if not toward:
                self.notes.append(degradation_note(_("Found by shared words only"), exc))
            return []
        if not has_vector and not toward:
            self.notes.append(_("This paper had no embedding yet; one was computed now."))
        return self._filtered(neighbours)

    def by_anchors(self) -> Ranking:
        """Papers with similar cross-encoder scores on the anchor queries; none without anchors."""
        reranker, depth = self.stages.reranker, settings.SEARCH_DEPTH + len(self.subject.copies)
        if not reranker.is_configured:
            return []
        try:
            neighbours = self.stages.run(
                "dense", lambda: reranker.neighbours(self.subject.key, self.stages.vectors, depth=depth)
            )
        except StageUnavailable as exc:
            self.failures.append(exc)
            return []  # no note: this signal only adds to the others, and the log has the reason
        return self._filtered(neighbours)

    def by_date(self, fused: Ranking, sort: str) -> Ranking:
        scores = dict(fused)
        request = Request(top_k=len(fused), sort=sort, with_total=False)
        hits = self.engine.search(Keys(frozenset(scores)), request).hits if scores else ()
        return [(hit.key, scores[hit.key]) for hit in hits]

    def facets(self, fused: Ranking, names: tuple[str, ...]) -> Mapping[str, tuple[FacetCount, ...]]:
        if not names or not fused:
            return {}
        keys = Keys(frozenset(key for key, _score in fused))
        return self.engine.search(keys, Request(top_k=0, facets=names, with_total=False)).facets

    def describe(self, page: Ranking, rankings: Rankings) -> tuple[RelatedHit, ...]:
        """The papers of a page with the signals that found them and the shared words."""
        ranks = {
            name: {key: rank for rank, (key, _score) in enumerate(ranking, start=1)}
            for name, ranking in rankings.items()
        }
        bm25, cosines = dict(rankings.get("words", ())), dict(rankings.get("meaning", ()))
        shared = self._shared_words([key for key, _score in page])
        return tuple(
            RelatedHit(
                key=key,
                score=score,
                ranks={name: by_key[key] for name, by_key in ranks.items() if key in by_key},
                similarity=cosines.get(key),
                bm25_score=bm25.get(key),
                shared=shared.get(key, ()),
            )
            for key, score in page
        )

    def _filtered(self, ranking: Ranking) -> Ranking:
        if not ranking:
            return []
        root = And((Keys(frozenset(key for key, _score in ranking)), *self.conditions))
        keys = {hit.key for hit in self.engine.search(root, Request(top_k=len(ranking), with_total=False)).hits}
        return [(key, score) for key, score in ranking if key in keys]

    def _shared_words(self, keys: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The subject's keywords that each paper has, the best first, in the subject's spelling."""
        keywords = self.keywords()
        any_keyword = keywords_query(keywords, max_count=1)
        if isinstance(any_keyword, Everything) or not keys:
            return {}
        root = And((any_keyword, Keys(frozenset(keys))))
        hits = self.engine.search(root, Request(top_k=len(keys), with_total=False, explain=True)).hits
        return {hit.key: _words_in(hit, keywords) for hit in hits}


def _words_in(hit: Hit, keywords: Sequence[Keyword]) -> tuple[str, ...]:
    terms = {share.term for share in hit.explanation.shares} if hit.explanation else set()
    shared = (word.word for word in keywords if word.token in terms and word.word not in FUNCTION_WORDS)
    return tuple(shared)[:MAX_SHARED]
