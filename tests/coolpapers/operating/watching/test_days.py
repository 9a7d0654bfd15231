"""The last days with their papers, and the ones that seem to be incomplete."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from coolpapers.operating.models import AuditedDay
from coolpapers.operating.watching.days import read_days, weeks_of
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 27)  # a Friday


def fill(*, n_days: int, without: tuple[date, ...] = ()) -> None:
    """A paper on each weekday before today."""
    for number in range(1, n_days):
        day = TODAY - timedelta(days=number)
        if day.weekday() < 5 and day not in without:
            make_paper(day=day)


def gaps() -> list[date]:
    return [day.day for day in read_days(today=TODAY) if day.is_gap]


def test_a_weekday_without_papers_is_a_gap_and_a_weekend_is_none() -> None:
    missing = date(2026, 3, 18)
    fill(n_days=40, without=(missing,))
    assert gaps() == [missing]
    days = read_days(today=TODAY)
    assert len(days) == 60
    assert days[-1].day == TODAY
    assert days[-2].n_papers == 1


def test_an_empty_library_and_one_without_rhythm_have_no_gaps() -> None:
    assert gaps() == []
    for day in (date(2026, 2, 3), date(2026, 3, 12)):
        make_paper(day=day)
    assert gaps() == []


def test_days_before_the_first_paper_are_no_gaps() -> None:
    fill(n_days=20)
    assert gaps() == []


def test_what_an_audit_missed_makes_a_gap() -> None:
    fill(n_days=40)
    for location, n_missing in (("a", 2), ("b", 1)):
        AuditedDay.objects.create(
            location=location,
            day=date(2026, 3, 20),
            n_listed=5,
            n_missing=n_missing,
            checked_at=datetime(2026, 3, 27, tzinfo=UTC),
        )
    (gap,) = [day for day in read_days(today=TODAY) if day.is_gap]
    assert (gap.day, gap.n_papers, gap.n_listed, gap.n_missing) == (date(2026, 3, 20), 1, 10, 3)


def test_weeks_begin_on_monday_and_the_newest_is_first() -> None:
    weeks = weeks_of(read_days(today=TODAY, n_days=10))
    assert [[day.day.day if day else None for day in week] for week in weeks] == [
        [23, 24, 25, 26, 27, None, None],
        [None, None, 18, 19, 20, 21, 22],
    ]
