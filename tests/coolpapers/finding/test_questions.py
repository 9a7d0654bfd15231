from __future__ import annotations

from datetime import date

from coolpapers.finding.questions import Filters, Question
from search.language.query import Exact, Keys, Or, Range


def test_values_of_one_field_are_alternatives_and_fields_go_together() -> None:
    filters = Filters(categories=("cs.CL", "cs.AI"), venues=("ICLR",), years=(2024,), keys=frozenset({"a"}))
    assert filters.nodes() == (
        Or((Exact("category", "cs.CL"), Exact("category", "cs.AI"))),
        Exact("venue", "ICLR"),
        Range("year", date(2024, 1, 1), date(2024, 12, 31)),
        Keys(frozenset({"a"})),
    )


def test_days_may_be_open_at_either_end() -> None:
    day = date(2024, 5, 1)
    assert Filters(start=day).nodes() == (Range("date", day, None),)
    assert Filters(end=day).nodes() == (Range("date", None, day),)


def test_years_that_no_calendar_has_are_left_out() -> None:
    assert Filters(years=(0, -1, 10_000)).nodes() == ()


def test_no_papers_at_all_is_a_filter_too() -> None:
    assert Filters(keys=frozenset()).nodes() == (Keys(frozenset()),)
    assert Filters().nodes() == ()


def test_equal_questions_are_equal() -> None:
    assert Question("graph", filters=Filters(years=(2024,))) == Question("graph", filters=Filters(years=(2024,)))
    assert Question("graph") != Question("graph", start=25)
