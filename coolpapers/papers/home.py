"""What the home page shows of the library: newest days, categories in their groups, venues by year."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from coolpapers.papers.category_sets import EVERYTHING, CategorySet, Step
from coolpapers.papers.permalinks import category_path
from coolpapers.papers.selectors import (
    DayCount,
    VenueYear,
    count_categories,
    count_days,
    count_papers,
    count_venues,
)
from coolpapers.papers.taxonomy import CATEGORY_NAMES, GROUPS, category_group

NEW_DAYS = 8
YEARS_SHOWN = 6  # of a venue; older ones are folded
VENUES_SHOWN = 18  # the largest; the rest are folded
OTHERS_SHOWN = 24  # categories outside arXiv's list, the largest; the rest are folded


@dataclass(frozen=True, slots=True)
class CategoryCount:
    code: str
    name: str
    n_papers: int

    @property
    def path(self) -> str:
        return category_path(self.code)


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """Categories of one field. ``archive`` is what unites them in an address ("" where nothing does)."""

    archive: str
    name: str
    shown: list[CategoryCount]
    folded: list[CategoryCount]


@dataclass(frozen=True, slots=True)
class VenueCount:
    slug: str
    name: str
    n_papers: int
    years: list[VenueYear]

    @property
    def shown_years(self) -> list[VenueYear]:
        return self.years[:YEARS_SHOWN]

    @property
    def folded_years(self) -> list[VenueYear]:
        return self.years[YEARS_SHOWN:]


@dataclass(frozen=True, slots=True)
class Home:
    n_papers: int
    days: list[DayCount]
    groups: list[CategoryGroup]
    venues: list[VenueCount]

    @property
    def shown_venues(self) -> list[VenueCount]:
        return sorted(self.venues[:VENUES_SHOWN], key=lambda venue: venue.slug.lower())

    @property
    def folded_venues(self) -> list[VenueCount]:
        return sorted(self.venues[VENUES_SHOWN:], key=lambda venue: venue.slug.lower())


def read_home(*, revision: int) -> Home:
    """All counts of the home page; remembered until the library changes."""
    everything = CategorySet((Step(EVERYTHING),))
    return Home(
        n_papers=count_papers(revision=revision),
        days=count_days(everything, revision=revision)[:NEW_DAYS],
        groups=group_categories(count_categories(revision=revision)),
        venues=group_venues(count_venues(revision=revision)),
    )


def group_categories(counts: dict[str, int]) -> list[CategoryGroup]:
    """Categories under their fields in arXiv's order, by code; those we cannot name last, by size."""
    members: dict[str, list[CategoryCount]] = {archive: [] for archive in GROUPS}
    for code, n_papers in counts.items():
        group = category_group(code) if code in CATEGORY_NAMES else ""
        members[group].append(CategoryCount(code, CATEGORY_NAMES.get(code, ""), n_papers))
    groups = []
    for archive, found in members.items():
        shown, folded = sorted(found, key=lambda category: category.code), []
        if not archive:
            by_size = sorted(found, key=lambda category: (-category.n_papers, category.code))
            shown, folded = by_size[:OTHERS_SHOWN], by_size[OTHERS_SHOWN:]
        if found:
            groups.append(CategoryGroup(archive, str(GROUPS[archive]), shown, folded))
    return groups


def group_venues(counted: list[VenueYear]) -> list[VenueCount]:
    """Venues with their years, the venue with most papers first. ``counted`` is sorted by venue."""
    venues = []
    for slug, found in groupby(counted, key=lambda venue: venue.slug):
        years = list(found)
        venues.append(VenueCount(slug, years[0].name, sum(year.n_papers for year in years), years))
    return sorted(venues, key=lambda venue: (-venue.n_papers, venue.slug))
