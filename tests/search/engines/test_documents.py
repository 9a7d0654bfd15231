from __future__ import annotations

from datetime import date

from search.engines.documents import date_ranks
from tests.search.make import make_document


def test_newer_papers_have_higher_ranks_whatever_their_keys() -> None:
    days = [date(1, 1, 1), date(1999, 12, 31), date(2024, 5, 1), date(9999, 12, 31)]
    ranks = [date_ranks(make_document(f"p:{9 - n}", day=day))[0] for n, day in enumerate(days)]
    assert ranks == sorted(ranks)
    assert ranks[0] > 0
    assert ranks[-1] < 2**62


def test_a_paper_with_only_a_year_sorts_as_its_first_day() -> None:
    year_only = date_ranks(make_document("p:0", year=2024))[0]
    assert date_ranks(make_document("p:1", day=date(2023, 12, 31)))[0] < year_only
    assert year_only < date_ranks(make_document("p:2", day=date(2024, 1, 2)))[0]
    assert date_ranks(make_document("p:3"))[0] < 2**40


def test_papers_of_one_day_have_a_fixed_order() -> None:
    ranks = {date_ranks(make_document(f"p:{n}", day=date(2024, 5, 1)))[0] for n in range(500)}
    assert len(ranks) == 500
    assert date_ranks(make_document("p:1")) == date_ranks(make_document("p:1"))


def test_the_date_of_the_newest_version_counts_where_it_is_known() -> None:
    document = make_document("p:0", day=date(2020, 1, 1), updated=date(2024, 1, 1).toordinal())
    newest, updated = date_ranks(document)
    assert updated > newest
    assert date_ranks(make_document("p:0", day=date(2020, 1, 1))) == (newest, newest)
