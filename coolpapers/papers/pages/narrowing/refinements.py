"""What narrows a list of categories or a venue, for its page: filters as chips, a histogram of years or months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet
from coolpapers.papers.names.permalinks import venue_path
from coolpapers.papers.pages.forms import ListRequest
from coolpapers.papers.pages.listing import CategoryListing, VenueListing
from coolpapers.papers.refining.addresses import ListAddress
from coolpapers.papers.refining.chips import Chip, describe_days
from coolpapers.papers.refining.histogram import Histogram, Links, Period, is_short, make_histogram


def category_refinements(
    request: HttpRequest, listing: CategoryListing, wanted: ListRequest, *, revision: int
) -> dict[str, Any]:
    """The context of ``papers/_sentence.html``, ``papers/_list_actions.html`` and of the tag ``histogram``."""
    address = ListAddress.of(request.path, request.GET)
    return {
        "chips": [*_step_chips(listing.categories, address), *_day_chips(wanted, address)],
        "histogram": _histogram(listing, wanted, address, revision=revision),
        "kept": address.prefix("show", "format"),
        "edit_path": _edit_path(listing.categories),
    }


def _edit_path(categories: CategorySet) -> str:
    """The form that changes the set; "" for a set that it cannot make, because a category comes after an exclusion."""
    signs = [step.is_minus for step in categories.steps]
    if signs != sorted(signs):
        return ""
    chosen = [("not" if step.is_minus else "cat", step.code) for step in categories.steps if step.code != EVERYTHING]
    return f"{reverse('papers:choose_categories')}?{urlencode([('edit', '1'), *chosen])}"


def venue_refinements(request: HttpRequest, listing: VenueListing) -> dict[str, Any]:
    """The same for a venue; its years are pages of their own."""
    address = ListAddress.of(request.path, request.GET)
    chips = [Chip(_("in %(name)s") % {"name": listing.track}, address.having(group=None))] if listing.track else []
    slug, year = listing.venue.slug, listing.venue.year
    counts = {(venue.year, 0): venue.n_papers for venue in listing.years if venue.year}
    links = Links(lambda _first, last: venue_path(slug, int(last)), is_chosen=lambda value: value == str(year))
    return {
        "chips": chips,
        "histogram": make_histogram(counts, links, today=localdate(), has_spans=False),
        "kept": address.prefix("show", "format"),
        "feed_query": address.query("show", "sort"),
        "rss_query": address.prefix("show", "sort") + "format=rss",
    }


def _step_chips(categories: CategorySet, address: ListAddress) -> Iterable[Chip]:
    """A chip for each category of a set of several; the title names the set already."""
    steps = categories.steps
    if len(steps) < 2:
        return
    for number, step in enumerate(steps):
        if step.code == EVERYTHING:
            continue
        others = CategorySet((*steps[:number], *steps[number + 1 :]))
        path = reverse("papers:show_arxiv", args=[str(others) or EVERYTHING])
        pattern = _("not in %(name)s") if step.is_minus else _("or %(name)s") if number else _("in %(name)s")
        query = address.having()
        yield Chip(pattern % {"name": step.code}, path + (query if query.startswith("?") else ""))


def _day_chips(wanted: ListRequest, address: ListAddress) -> Iterable[Chip]:
    first, last = (wanted.first_day, wanted.last_day) if wanted.has_range else (wanted.day, wanted.day)
    if text := describe_days(first, last):
        yield Chip(text, address.having(date=None, from_=None, to=None))


def _histogram(
    listing: CategoryListing, wanted: ListRequest, address: ListAddress, *, revision: int
) -> Histogram | None:
    """Bars by month of a short range of days, by year of a longer one or where none is given."""
    today, by_period = localdate(), address.prefix("date", "from", "to")

    def path_of(first: str, last: str) -> str:
        return f"{by_period}from={first}&to={last}"

    if wanted.has_range and is_short(wanted.first_day, wanted.last_day, today=today):
        return make_histogram(_count_months(listing), Links(path_of), today=today)
    years = _years_of(listing, revision=revision)
    if wanted.has_range:
        first = wanted.first_day.year if wanted.first_day else 0
        last = wanted.last_day.year if wanted.last_day else today.year
        years = {period: n for period, n in years.items() if first <= period[0] <= last}
    shown_year = str(listing.last.year) if listing.last and not wanted.has_range else ""
    return make_histogram(years, Links(path_of, is_chosen=lambda value: value == shown_year), today=today)


def _years_of(listing: CategoryListing, *, revision: int) -> Mapping[Period, int]:
    """Papers of the whole set by year of announcement."""

    def count() -> dict[Period, int]:
        years: Counter[Period] = Counter()
        for day in listing.days:
            years[day.day.year, 0] += day.n_papers
        return dict(years)

    return cached_count(f"years:{listing.categories}", count, revision=revision)


def _count_months(listing: CategoryListing) -> Mapping[Period, int]:
    """Papers by month of the days that are listed; the first and the last month may be cut."""
    months: Counter[Period] = Counter()
    first, last = listing.first, listing.last
    for count in listing.days:  # newest first
        if first is not None and count.day < first:
            break
        if last is None or count.day <= last:
            months[count.day.year, count.day.month] += count.n_papers
    return months
