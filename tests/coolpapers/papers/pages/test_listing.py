from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coolpapers.papers.lookup.selectors import DayCount
from coolpapers.papers.models import latest_revision
from coolpapers.papers.names.category_sets import UnknownCategory
from coolpapers.papers.pages.forms import read_list_request
from coolpapers.papers.pages.listing import (
    CategoryListing,
    UnknownVenue,
    VenueListing,
    list_categories,
    list_venue,
    month_ends,
    recent_days,
)
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def list_of(text: str, **parameters: str) -> CategoryListing:
    return list_categories(text, read_list_request(parameters), revision=latest_revision())


def venue_of(text: str, **parameters: str) -> VenueListing:
    return list_venue(text, read_list_request(parameters), revision=latest_revision())


@pytest.fixture
def three_days() -> None:
    for day, n_papers in ((MONDAY, 3), (TUESDAY, 2), (WEDNESDAY, 1)):
        for _ in range(n_papers):
            make_paper(day=day)


@pytest.mark.usefixtures("three_days")
def test_a_list_shows_its_newest_days_up_to_a_page(settings: Any) -> None:
    listing = list_of("cs.CL")
    assert (listing.first, listing.last, listing.total, listing.day) == (MONDAY, WEDNESDAY, 6, None)
    settings.PAGE_SIZE = 2
    listing = list_of("cs.CL")
    assert (listing.first, listing.last, listing.total) == (TUESDAY, WEDNESDAY, 3)
    assert (listing.day_before, listing.day_after) == (MONDAY, None)
    settings.PAGE_SIZE = 1
    listing = list_of("cs.CL")
    assert (listing.day, listing.total, listing.day_before, listing.day_after) == (WEDNESDAY, 1, TUESDAY, None)


@pytest.mark.usefixtures("three_days")
def test_a_day_has_neighbours_that_have_papers() -> None:
    listing = list_of("cs.CL", date="2026-03-03")
    assert (listing.total, listing.papers.count()) == (2, 2)
    assert (listing.day_before, listing.day_after) == (MONDAY, WEDNESDAY)
    gap = list_of("cs.CL", date="2026-03-20")
    assert (gap.total, gap.day_before, gap.day_after) == (0, WEDNESDAY, None)


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    ("parameters", "total"),
    [
        ({"from": "2026-03-03"}, 3),
        ({"to": "2026-03-03"}, 5),
        ({"from": "2026-03-02", "to": "2026-03-03"}, 5),
        ({"from": "2026", "to": "2026"}, 6),
        ({"from": "2027"}, 0),
        ({"from": "2026-03-03", "date": "2026-03-02"}, 3),
    ],
)
def test_a_range_counts_what_it_lists(parameters: dict[str, str], total: int) -> None:
    listing = list_of("cs.CL", **parameters)
    assert listing.total == listing.papers.count() == total
    assert listing.day is None


def test_a_set_without_dates_lists_everything() -> None:
    make_paper(day=None)
    listing = list_of("cs.CL")
    assert (listing.day, listing.total, listing.papers.count()) == (None, 1, 1)


def test_titles_and_names_of_a_set() -> None:
    listing = list_of("cs.AI+cs.LG-cs.CY")
    assert listing.title == "cs.AI, cs.LG − cs.CY"
    assert listing.names == [("cs.AI", "Artificial Intelligence"), ("cs.LG", "Machine Learning")]
    assert list_of("cond-mat.str-el-hep-th").title == "cond-mat.str-el − hep-th"
    assert list_of("all").title == "All categories"


def test_an_unknown_category_is_an_error() -> None:
    with pytest.raises(UnknownCategory):
        list_of("cs.XX")


def test_a_venue_without_a_year_is_its_newest() -> None:
    make_venue_paper("a", year=2023)
    make_venue_paper("b", year=2025)
    assert venue_of("iclr").venue.year == 2025
    assert venue_of("ICLR.2023").venue.year == 2023
    assert [venue.year for venue in venue_of("ICLR").years] == [2025, 2023]


@pytest.mark.parametrize("ident", ["ICLR.1999", "Nowhere", ""])
def test_an_unknown_venue_is_an_error(ident: str) -> None:
    make_venue_paper("a", year=2023)
    with pytest.raises(UnknownVenue):
        venue_of(ident)


def test_a_feed_takes_whole_days() -> None:
    days = [DayCount(date(2026, 3, day), n_papers) for day, n_papers in ((9, 60), (8, 70), (7, 5))]
    assert recent_days(days, n_papers=100) == days[:2]
    assert recent_days(days, n_papers=10) == days[:1]
    assert recent_days(days, n_papers=1000) == days


def test_months_end_where_they_end() -> None:
    assert month_ends(2024, 2) == (date(2024, 2, 1), date(2024, 2, 29))
    assert month_ends(2023, 12) == (date(2023, 12, 1), date(2023, 12, 31))
    with pytest.raises(ValueError, match="month"):
        month_ends(2024, 13)
