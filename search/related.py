"""Papers related to one: by its rarest words and by its vector, fused. Start at :func:`related_papers`.

Works for a paper of this morning: without a vector its text is embedded, without an encoder its words alone answer.
A paper is a work with all its versions, so versions cannot come twice; a copy that was never joined with it (same
folded title and first author) is left out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from coolpapers.papers.models import Paper
from search.analysis import query_tokens
from search.backends.base import SearchBackend
from search.dense import embedding_text
from search.errors import StageUnavailable
from search.pools import Ranking, Stages, fuse, rerank_head
from search.query import And, Everything, Keys, Node, Not
from search.relaxing import rare_terms_query
from search.results import EngineResult, Hit, Request
from search.stages import run_stage

# Words that stand for a paper: its rarest. 32 is what the measurements of other related-paper searches use.
N_WORDS = 32
MAX_SHARED = 8  # terms named for one hit
SORTS = ("similarity", "newest", "oldest")


@dataclass(frozen=True, slots=True)
class RelatedHit:
    """A related paper and why: its rank by words and by meaning (None: not found so), and the words both have."""

    key: str
    score: float
    words_rank: int | None
    meaning_rank: int | None
    similarity: float | None
    bm25_score: float | None
    shared: tuple[str, ...]

    @property
    def signals(self) -> tuple[str, ...]:
        """Which signals found it: "words", "meaning" or both."""
        found = {"words": self.words_rank, "meaning": self.meaning_rank}
        return tuple(name for name, rank in found.items() if rank is not None)


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """Related papers of one paper; ``total`` is how many were found, ``notes`` what was left out."""

    key: str
    hits: tuple[RelatedHit, ...]
    total: int
    start: int
    sort: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What related papers are looked for: the paper's key and text, and keys of its copies."""

    key: str
    title: str
    abstract: str
    copies: frozenset[str] = frozenset()

    @classmethod
    def of_paper(cls, paper: Paper) -> Subject:
        """The subject of a paper of the library, with copies that were never joined with it."""
        same = Paper.objects.filter(match_key=paper.match_key).values_list("key", flat=True) if paper.match_key else ()
        return cls(paper.key, paper.title, paper.abstract, frozenset(same))


