"""What the home page shows of the library: newest days, categories in their groups, venues by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from coolpapers.papers.lookup.selectors import (
    DayCount,
    VenueYear,
    count_categories,
    count_days,
    count_papers,
    count_venues,
)
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, Step
from coolpapers.papers.names.permalinks import category_path, venue_path
from coolpapers.papers.names.venues import venue_label
from search.vocabulary.categories import CATEGORY_NAMES, GROUPS, category_group, category_name

NEW_DAYS = 8
YEARS_SHOWN = 6  # of a venue; older ones are folded
VENUES_SHOWN = 24  # the largest; all stand on a page of their own
OTHERS_SHOWN = 12  # categories outside arXiv's list, likewise


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
    """Categories of one field, by code. ``archive`` unites them in an address ("" where nothing does)."""

    archive: str
    name: str
    categories: list[CategoryCount]


@dataclass(frozen=True, slots=True)
class VenueCount:
    slug: str
    name: str
    n_papers: int
    years: list[VenueYear]

    @property
    def label(self) -> str:
        return venue_label(self.slug, self.name)

    @property
    def path(self) -> str:
        return venue_path(self.slug, None)

    @property
    def shown_years(self) -> list[VenueYear]:
        return self.years[:YEARS_SHOWN]

    @property
    def folded_years(self) -> list[VenueYear]:
        return self.years[YEARS_SHOWN:]


@dataclass(frozen=True, slots=True)
class Home:
    n_papers: int
    days: Sequence[DayCount]
    groups: list[CategoryGroup]
    venues: list[VenueCount]
    n_venues: int


def read_home(*, revision: int) -> Home:
    """The content of the home page; its counts are cached until the library changes."""
    everything = CategorySet((Step(EVERYTHING),))
    venues = group_venues(count_venues(revision=revision))
    largest = sorted(venues, key=lambda venue: (-venue.n_papers, venue.slug))[:VENUES_SHOWN]
    shown = {venue.slug for venue in largest}
    return Home(
        n_papers=count_papers(revision=revision),
        days=count_days(everything, revision=revision)[:NEW_DAYS],
        groups=group_categories(count_categories(revision=revision), n_others=OTHERS_SHOWN),
        venues=[venue for venue in venues if venue.slug in shown],
        n_venues=len(venues),
    )


def group_categories(counts: Mapping[str, int], *, n_others: int | None = None) -> list[CategoryGroup]:
    """Categories under their fields in arXiv's order, each field by code.

    ``counts`` has the largest category first. Those we cannot name come last, the ``n_others`` largest of them
    (None: all).
    """
    members: dict[str, list[CategoryCount]] = {archive: [] for archive in GROUPS}
    for code, n_papers in counts.items():
        group = members[category_group(code) if code in CATEGORY_NAMES else ""]
        group.append(CategoryCount(code, category_name(code), n_papers))
    members[""] = members[""][:n_others]
    return [
        CategoryGroup(archive, str(GROUPS[archive]), sorted(found, key=lambda category: category.code))
        for archive, found in members.items()
        if found
    ]


def group_venues(counted: Sequence[VenueYear]) -> list[VenueCount]:
    """Venues with their years, in the order of ``counted``, which keeps the years of a venue together."""
    venues = []
    for slug, found in groupby(counted, key=lambda venue: venue.slug):
        years = list(found)
        venues.append(VenueCount(slug, years[0].name, sum(year.n_papers for year in years), years))
    return venues
