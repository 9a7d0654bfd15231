"""Explanations of hits as a card shows them: a bar of what each part adds to the score, and the words. Pure.

Start at :func:`explain_hits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.display.wording import Wording, marked_words
from search.engines.results import Explanation, Hit, Share
from search.ranking.related import RelatedHit

MAX_SHARES = 8
MAX_WORDS = 5  # shown beside a part
# Parts of the bar in order. "other" are the words of all fields but title and abstract.
PARTS = ("title", "abstract", "other", "coverage", "dense", "rerank")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score. ``start`` and ``width`` are its place on a bar of length 100, a page's best score."""

    name: str
    label: str
    percent: int  # of the paper's own score
    start: float
    width: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for a hit. ``shares`` are (field, word, score, percent of BM25), the largest first."""

    bm25_score: float | None = None
    shares: tuple[tuple[str, str, float, int], ...] = ()
    similarity: float | None = None
    covered_percent: int | None = None  # share of the query's words in title or abstract, weighted by idf
    rank_before: int | None = None
    rank_after: int | None = None
    shared: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()  # names of the signals that found a related paper
    parts: tuple[Part, ...] = ()

    @property
    def is_by_meaning_alone(self) -> bool:
        """The paper contains none of the query's words."""
        return self.bm25_score is None and self.similarity is not None


def explain_hits(
    hits: Iterable[Hit], *, text: str, highlights: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Why]:
    """The reasons for the hits of a page, by key. Their bars have one scale.

    ``text`` is the query as typed; ``highlights`` are those of the page, from which the words of each paper are read.
    """
    explained = {hit.key: hit.explanation for hit in hits if hit.explanation is not None}
    sums = {key: _sum_parts(explanation) for key, explanation in explained.items()}
    best = max((sum(values.values()) for values in sums.values()), default=0.0)
    return {
        key: _explain(explanation, sums[key], best, _Words.of(text, (highlights or {}).get(key, {})))
        for key, explanation in explained.items()
    }


def explain_related(hit: RelatedHit) -> Why:
    """The reasons for a related paper."""
    names = {"words": _("words"), "meaning": _("meaning"), "anchors": _("anchor queries")}
    return Why(
        bm25_score=hit.bm25_score,
        similarity=hit.similarity,
        shared=hit.shared,
        signals=tuple(names[signal] for signal in hit.signals),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that stand for terms: those of the paper's title and abstract before those of the query."""

    title: Wording
    abstract: Wording
    query: Wording

    @classmethod
    def of(cls, text: str, highlights: Mapping[str, str]) -> _Words:
        title, abstract = (marked_words(highlights.get(field, "")) for field in ("title", "abstract"))
        typed = text.split()
        return cls(Wording([*title, *abstract, *typed]), Wording([*abstract, *title, *typed]), Wording(typed))

    def describe(self, share: Share) -> str:
        wordings = {"title": self.title, "abstract": self.abstract}
        return wordings.get(_field(share.field), self.query).describe(share.term)


def _explain(explanation: Explanation, sums: Mapping[str, float], best: float, words: _Words) -> Why:
    rows = _rows(explanation, words)
    return Why(
        bm25_score=explanation.bm25_score,
        shares=rows[:MAX_SHARES],
        similarity=explanation.similarity,
        covered_percent=None if explanation.coverage is None else round(100 * explanation.coverage),
        rank_before=explanation.rank_before,
        rank_after=explanation.rank_after,
        parts=_parts(sums, best, _words_of_parts(explanation, words)),
    )


def _sum_parts(explanation: Explanation) -> dict[str, float]:
    """What each of :data:`PARTS` adds to the score. The part of BM25 is split as the words share its score."""
    by_part = dict.fromkeys(PARTS, 0.0)
    for share in explanation.shares:
        by_part[_part_of(share)] += share.score
    of_words = sum(by_part.values())
    if explanation.parts:
        scale = explanation.parts.get("bm25", 0.0) / of_words if of_words else 0.0
        by_part = {name: value * scale for name, value in by_part.items()}
        by_part |= {name: max(0.0, value) for name, value in explanation.parts.items() if name in by_part}
    return {name: value for name, value in by_part.items() if value > 0}


def _parts(sums: Mapping[str, float], best: float, words: Mapping[str, tuple[str, ...]]) -> tuple[Part, ...]:
    total = sum(sums.values())
    if not total:
        return ()
    parts, start = [], 0.0
    for name, value in sums.items():
        width = 100 * value / best
        percent = round(100 * value / total)
        parts.append(Part(name, _part_label(name), percent, round(start, 2), round(width, 2), words.get(name, ())))
        start += width
    return tuple(parts)


def _words_of_parts(explanation: Explanation, words: _Words) -> dict[str, tuple[str, ...]]:
    """The words of each part, those that add most first, each once."""
    by_part: dict[str, dict[str, str]] = {}
    for share in _largest_first(explanation.shares):
        word = words.describe(share)
        by_part.setdefault(_part_of(share), {}).setdefault(word.casefold(), word)
    return {name: tuple(_without_repeats(spelled))[:MAX_WORDS] for name, spelled in by_part.items()}


def _without_repeats(spelled: Mapping[str, str]) -> Iterable[str]:
    """The words, without phrases whose words are all among them: adjacent words of a query score as a phrase too."""
    return (
        word
        for folded, word in spelled.items()
        if not folded.startswith('"') or not all(part in spelled for part in folded.strip('"').split())
    )


def _rows(explanation: Explanation, words: _Words) -> tuple[tuple[str, str, float, int], ...]:
    """(field, word, score, percent): the forms of a word in one field are one row."""
    scores: dict[tuple[str, str], tuple[str, float]] = {}
    for share in _largest_first(explanation.shares):
        word, field = words.describe(share), _field_name(_field(share.field))
        spelled, score = scores.get((field, word.casefold()), (word, 0.0))
        scores[field, word.casefold()] = spelled, score + share.score
    total = explanation.bm25_score
    rows = [
        (field, word, score, round(100 * score / total) if total else 0) for (field, _), (word, score) in scores.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row[2], row[0], row[1])))


def _largest_first(shares: Iterable[Share]) -> Sequence[Share]:
    return sorted(shares, key=lambda share: (-share.score, share.field, share.term))


def _field(stream: str) -> str:
    """The field of a stream: ``title_exact`` and ``title_closed`` are forms of words of the title."""
    return stream.removesuffix("_exact").removesuffix("_closed")


def _part_of(share: Share) -> str:
    field = _field(share.field)
    return field if field in ("title", "abstract") else "other"


def _part_label(name: str) -> str:
    return {
        "title": _("title"),
        "abstract": _("abstract"),
        "other": _("other fields"),
        "coverage": _("share of the words present"),
        "dense": _("meaning"),
        "rerank": _("reranking"),
    }[name]


def _field_name(field: str) -> str:
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
    return names.get(field, field)
