"""Explanations of hits as a card shows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.engines.results import Explanation, Share
from search.ranking.related import RelatedHit

MAX_SHARES = 8


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for a hit. ``shares`` are (field, term, score, percent of BM25), the largest first."""

    bm25_score: float | None = None
    shares: tuple[tuple[str, str, float, int], ...] = ()
    similarity: float | None = None
    covered_percent: int | None = None  # share of the query's words in title or abstract, weighted by idf
    rank_before: int | None = None
    rank_after: int | None = None
    shared: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()  # names of the signals that found a related paper

    @property
    def is_by_meaning_alone(self) -> bool:
        """The paper contains none of the query's words."""
        return self.bm25_score is None and self.similarity is not None


def explain_hit(explanation: Explanation) -> Why:
    """The reasons for a hit of a search."""
    largest = sorted(explanation.shares, key=lambda share: (-share.score, share.field, share.term))
    return Why(
        bm25_score=explanation.bm25_score,
        shares=tuple(_row(share, explanation.bm25_score) for share in largest[:MAX_SHARES]),
        similarity=explanation.similarity,
        covered_percent=None if explanation.coverage is None else round(100 * explanation.coverage),
        rank_before=explanation.rank_before,
        rank_after=explanation.rank_after,
    )


def explain_related(hit: RelatedHit) -> Why:
    """The reasons for a related paper."""
    names = {"words": _("words"), "meaning": _("meaning"), "anchors": _("anchor queries")}
    return Why(
        bm25_score=hit.bm25_score,
        similarity=hit.similarity,
        shared=hit.shared,
        signals=tuple(names[signal] for signal in hit.signals),
    )


def _row(share: Share, total: float | None) -> tuple[str, str, float, int]:
    percent = round(100 * share.score / total) if total else 0
    return _field_name(share.field), share.term, share.score, percent


def _field_name(stream: str) -> str:
    """The displayed name of a stream: ``title_exact`` is the title, exact form; ``title_closed``, hyphenated."""
    names = {
        "title": _("title"),
        "abstract": _("abstract"),
        "author": _("authors"),
        "venue": _("venue"),
        "comment": _("comment"),
        "journal": _("journal"),
        "affiliation": _("affiliation"),
        "report": _("report number"),
    }
    name = names.get(stream.removesuffix("_exact").removesuffix("_closed"), stream)
    if stream.endswith("_closed"):
        return _("%(field)s, hyphenated form") % {"field": name}
    return _("%(field)s, exact form") % {"field": name} if stream.endswith("_exact") else name
