from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.lookup.selectors import DayCount
from coolpapers.papers.pages.month_calendar import make_month

DAYS = [
    DayCount(day, n_papers)
    for day, n_papers in (
        (date(2026, 11, 27), 35),
        (date(2026, 11, 2), 3),
        (date(2026, 10, 30), 7),
        (date(2026, 3, 4), 2),
        (date(2025, 11, 28), 1),
        (date(2024, 2, 29), 9),
    )
]


def test_a_month_has_its_days_in_weeks_with_their_papers() -> None:
    month = make_month(DAYS, shown=date(2026, 11, 27), first=date(2026, 11, 27), last=date(2026, 11, 27))
    assert month.first == date(2026, 11, 1)
    assert [len(week) for week in month.weeks] == [7] * 6
    assert month.weeks[0][:6] == [None] * 6  # 1 November 2026 is a Sunday
    days = [day for week in month.weeks for day in week if day]
    assert [day.day.day for day in days] == list(range(1, 31))
    assert {day.day.day: day.n_papers for day in days if day.n_papers} == {27: 35, 2: 3}
    assert [day.day.day for day in days if day.is_shown] == [27]


def test_weeks_begin_on_the_day_that_the_reader_is_used_to() -> None:
    month = make_month(DAYS, shown=date(2026, 11, 27), first=None, last=None, first_weekday=6)
    assert month.weekdays == [6, 0, 1, 2, 3, 4, 5]
    assert month.weeks[0][0] is not None
    assert month.weeks[0][0].day == date(2026, 11, 1)


def test_the_months_around_are_those_with_papers() -> None:
    month = make_month(DAYS, shown=date(2026, 3, 1), first=None, last=None)
    assert (month.before, month.after) == (date(2025, 11, 1), date(2026, 10, 1))
    assert (month.year_before, month.year_after) == (date(2024, 2, 1), None)
    newest = make_month(DAYS, shown=date(2026, 11, 3), first=None, last=None)
    assert (newest.before, newest.after, newest.year_before) == (date(2026, 10, 1), None, date(2025, 11, 1))


def test_a_range_shows_all_its_days_and_an_open_end_too() -> None:
    month = make_month(DAYS, shown=date(2026, 11, 3), first=date(2026, 11, 29), last=None)
    assert [day.day.day for week in month.weeks for day in week if day and day.is_shown] == [29, 30]


@given(
    days=st.sets(st.dates(), max_size=30),
    shown=st.dates(),
    first_weekday=st.integers(0, 6),
)
def test_any_month_holds_exactly_its_days(days: set[date], shown: date, first_weekday: int) -> None:
    counts = [DayCount(day, 1) for day in sorted(days, reverse=True)]
    month = make_month(counts, shown=shown, first=None, last=None, first_weekday=first_weekday)
    cells = [day for week in month.weeks for day in week if day]
    assert all(later.day - earlier.day == timedelta(days=1) for earlier, later in pairwise(cells))
    assert sum(cell.n_papers for cell in cells) == sum((d.year, d.month) == (shown.year, shown.month) for d in days)
    before = [day.replace(day=1) for day in days if day.replace(day=1) < month.first]
    after = [day.replace(day=1) for day in days if day.replace(day=1) > month.first]
    assert month.before == max(before, default=None)
    assert month.after == min(after, default=None)
