"""What the home page shows of the library: its newest papers and state, categories in their groups, venues by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.conf import settings
from django.core.cache import cache
from django.utils.timezone import localdate

from coolpapers.papers.lookup.library_state import LibraryState, read_library_state
from coolpapers.papers.lookup.readers import current_readers
from coolpapers.papers.lookup.recent_days import newest_day
from coolpapers.papers.lookup.selectors import (
    DayCount,
    VenueYear,
    count_categories,
    count_days,
    count_papers,
    count_venues,
    page_of,
    papers_between,
    papers_by_keys,
    sorted_papers,
)
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, Step
from coolpapers.papers.names.permalinks import category_path, venue_path
from coolpapers.papers.names.venues import venue_label
from coolpapers.papers.pages.cards import Card, make_cards
from coolpapers.papers.pages.listing import recent_days
from search.vocabulary.categories import CATEGORY_NAMES, GROUPS, category_group, category_name

NEWEST_SHOWN = 10  # papers
MOST_STARRED_SHOWN = 5  # papers
MOST_STARRED_PERIOD = timedelta(days=7)
MOST_STARRED_CACHED_S = 600  # a count of the stars of all accounts
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
    def readable_label(self) -> str:
        """The acronym, or the name where the slug is none (``latechclfl``) or where the label is cut."""
        return self.name if self.name and (self.slug.islower() or self.label.endswith("…")) else self.label

    @property
    def subtitle(self) -> str:
        """The name, where the label does not say it."""
        return "" if self.name == self.readable_label else self.name

    @property
    def path(self) -> str:
        return venue_path(self.slug, None)

    @property
    def shown_years(self) -> list[VenueYear]:
        return self.years[:YEARS_SHOWN]

    @property
    def folded_years(self) -> list[VenueYear]:
        return self.years[YEARS_SHOWN:]


@dataclass(frozen=True)
class Home:
    """The content of the home page. What it is to be browsed by is made when the page asks, whose text is cached."""

    revision: int
    n_papers: int
    newest: DayCount | None  # the day of the newest papers
    cards: list[Card]  # its first papers; those of days before it too where it has few
    starred: list[Card]  # what accounts starred most in the last days
    state: LibraryState
    n_days_old: int  # since the last import or harvest

    @cached_property
    def groups(self) -> list[CategoryGroup]:
        return group_categories(count_categories(revision=self.revision), n_others=OTHERS_SHOWN)

    @cached_property
    def all_venues(self) -> list[VenueCount]:
        return group_venues(count_venues(revision=self.revision))

    @cached_property
    def venues(self) -> list[VenueCount]:
        """The largest, by name."""
        largest = sorted(self.all_venues, key=lambda venue: (-venue.n_papers, venue.slug))[:VENUES_SHOWN]
        shown = {venue.slug for venue in largest}
        return [venue for venue in self.all_venues if venue.slug in shown]


def read_home(*, revision: int, now: datetime) -> Home:
    """The content of the home page; its counts are cached until the library changes."""
    newest, cards = read_newest(revision=revision, now=now)
    state = read_library_state(now=now, stale_days=settings.STALE_DAYS)
    return Home(
        revision=revision,
        n_papers=count_papers(revision=revision),
        newest=newest,
        cards=cards,
        starred=read_most_starred(now=now),
        state=state,
        n_days_old=state.n_days_old(now),
    )


def read_newest(*, revision: int, now: datetime) -> tuple[DayCount | None, list[Card]]:
    """The newest day that is not in the future, and the first papers of it and of the days before."""
    everything = CategorySet((Step(EVERYTHING),))
    days = count_days(everything, revision=revision)
    newest = newest_day(days, today=localdate(now))
    if newest is None:
        return None, []
    first = recent_days([count for count in days if count.day <= newest.day], n_papers=NEWEST_SHOWN)[-1].day
    papers = sorted_papers(papers_between(everything, first, newest.day, walking=True), "newest")
    return newest, make_cards(page_of(papers, 0, NEWEST_SHOWN))


def read_most_starred(*, now: datetime) -> list[Card]:
    """The papers that accounts starred most in the last days; none without accounts, or where the setting says so."""
    if not settings.MOST_STARRED or settings.ACCOUNTS == "off":
        return []
    keys = cache.get_or_set(
        "home:most_starred",
        lambda: current_readers().most_starred(since=now - MOST_STARRED_PERIOD, n_at_most=MOST_STARRED_SHOWN),
        MOST_STARRED_CACHED_S,
    )
    papers = papers_by_keys(keys or ()) if keys else {}
    return make_cards([papers[key] for key in keys or () if key in papers])


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
