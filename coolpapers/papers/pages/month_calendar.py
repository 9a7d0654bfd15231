"""One month of a list as a calendar: its days with how many papers each has, and the months around. Plain Python.

Start at :func:`make_month`.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from coolpapers.papers.lookup.selectors import DayCount

MONDAY = 0  # as the calendar module counts weekdays


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month; ``is_shown``: the list shows it."""

    day: date
    n_papers: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Month:
    """``weeks`` hold seven days each, None where a day belongs to another month; ``first`` is the first of the month.

    ``before`` and ``after`` are the first days of the nearest months with papers, ``year_before`` and ``year_after``
    those of the nearest months with papers that are at least a year away; None where there is none.
    """

    first: date
    weeks: Sequence[Sequence[Day | None]]
    weekdays: Sequence[int]  # in the order of the columns; 0 is Monday
    before: date | None
    after: date | None
    year_before: date | None
    year_after: date | None


def make_month(
    days: Sequence[DayCount], *, shown: date, first: date | None, last: date | None, first_weekday: int = MONDAY
) -> Month:
    """The month of ``shown``, of a list from ``first`` to ``last``. ``days`` are those with papers, newest first."""
    month = shown.replace(day=1)
    following = _next_month(month)
    counts = dict(days[_n_from(days, following) : _n_from(days, month)])

    def make_day(number: int) -> Day | None:
        day = month.replace(day=number) if number else None
        return Day(day, counts.get(day, 0), _is_within(day, first, last)) if day else None

    weeks = calendar.Calendar(first_weekday).monthdayscalendar(month.year, month.month)
    return Month(
        first=month,
        weeks=[[make_day(number) for number in week] for week in weeks],
        weekdays=[(first_weekday + column) % 7 for column in range(7)],
        before=_month_before(days, month),
        after=_month_from(days, following),
        year_before=_month_before(days, following.replace(year=following.year - 1)) if month.year > 1 else None,
        year_after=_month_from(days, month.replace(year=month.year + 1)) if month.year < date.max.year else None,
    )


def _n_from(days: Sequence[DayCount], day: date) -> int:
    """How many of the days (newest first) are that day or later."""
    return bisect_right(days, -day.toordinal(), key=lambda count: -count.day.toordinal())


def _month_before(days: Sequence[DayCount], day: date) -> date | None:
    """The first of the month of the last day before that one."""
    number = _n_from(days, day)
    return days[number].day.replace(day=1) if number < len(days) else None


def _month_from(days: Sequence[DayCount], day: date) -> date | None:
    """The first of the month of the first day that is that one or later."""
    number = _n_from(days, day)
    return days[number - 1].day.replace(day=1) if number else None


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) if (month.year, month.month) != (9999, 12) else date.max


def _is_within(day: date, first: date | None, last: date | None) -> bool:
    """Whether a range holds the day; an open end holds everything, a range without ends nothing."""
    has_range = first is not None or last is not None
    return has_range and (first is None or first <= day) and (last is None or day <= last)
