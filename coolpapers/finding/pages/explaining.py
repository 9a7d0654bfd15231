"""What the stages of a ranking said of a hit, in the order and the words a card shows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.engines.results import Explanation, Share
from search.ranking.related import RelatedHit

MAX_SHARES = 8


@dataclass(frozen=True, slots=True)
class Why:
    """One hit's reasons. ``shares`` are (field, term, score, percent of BM25), the largest first."""

    bm25_score: float | None = None
    shares: tuple[tuple[str, str, float, int], ...] = ()
    similarity: float | None = None
    covered_percent: int | None = None  # of the query's words, by their rarity, that title or abstract has
    rank_before: int | None = None
    rank_after: int | None = None
    shared: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()  # what found a related paper, in words

    @property
    def is_by_meaning_alone(self) -> bool:
        """The words of the query are not in it."""
        return self.bm25_score is None and self.similarity is not None


def explain_hit(explanation: Explanation) -> Why:
    """The reasons of a search's hit."""
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
    """The reasons of a related paper."""
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
    """What a reader calls a stream: ``title_exact`` is the title, where the very word stands.

    ``title_closed`` is the title too, where the word stands with a hyphen.
    """
    names = {
        "title": _("title"),
        "abstract": _("abstract"),
        "author": _("authors"),
        "venue": _("venue"),
        "comment": _("comment"),
        "journal": _("journal"),
    }
    name = names.get(stream.removesuffix("_exact").removesuffix("_closed"), stream)
    if stream.endswith("_closed"):
        return _("%(field)s, hyphenated form") % {"field": name}
    return _("%(field)s, exact form") % {"field": name} if stream.endswith("_exact") else name
