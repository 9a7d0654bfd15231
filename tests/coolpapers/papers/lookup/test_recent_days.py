from __future__ import annotations

from datetime import date, timedelta

import pytest

from coolpapers.papers.lookup.recent_days import (
    N_DAYS,
    busiest_categories,
    newest_category_day,
    newest_day,
    newest_papers_of,
    recent_days_of,
)
from coolpapers.papers.lookup.selectors import DayCount
from coolpapers.papers.models import latest_revision
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper

pytestmark = pytest.mark.django_db


def test_days_are_counted_by_category_with_cross_lists_and_gaps() -> None:
    make_paper(day=MONDAY, categories=["cs.CL", "cs.LG"])
    make_paper(day=WEDNESDAY, categories=["cs.CL"])
    make_paper(day=WEDNESDAY + timedelta(days=1), categories=["cs.CL"])  # after the last day
    make_paper(day=WEDNESDAY - timedelta(days=N_DAYS), categories=["cs.CL"])  # before the first
    cl, lg, other = recent_days_of(["cs.CL", "cs.LG", "x"], last=WEDNESDAY, revision=latest_revision())
    assert [count.n_papers for count in cl.days][-3:] == [1, 0, 1]
    assert (len(cl.days), cl.total, cl.most) == (N_DAYS, 2, 1)
    assert [count.n_papers for count in lg.days][-3:] == [1, 0, 0]
    assert other.total == 0
    assert busiest_categories(last=WEDNESDAY, revision=latest_revision(), n_at_most=1) == ["cs.CL"]


def test_the_newest_day_is_not_in_the_future() -> None:
    days = [DayCount(WEDNESDAY, 1), DayCount(TUESDAY, 2), DayCount(MONDAY, 3)]
    assert newest_day(days, today=TUESDAY) == DayCount(TUESDAY, 2)
    assert newest_day(days, today=MONDAY - timedelta(days=1)) == DayCount(WEDNESDAY, 1)
    assert newest_day([], today=MONDAY) is None


def test_the_newest_day_of_categories_ignores_papers_without_one() -> None:
    assert newest_category_day(today=date(2026, 5, 1), revision=0) == date(2026, 5, 1)
    make_paper(day=MONDAY, categories=["cs.CL"])
    make_paper(day=TUESDAY, categories=[])
    make_paper(day=date(2027, 1, 1), categories=["cs.CL"])
    assert newest_category_day(today=date(2026, 5, 1), revision=latest_revision()) == MONDAY


def test_the_newest_papers_of_a_category_or_archive() -> None:
    old = make_paper(day=MONDAY, categories=["math.AG", "math.KT"])
    new = make_paper(day=TUESDAY, categories=["math.KT", "math.AG"])
    make_paper(day=WEDNESDAY, categories=["math.KT"])  # after the last day
    make_paper(day=None, categories=["math.KT"])
    make_paper(day=TUESDAY, categories=["cs.CL"])
    for code in ("math.KT", "math"):
        newest = newest_papers_of(code, last=TUESDAY, revision=latest_revision(), n_at_most=5)
        assert [paper.title for paper in newest] == [new.title, old.title]
    assert len(newest_papers_of("math", last=TUESDAY, revision=latest_revision(), n_at_most=1)) == 1
