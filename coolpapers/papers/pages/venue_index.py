"""The index of venues: series by size in their kinds, all or those of a filter. Start at :func:`read_venue_index`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coolpapers.papers.lookup.selectors import count_venues
from coolpapers.papers.names.venues import is_journal, series_name
from coolpapers.papers.pages.home import VenueCount, group_venues
from search.text.analysis import index_folded

MAX_FILTER = 100  # characters


@dataclass(frozen=True, slots=True)
class VenueIndex:
    """Series in their kinds, the largest first. ``text`` is the filter, "" for all series."""

    conferences: list[VenueCount]
    journals: list[VenueCount]
    workshops: list[VenueCount]
    text: str = ""

    @property
    def n_series(self) -> int:
        return len(self.conferences) + len(self.journals) + len(self.workshops)


def read_venue_index(text: str, *, revision: int) -> VenueIndex:
    """The series whose name or acronym has every word of ``text``, or words that begin so."""
    text = " ".join(text.split())[:MAX_FILTER]
    words = index_folded(text).split()
    series = [venue for venue in group_venues(count_venues(revision=revision)) if _matches(venue, words)]
    series.sort(key=lambda venue: (-venue.n_papers, venue.label.casefold()))
    kinds = {venue.slug: _kind(venue) for venue in series}

    def of_kind(kind: str) -> list[VenueCount]:
        return [venue for venue in series if kinds[venue.slug] == kind]

    return VenueIndex(of_kind("conference"), of_kind("journal"), of_kind("workshop"), text)


def _matches(venue: VenueCount, words: Sequence[str]) -> bool:
    if not words:
        return True
    years = " ".join(str(year.year) for year in venue.years if year.year)
    terms = index_folded(f"{venue.slug.replace('-', '')} {venue.label} {venue.name} {years}").split()
    return all(_begins_one(terms, word) for word in words)


def _begins_one(terms: Iterable[str], word: str) -> bool:
    return any(term.startswith(word) for term in terms)


def _kind(venue: VenueCount) -> str:
    """``conference``, ``journal`` or ``workshop``. Workshops of ``venues.toml`` are as well known as conferences."""
    if is_journal(venue.slug, venue.name):
        return "journal"
    is_workshop = "workshop" in f"{venue.slug} {venue.name}".casefold()
    return "workshop" if is_workshop and not series_name(venue.slug) else "conference"
