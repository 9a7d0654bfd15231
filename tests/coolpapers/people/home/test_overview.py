from __future__ import annotations

from datetime import timedelta

from coolpapers.papers.lookup.recent_days import RecentDays
from coolpapers.papers.lookup.selectors import DayCount
from coolpapers.people.home.overview import BAR_HEIGHT, Category
from tests.coolpapers.papers.library import MONDAY


def category(*counts: int) -> Category:
    days = [DayCount(MONDAY + timedelta(days=number), n_papers) for number, n_papers in enumerate(counts)]
    return Category(RecentDays("cs.CL", days), is_pinned=False)


def test_bars_stand_on_the_base_and_the_fullest_day_is_the_highest() -> None:
    bars = category(0, 1, 100).bars
    assert [bar.height for bar in bars] == [0, 1, BAR_HEIGHT]  # one paper of a hundred is still seen
    assert all(bar.y + bar.height == BAR_HEIGHT for bar in bars)
    assert [bar.x for bar in bars] == sorted({bar.x for bar in bars})


def test_bars_of_days_without_papers_are_empty() -> None:
    assert {bar.height for bar in category(0, 0).bars} == {0}


def test_the_bars_are_told_in_words() -> None:
    assert category(0, 3, 12).words == "Papers a day from March 2 to March 4: 0, 3, 12"
