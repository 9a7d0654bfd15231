from __future__ import annotations

import re

import pytest
from django.test import Client

from coolpapers.papers.lookup.selectors import VenueYear
from coolpapers.papers.pages.home import OTHERS_SHOWN, group_categories, group_venues
from tests.coolpapers.papers.library import make_venue_paper


def test_categories_stand_under_their_fields_by_code() -> None:
    groups = group_categories({"cs.LG": 9, "math.AP": 5, "cs.AI": 3, "hep-th": 1, "35J60": 1})
    assert [(group.name, [category.code for category in group.categories]) for group in groups] == [
        ("Computer Science", ["cs.AI", "cs.LG"]),
        ("Mathematics", ["math.AP"]),
        ("Physics", ["hep-th"]),
        ("Other", ["35J60"]),
    ]


def test_unnamed_categories_are_cut_to_the_largest() -> None:
    counts = {f"X{number:02}": 100 - number for number in range(50)}
    (others,) = group_categories(counts, n_others=OTHERS_SHOWN)
    assert [category.code for category in others.categories] == [f"X{number:02}" for number in range(OTHERS_SHOWN)]


def test_venues_gather_their_years() -> None:
    years = [VenueYear("ICLR", "Learning", year, 10) for year in range(2025, 2015, -1)]
    (venue,) = group_venues(years)
    assert (venue.slug, venue.name, venue.n_papers) == ("ICLR", "Learning", 100)
    assert [year.year for year in (*venue.shown_years, *venue.folded_years)] == list(range(2025, 2015, -1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "element"),
    [
        ("/", "a"),
        ("/venue", "a"),
        ("/venue/Annals-of-Statistics.2001", "h1"),
        ("/venue/Annals-of-Statistics.2001", "title"),
    ],
)
def test_pages_show_readable_names_of_venues(client: Client, address: str, element: str) -> None:
    make_venue_paper("a1", venue="Annals-of-Statistics", year=2001)
    page = client.get(address, follow=True).content.decode()
    assert "/venue/Annals-of-Statistics.2001" in page
    assert re.search(rf"<{element}[^>]*>Annals of Statistics", page)
    assert ">Annals-of-Statistics" not in page
