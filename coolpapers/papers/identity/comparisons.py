"""Two records field by field, for an administrator who decides on them. Pure. Start at :func:`compare_fields`.

The verdict itself is :mod:`.verdicts`'; this says what each field speaks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from coolpapers.papers.identity.evidence import Evidence
from coolpapers.papers.identity.pairs import Pair
from coolpapers.papers.identity.people import AuthorMatch
from coolpapers.papers.identity.places import VenueMatch
from coolpapers.papers.identity.title_matches import TitleMatch

_SHOWN_AUTHORS = 8
_MAX_YEARS = 2  # between a preprint and its publication


class Weight(StrEnum):
    """What a field speaks for."""

    SAME = "same"
    DIFFERENT = "different"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two records say in one field; empty where a record says nothing."""

    field: str
    first: str
    second: str
    weight: Weight


def compare_fields(one: Evidence, other: Evidence) -> list[Comparison]:
    """Comparisons of all fields that at least one of the records has."""
    pair = Pair(one, other)
    comparisons = []
    for field, (value_of, weigh) in _FIELDS.items():
        first, second = value_of(one), value_of(other)
        if first or second:
            comparisons.append(Comparison(field, first, second, weigh(pair)))
    return comparisons


def _entry(evidence: Evidence) -> str:
    return f"{evidence.source}:{evidence.ident}" if evidence.is_registry else ""


def _authors(evidence: Evidence) -> str:
    names = ", ".join(evidence.authors[:_SHOWN_AUTHORS])
    return f"{names} …" if len(evidence.authors) > _SHOWN_AUTHORS else names


def _years(evidence: Evidence) -> str:
    return "–".join(str(year) for year in dict.fromkeys(evidence.years)) if evidence.years else ""


def _pages(evidence: Evidence) -> str:
    return ", ".join(filter(None, (evidence.volume, evidence.first_page)))


def _weigh(*, same: bool, different: bool) -> Weight:
    return Weight.SAME if same else Weight.DIFFERENT if different else Weight.NEITHER


def _weigh_entry(pair: Pair) -> Weight:
    is_one_registry = pair.one.is_registry and pair.one.source == pair.other.source
    same = is_one_registry and pair.one.ident == pair.other.ident
    return _weigh(same=same, different=is_one_registry and not same)


def _weigh_arxiv_id(pair: Pair) -> Weight:
    return _weigh(same=pair.shares_arxiv_id, different=bool(pair.one.arxiv_id and pair.other.arxiv_id))


def _weigh_authors(pair: Pair) -> Weight:
    match = pair.authors
    return _weigh(same=match >= AuthorMatch.AGREE, different=match <= AuthorMatch.PARTLY)


def _weigh_years(pair: Pair) -> Weight:
    if pair.years is None:
        return Weight.NEITHER
    allowed = _MAX_YEARS if pair.has_preprint or pair.is_preprint_and_publication else 0
    return _weigh(same=pair.years <= allowed, different=True)


def _weigh_pages(pair: Pair) -> Weight:
    one, other = pair.one, pair.other
    is_known = bool((one.volume and other.volume) or (one.first_page and other.first_page))
    return _weigh(same=is_known and pair.is_same_volume, different=not pair.is_same_volume)


_FIELDS: dict[str, tuple[Callable[[Evidence], str], Callable[[Pair], Weight]]] = {
    "title": (
        lambda evidence: evidence.title,
        lambda pair: _weigh(
            same=pair.title >= TitleMatch.VARIANT, different=pair.title in (TitleMatch.SIGNS, TitleMatch.OTHER)
        ),
    ),
    "authors": (_authors, _weigh_authors),
    "year": (_years, _weigh_years),
    "venue": (
        lambda evidence: evidence.venue_name or evidence.journal_ref,
        lambda pair: _weigh(same=pair.venue is VenueMatch.SAME, different=pair.venue is VenueMatch.OTHER),
    ),
    "pages": (_pages, _weigh_pages),
    "entry": (_entry, _weigh_entry),
    "arxiv": (lambda evidence: evidence.arxiv_id, _weigh_arxiv_id),
    "doi": (lambda evidence: evidence.doi, lambda pair: _weigh(same=pair.shares_doi, different=pair.dois_differ)),
    "kind": (
        lambda evidence: evidence.family,
        lambda pair: _weigh(same=False, different=pair.kinds_differ),
    ),
    "abstract": (
        lambda evidence: evidence.abstract,
        lambda pair: _weigh(same=pair.shares_abstract, different=False),
    ),
}
