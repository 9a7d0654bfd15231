from __future__ import annotations

from datetime import date

import pytest

from coolpapers.papers.refining.histogram import (
    HEIGHT,
    MAX_BARS,
    MAX_TICKS,
    MIN_STEPS,
    STEP,
    Histogram,
    Links,
    Period,
    is_short,
    make_histogram,
)

TODAY = date(2026, 11, 30)
LINKS = Links(lambda first, last: f"{first}..{last}")


def histogram_of(counts: dict[Period, int], *, n_undated: int = 0) -> Histogram:
    histogram = make_histogram(counts, LINKS, today=TODAY, n_undated=n_undated)
    assert histogram is not None
    return histogram


def test_each_year_between_has_a_bar_and_those_with_papers_a_link() -> None:
    bars = histogram_of({(2026, 0): 10, (2023, 0): 5, (2025, 0): 0}).bars
    assert [(bar.label, bar.n_papers, bar.path) for bar in bars] == [
        ("2023", 5, "2023..2023"),
        ("2024", 0, ""),
        ("2025", 0, ""),
        ("2026", 10, "2026..2026"),
    ]
    assert [bar.height for bar in bars] == [HEIGHT / 2, 0, 0, HEIGHT]
    assert all(bar.y + bar.height == HEIGHT for bar in bars)
    assert [bar.x for bar in bars] == [0, STEP, 2 * STEP, 3 * STEP]
    assert [bar.is_running for bar in bars] == [False, False, False, True]


def test_a_bar_of_one_paper_beside_thousands_can_be_seen() -> None:
    bars = histogram_of({(2025, 0): 1, (2024, 0): 90_000}).bars
    assert bars[1].height == 1


def test_months_have_a_bar_each_over_the_end_of_a_year() -> None:
    histogram = histogram_of({(2025, 11): 2, (2026, 2): 4}, n_undated=3)
    assert [(bar.value, bar.label) for bar in histogram.bars] == [
        ("2025-11", "November 2025"),
        ("2025-12", "December 2025"),
        ("2026-01", "January 2026"),
        ("2026-02", "February 2026"),
    ]
    assert histogram.is_monthly
    assert histogram.n_undated == 3
    assert not any(bar.is_running for bar in histogram.bars)
    assert histogram_of({(2026, 11): 1, (2026, 10): 1}).bars[-1].is_running


def test_older_years_are_one_bar() -> None:
    counts: dict[Period, int] = {(year, 0): 1 for year in range(1900, 2027)}
    bars = histogram_of(counts).bars
    oldest = 2026 - MAX_BARS + 1
    assert len(bars) == MAX_BARS
    assert (bars[0].label, bars[0].path, bars[0].n_papers) == (f"≤ {oldest}", f"..{oldest}", oldest - 1899)
    assert sum(bar.n_papers for bar in bars) == 127


@pytest.mark.parametrize("n_years", [2, 7, 8, 9, 20, 47, 48, 60])
def test_few_bars_have_a_text_below_them_the_last_one_always(n_years: int) -> None:
    bars = histogram_of({(2026 - number, 0): 1 for number in range(n_years)}).bars
    assert bars[-1].tick == "2026"
    assert 2 <= sum(bool(bar.tick) for bar in bars) <= MAX_TICKS


def test_few_bars_do_not_fill_the_width() -> None:
    histogram = histogram_of({(2025, 0): 1, (2026, 0): 1})
    assert histogram.width == STEP * MIN_STEPS
    assert len(histogram.blanks) == MIN_STEPS - 2


def test_one_period_is_no_picture() -> None:
    assert make_histogram({(2025, 0): 9}, LINKS, today=TODAY) is None
    assert make_histogram({}, LINKS, today=TODAY) is None


def test_the_chosen_period_is_told() -> None:
    histogram = make_histogram(
        {(2025, 0): 1, (2026, 0): 1}, Links(LINKS.path_of, is_chosen=lambda value: value == "2025"), today=TODAY
    )
    assert histogram is not None
    assert [bar.is_chosen for bar in histogram.bars] == [True, False]


@pytest.mark.parametrize(
    ("first", "last", "is_monthly"),
    [
        (date(2025, 1, 1), date(2026, 12, 31), True),
        (date(2024, 12, 31), date(2027, 1, 1), False),
        (date(2025, 1, 1), None, True),
        (date(2023, 1, 1), None, False),
        (None, date(2026, 1, 1), False),
        (None, None, False),
    ],
)
def test_ranges_of_two_years_are_short(first: date | None, last: date | None, is_monthly: bool) -> None:
    assert is_short(first, last, today=TODAY) == is_monthly
