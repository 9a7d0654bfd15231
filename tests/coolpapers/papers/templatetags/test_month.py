from __future__ import annotations

from coolpapers.papers.templatetags.month import weekday


def test_weekdays_have_names_of_two_letters_from_monday() -> None:
    assert [weekday(number) for number in range(7)] == ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
