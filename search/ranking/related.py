"""Papers related to one: by its keywords, by its vector and by what anchor queries say of it, fused.

Start at :func:`related_papers`. Works for a paper of this morning: without a vector its text is embedded, without an
encoder its words alone answer. A paper is a work with all its versions, so versions cannot come twice; copies that
were never joined (same folded title and first author) are folded into the best of them.
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

# Chosen on queries that bench_related does not report (docs/reference/related.md): the best TF-IDF words of a paper,
# each as often as it stands there.
N_WORDS = 20
MAX_COUNT = 6
RRF_K = 30
WEIGHTS = {"words": 0.4, "meaning": 0.6, "anchors": 0.3}
# Neighbours are looked for again halfway to the first so many papers that all signals agree on.
N_FEEDBACK = 3
MAX_SHARED = 8  # terms named for one hit
SORTS = ("similarity", "newest", "oldest", "stars")
SIGNALS = ("words", "meaning", "anchors")

Counts = Callable[[Collection[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class RelatedHit:
    """A related paper and why: its rank by each signal that found it, and the words both have.

    ``ranks`` maps some of :data:`SIGNALS` to ranks from 1; ``similarity`` is the cosine where the vectors found it.
    """

    key: str
    score: float
    ranks: Mapping[str, int]
    similarity: float | None
    bm25_score: float | None
    shared: tuple[str, ...]

    @property
    def signals(self) -> tuple[str, ...]:
        """Which signals found it."""
        return tuple(name for name in SIGNALS if name in self.ranks)


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """Related papers of one paper; ``total`` is how many were found, ``notes`` what was left out.

    ``is_transient`` where asking again in a moment may find more: a model is still loading.
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
    """What related papers are looked for: the paper's key and text, and keys of its copies."""

    key: str
    title: str
    abstract: str
    copies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RelatedRequest:
    """What is asked of related papers, beside their subject.

    Attributes
    ----------
    start, top_k : index of the first paper to return (from 0), and how many
    sort : one of :data:`SORTS`, over all papers found
    mode : "hybrid" takes every signal, "bm25" and "dense" one of them, "rerank" reranks what "hybrid" finds; None:
        SEARCH_MODE
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
    """Nobody has starred anything."""
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
    search = _Search(engine, subject, stages, [*request.conditions, Not(Keys(subject.copies | {subject.key}))])
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
    found = {name: ranking for name, ranking in rankings.items() if ranking}
    fused = fold_copies(_fuse(found), stages.works)
    if mode == "rerank":
        fused = search.rerank(fused, dict(rankings["meaning"]))
    if request.sort == "stars":
        counts = count_stars([key for key, _score in fused])
        fused = sorted(fused, key=lambda pair: -counts.get(pair[0], 0))  # stable: equal ones stay by similarity
    elif request.sort != "similarity":
        fused = search.by_date(fused, request.sort)
    return RelatedPage(
        key=subject.key,
        hits=search.described(fused[request.start : request.start + request.top_k], found),
        total=len(fused),
        start=request.start,
        sort=request.sort,
        notes=tuple(search.notes),
        facets=search.facets(fused, request.facets),
        is_transient=any(exc.is_transient for exc in search.missed),
    )


def _fuse(rankings: Rankings) -> Ranking:
    return reciprocal_rank_fusion(rankings, weights=WEIGHTS, rrf_k=RRF_K)


def fold_copies(ranking: Ranking, works_of: Texts) -> Ranking:
    """The ranking with each work once: of papers with the same folded title and first author the best."""
    works = works_of([key for key, _score in ranking])
    seen: set[str] = set()
    kept = []
    for key, score in ranking:
        work = works.get(key) or key
        if work not in seen:
            seen.add(work)
            kept.append((key, score))
    return kept


@dataclass(frozen=True, slots=True)
class _Search:
    """One search for relatives: ``allowed`` is what every hit must keep.

    ``notes`` grows with what was left out, ``missed`` with why.
    """

    engine: SearchBackend
    subject: Subject
    stages: Stages
    allowed: Sequence[Node]
    notes: list[str] = field(default_factory=list)
    missed: list[StageUnavailable] = field(default_factory=list)

    def words(self) -> Sequence[Keyword]:
        return extract_keywords(
            self.subject.title,
            self.subject.abstract,
            frequencies=self.engine.document_frequencies,
            n_documents=self.engine.count(),
            limit=N_WORDS,
            min_frequency=QUERY_FREQUENCY,
        )

    def by_words(self) -> Ranking:
        wanted = keywords_query(self.words(), max_count=MAX_COUNT)
        if isinstance(wanted, Everything):
            return []
        request = Request(top_k=settings.SEARCH_DEPTH, with_total=False)
        return [(hit.key, hit.score) for hit in self.engine.search(And((wanted, *self.allowed)), request).hits]

    def by_meaning(self, *, toward: Sequence[str] = ()) -> Ranking:
        """Neighbours that keep the conditions; none, with a note, where there are no vectors or no encoder.

        ``toward``: papers that are surely related, which say what about this one is meant.
        """
        key, vectors = self.subject.key, self.stages.vectors
        text = embedding_text(self.subject.title, self.subject.abstract)
        depth = settings.SEARCH_DEPTH + len(self.subject.copies)

        def ask() -> tuple[bool, Ranking]:
            near = vectors.neighbours(key, text, depth=depth, toward=toward)
            return bool(self.stages.dense.vectors_of([key])[0]), near

        try:
            has_vector, near = self.stages.run("dense", ask)
        except StageUnavailable as exc:
            self.missed.append(exc)
            if not toward:
                self.notes.append(degradation_note(_("Found by shared words only"), exc))
            return []
        if not has_vector and not toward:
            self.notes.append(_("This paper had no embedding yet; one was computed now."))
        return self._kept(near)

    def by_anchors(self) -> Ranking:
        """Papers that a cross-encoder found alike on anchor queries; none where no anchors are built."""
        reranker, depth = self.stages.reranker, settings.SEARCH_DEPTH + len(self.subject.copies)
        if not reranker.is_configured:
            return []
        try:
            near = self.stages.run(
                "dense", lambda: reranker.neighbours(self.subject.key, self.stages.vectors, depth=depth)
            )
        except StageUnavailable as exc:
            self.missed.append(exc)
            return []  # an extra: words and meaning answer, the log has the reason
        return self._kept(near)

    def rerank(self, fused: Ranking, similarity: Mapping[str, float]) -> Ranking:
        """The first in the order of the cross-encoder, which reads the title as the query."""
        try:
            return self.stages.rerank_head(fused, self.subject.title, similarity)
        except StageUnavailable as exc:
            self.missed.append(exc)
            self.notes.append(degradation_note(_("Not reranked"), exc))
            return fused

    def by_date(self, fused: Ranking, sort: str) -> Ranking:
        scores = dict(fused)
        found = Keys(frozenset(scores))
        hits = self.engine.search(found, Request(top_k=len(fused), sort=sort, with_total=False)).hits if scores else ()
        return [(hit.key, scores[hit.key]) for hit in hits]

    def facets(self, fused: Ranking, names: tuple[str, ...]) -> Mapping[str, tuple[FacetCount, ...]]:
        if not names or not fused:
            return {}
        found = Keys(frozenset(key for key, _score in fused))
        return self.engine.search(found, Request(top_k=0, facets=names, with_total=False)).facets

    def described(self, page: Ranking, rankings: Rankings) -> tuple[RelatedHit, ...]:
        ranks = {
            name: {key: rank for rank, (key, _score) in enumerate(ranking, start=1)}
            for name, ranking in rankings.items()
        }
        bm25, cosines = dict(rankings.get("words", ())), dict(rankings.get("meaning", ()))
        shared = self._shared_terms([key for key, _score in page])
        return tuple(
            RelatedHit(
                key=key,
                score=score,
                ranks={name: of[key] for name, of in ranks.items() if key in of},
                similarity=cosines.get(key),
                bm25_score=bm25.get(key),
                shared=shared.get(key, ()),
            )
            for key, score in page
        )

    def _kept(self, near: Ranking) -> Ranking:
        """Those of the neighbours that keep the conditions."""
        if not near:
            return []
        root = And((Keys(frozenset(key for key, _score in near)), *self.allowed))
        keys = {hit.key for hit in self.engine.search(root, Request(top_k=len(near), with_total=False)).hits}
        return [(key, score) for key, score in near if key in keys]

    def _shared_terms(self, keys: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Keywords of the subject that each paper has, the most telling first, as the subject writes them."""
        words = self.words()
        wanted = keywords_query(words, max_count=1)
        if isinstance(wanted, Everything) or not keys:
            return {}
        root = And((wanted, Keys(frozenset(keys))))
        hits = self.engine.search(root, Request(top_k=len(keys), with_total=False, explain=True)).hits
        return {hit.key: _terms_of(hit, words) for hit in hits}


def _terms_of(hit: Hit, words: Sequence[Keyword]) -> tuple[str, ...]:
    has = {share.term for share in hit.explanation.shares} if hit.explanation else set()
    shared = (keyword.word for keyword in words if keyword.token in has and keyword.word not in FUNCTION_WORDS)
    return tuple(shared)[:MAX_SHARED]
