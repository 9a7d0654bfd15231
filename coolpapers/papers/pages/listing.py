"""A list of papers asked for by an address, worked out for its page and for its feed alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.lookup.list_pages import ListedRange, page_of_range
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.lookup.selectors import (
    DayCount,
    VenueYear,
    count_days,
    count_venues,
    known_codes,
    page_of,
    papers_at,
    papers_between,
    papers_in,
    sorted_at_venue,
    sorted_papers,
)
from coolpapers.papers.models import Paper
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, parse_category_set
from coolpapers.papers.pages.forms import ListRequest
from search.vocabulary.categories import category_name

# Lists of few days, and those longer than this (papers), are read along the index of days; others are gathered first.
WALKED_DAYS = 31
WALKED_FROM = 2000
MAX_DAY_KEYS = 2000  # a day of all of arXiv has some 1,500 papers


class UnknownVenue(LookupError):
    """No venue of this library has that name, or not in that year."""


@dataclass(frozen=True, slots=True)
class CategoryListing:
    """The papers of a set of categories from ``first`` to ``last``; None is an open end.

    ``papers`` are all of them, to be narrowed or read in an order of a reader's; :meth:`page` reads pages faster.
    """

    categories: CategorySet
    papers: QuerySet[Paper]
    total: int
    days: Sequence[DayCount]  # all of the set, newest first
    first: date | None = None
    last: date | None = None
    sort: str = ""
    revision: int = 0  # that the counts are of

    def page(self, start: int, size: int) -> list[Paper]:
        """The ``size`` papers after the first ``start``, in the order of the list."""
        listed = ListedRange(self.categories, self.days, self.first, self.last)
        return page_of_range(listed, self.sort, start=start, size=size, revision=self.revision)

    @property
    def day(self) -> date | None:
        """The day, where the list is of one."""
        return self.first if self.first == self.last else None

    @property
    def before(self) -> DayCount | None:
        """The nearest day before the list that has papers."""
        return next((count for count in self.days if self.first and count.day < self.first), None)

    @property
    def after(self) -> DayCount | None:
        return next((count for count in reversed(self.days) if self.last and count.day > self.last), None)

    @property
    def day_before(self) -> date | None:
        return self.before.day if self.before else None

    @property
    def day_after(self) -> date | None:
        return self.after.day if self.after else None

    @property
    def names(self) -> list[tuple[str, str]]:
        """Code and name of every category that joins the set."""
        return [(code, category_name(code)) for code in self.categories.plus_codes]

    @property
    def title(self) -> str:
        if str(self.categories) == EVERYTHING:
            return _("All categories")
        signed = ((" − " if step.is_minus else ", ") + step.code for step in self.categories.steps)
        return "".join(signed).removeprefix(", ")


def keys_of_day(listing: CategoryListing, *, revision: int) -> tuple[str, ...]:
    """Keys of all papers of a list of one day, for its progress; none for other lists and for very long days."""
    if listing.day is None or not 0 < listing.total <= MAX_DAY_KEYS:
        return ()

    def read() -> tuple[str, ...]:
        papers = papers_between(listing.categories, listing.day, listing.day)
        return tuple(papers.order_by().values_list("key", flat=True))

    return cached_count(f"keys:{listing.categories}:{listing.day}", read, revision=revision)


def list_categories(text: str, request: ListRequest, *, revision: int) -> CategoryListing:
    """The list that ``/arxiv/<text>`` asks for: a range, a day, or the newest days.

    Raises UnknownCategory, TooManyCategories.
    """
    categories = parse_category_set(text, known=known_codes(revision=revision))
    days = count_days(categories, revision=revision)
    first, last = _window(request, days)
    if first is None and last is None:  # nothing in the set is dated
        total = cached_count(f"undated:{categories}", papers_in(categories).count, revision=revision)
    else:
        total = sum(count.n_papers for count in days if (first or count.day) <= count.day <= (last or count.day))
    is_short = first is not None and last is not None and (last - first).days <= WALKED_DAYS
    walking = is_short or (total > WALKED_FROM and request.sort in ("", "newest", "oldest", *READER_SORTS))
    papers = papers_between(categories, first, last, walking=walking)
    return CategoryListing(
        categories, sorted_papers(papers, request.sort), total, days, first, last, request.sort, revision
    )


def _window(request: ListRequest, days: Sequence[DayCount]) -> tuple[date | None, date | None]:
    """First and last day to list. By default the newest day, or as many whole days as fill a page."""
    if request.has_range:
        return request.first_day, request.last_day
    if request.day is not None:
        return request.day, request.day
    recent = recent_days(days, n_papers=settings.PAGE_SIZE)
    return (recent[-1].day, recent[0].day) if recent else (None, None)


@dataclass(frozen=True, slots=True)
class VenueListing:
    """The papers of one venue in one year, or of one track of it."""

    venue: VenueYear
    papers: QuerySet[Paper]
    years: list[VenueYear]  # the venue's, newest first
    track: str = ""

    def page(self, start: int, size: int) -> list[Paper]:
        return page_of(self.papers, start, size)


def list_venue(ident: str, request: ListRequest, *, revision: int) -> VenueListing:
    """The list that ``/venue/<ident>`` asks for, ``ICLR.2025`` or ``ICLR`` for the newest year.

    Raises UnknownVenue.
    """
    venues = count_venues(revision=revision)
    name = ident.lower()
    fitting = [venue for venue in venues if name in (venue.ident.lower(), venue.slug.lower())]
    if not fitting:
        raise UnknownVenue(ident)
    venue = next((venue for venue in fitting if venue.ident.lower() == name), fitting[0])
    papers = papers_at(venue, track=request.group)
    return VenueListing(
        venue,
        sorted_at_venue(papers, request.sort),
        [other for other in venues if other.slug == venue.slug],
        request.group,
    )


def recent_days(days: Sequence[DayCount], *, n_papers: int) -> list[DayCount]:
    """The newest whole days that together hold at least ``n_papers``; whole, so that none of a day is lost."""
    taken: list[DayCount] = []
    for count in days:
        if sum(day.n_papers for day in taken) >= n_papers:
            break
        taken.append(count)
    return taken


def month_ends(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month. Raises ValueError for a month that is none."""
    first = date(year, month, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
