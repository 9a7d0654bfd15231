from __future__ import annotations

from coolpapers.papers.lookup.selectors import VenueYear
from coolpapers.papers.pages.home import OTHERS_SHOWN, group_categories, group_venues


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