def related_papers(
    subject: Subject,
    *,
    engine: SearchBackend,
    stages: Stages,
    start: int = 0,
    top_k: int = 25,
    sort: str = "similarity",
    mode: str = "hybrid",
    conditions: Sequence[Node] = (),
) -> RelatedPage:
    """Papers related to a subject, best first, never itself.

    Parameters
    ----------
    sort : one of :data:`SORTS`; dates sort all that was found
    conditions : what every hit must keep, such as ``Filters.nodes()``
    mode : "hybrid" takes both signals, "bm25" and "dense" one of them; "rerank" has the first of both reread

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    notes: list[str] = []
    itself = subject.copies | {subject.key}
    allowed: list[Node] = [*conditions, Not(Keys(itself))]
    by_words = _by_words(engine, subject, allowed) if mode != "dense" else []
    by_meaning = _by_meaning(engine, subject, allowed, stages, notes) if mode != "bm25" else []
    rankings = {"bm25": by_words, "dense": by_meaning}
    fused = fuse({name: ranking for name, ranking in rankings.items() if ranking})
    if mode == "rerank":
        fused = _reread(subject, fused, dict(by_meaning), stages, notes)
    if sort != "similarity":
        fused = _by_date(engine, fused, sort)
    page = fused[start : start + top_k]
    hits = _described(engine, subject, page, by_words, by_meaning)
    return RelatedPage(subject.key, hits, len(fused), start, sort, tuple(notes))


def _by_words(engine: SearchBackend, subject: Subject, allowed: Sequence[Node]) -> Ranking:
    # The title twice: what a paper calls itself says more than any sentence of it.
    wanted = rare_terms_query(f"{subject.title}\n{subject.abstract}", engine, limit=N_WORDS).root
    if isinstance(wanted, Everything):
        return []
    request = Request(top_k=settings.SEARCH_DEPTH, with_total=False)
    return [(hit.key, hit.score) for hit in engine.search(And((wanted, *allowed)), request).hits]


def _by_meaning(
    engine: SearchBackend,
    subject: Subject,
    allowed: Sequence[Node],
    stages: Stages,
    notes: list[str],
) -> Ranking:
    """Neighbours that keep the conditions; none, with a note, where there are no vectors or no encoder."""
    text = embedding_text(subject.title, subject.abstract)
    depth = settings.SEARCH_DEPTH + len(subject.copies)
    try:
        near = run_stage(
            "dense",
            lambda: stages.dense.neighbours(subject.key, text, depth=depth, wait_s=stages.wait_s),
            wait_s=stages.wait_s,
        )
    except StageUnavailable as exc:
        why = _("it is not ready yet.") if exc.is_passing else _("a ranking stage is not available.")
        notes.append(f"{_('Found by shared words alone')}: {why}")
        return []
    if not near:
        return []
    kept = engine.search(
        And((Keys(frozenset(key for key, _score in near)), *allowed)), Request(top_k=len(near), with_total=False)
    )
    keys = {hit.key for hit in kept.hits}
    return [(key, score) for key, score in near if key in keys]


def _reread(
    subject: Subject, fused: Ranking, similarity: Mapping[str, float], stages: Stages, notes: list[str]
) -> Ranking:
    """The first in the order of the cross-encoder, which reads the title as the query."""
    try:
        return rerank_head(fused, subject.title, similarity, stages)
    except StageUnavailable as exc:
        why = _("it is not ready yet.") if exc.is_passing else _("a ranking stage is not available.")
        notes.append(f"{_('Not reranked')}: {why}")
        return fused


def _by_date(engine: SearchBackend, fused: Ranking, sort: str) -> Ranking:
    scores = dict(fused)
    found = Keys(frozenset(scores))
    hits = engine.search(found, Request(top_k=len(fused), sort=sort, with_total=False)).hits if scores else ()
    return [(hit.key, scores[hit.key]) for hit in hits]


def _described(
    engine: SearchBackend, subject: Subject, page: Ranking, by_words: Ranking, by_meaning: Ranking
) -> tuple[RelatedHit, ...]:
    words_rank = {key: rank for rank, (key, _score) in enumerate(by_words, start=1)}
    meaning_rank = {key: rank for rank, (key, _score) in enumerate(by_meaning, start=1)}
    bm25, cosines = dict(by_words), dict(by_meaning)
    shared = _shared_terms(engine, subject, [key for key, _score in page])
    return tuple(
        RelatedHit(
            key=key,
            score=score,
            words_rank=words_rank.get(key),
            meaning_rank=meaning_rank.get(key),
            similarity=cosines.get(key),
            bm25_score=bm25.get(key),
            shared=shared.get(key, ()),
        )
        for key, score in page
    )


def _shared_terms(engine: SearchBackend, subject: Subject, keys: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Words of the subject that each paper has, the most telling first, as the subject writes them."""
    wanted = rare_terms_query(f"{subject.title}\n{subject.abstract}", engine, limit=N_WORDS).root
    if isinstance(wanted, Everything) or not keys:
        return {}
    root = And((wanted, Keys(frozenset(keys))))
    result: EngineResult = engine.search(root, Request(top_k=len(keys), with_total=False, explain=True))
    written = {token.text: token.exact for token in query_tokens(f"{subject.title}\n{subject.abstract}")}
    return {hit.key: _terms_of(hit, written) for hit in result.hits}


def _terms_of(hit: Hit, written: Mapping[str, str]) -> tuple[str, ...]:
    shares: dict[str, float] = {}
    for share in hit.explanation.shares if hit.explanation else ():
        term = written.get(share.term, share.term)
        shares[term] = shares.get(term, 0.0) + share.score
    best = sorted(shares, key=lambda term: (-shares[term], term))
    return tuple(best[:MAX_SHARED])
