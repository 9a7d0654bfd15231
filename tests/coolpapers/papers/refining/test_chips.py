from __future__ import annotations

from datetime import date

import pytest

from coolpapers.papers.refining.chips import describe_days, describe_years, either


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (None, None, ""),
        (date(2026, 1, 1), None, "since 2026"),
        (date(2026, 5, 1), None, "since May 2026"),
        (date(2026, 5, 2), None, "since May 2, 2026"),
        (None, date(2019, 12, 31), "until 2019"),
        (None, date(2019, 2, 28), "until February 2019"),
        (None, date.max, "until 9999"),
        (date(2026, 5, 2), date(2026, 5, 2), "of May 2, 2026"),
        (date(2026, 5, 1), date(2026, 5, 31), "of May 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "of 2026"),
        (date(2024, 1, 1), date(2026, 12, 31), "of 2024–2026"),
        (date(2024, 6, 1), date(2026, 12, 31), "from June 2024 to 2026"),
        (date(2024, 6, 3), date(2024, 6, 9), "from June 3, 2024 to June 9, 2024"),
    ],
)
def test_days_are_said_as_short_as_they_can_be(first: date | None, last: date | None, text: str) -> None:
    assert describe_days(first, last) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [(2024, 2024, "of 2024"), (2021, 2024, "of 2021–2024"), (2021, None, "since 2021"), (None, 2024, "until 2024")],
)
def test_years_are_said(first: int | None, last: int | None, text: str) -> None:
    assert describe_years(first, last) == text


def test_alternatives_are_told_apart_from_the_first() -> None:
    assert either(["cs.CV", "cs.CL"], "in %(name)s", "or %(name)s") == ["in cs.CV", "or cs.CL"]
