from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language.dates import DateError, Span, is_bare_date, read_span, write_span
from tests.search.trees import NOW


def span(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    return (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-05", "2024-05-01", "2024-05-31"),
        ("2024-2", "2024-02-01", "2024-02-29"),
        ("2024-05-01", "2024-05-01", "2024-05-01"),
        ("2024/05/01", "2024-05-01", "2024-05-01"),
        ("20240501", "2024-05-01", "2024-05-01"),
        ("202405", "2024-05-01", "2024-05-31"),
        ("202405010600", "2024-05-01", "2024-05-01"),
        ("20240501060000", "2024-05-01", "2024-05-01"),
        ("2024-05-01T06:00:00Z", "2024-05-01", "2024-05-01"),
        ("2024*", "2024-01-01", "2024-12-31"),
        ("2024年5月1日", "2024-05-01", "2024-05-01"),
        ("２０２４", "2024-01-01", "2024-12-31"),
        ("2019..2021", "2019-01-01", "2021-12-31"),
        ("2019-2021", "2019-01-01", "2021-12-31"),
        ("2019–2021", "2019-01-01", "2021-12-31"),
        ("2019 to 2021-03", "2019-01-01", "2021-03-31"),
        ("2024-05-01..2024-06", "2024-05-01", "2024-06-30"),
        ("2024..", "2024-01-01", None),
        ("..2024-02", None, "2024-02-29"),
        ("…2024", None, "2024-12-31"),
        ("[202301010600 TO 202401010600]", "2023-01-01", "2024-01-01"),
        ("[* TO 2024]", None, "2024-12-31"),
        ("[2023 to *]", "2023-01-01", None),
        (">2020", "2021-01-01", None),
        (">= 2020", "2020-01-01", None),
        ("≥2020", "2020-01-01", None),
        ("<2020-03", None, "2020-02-29"),
        ("<=2020-02", None, "2020-02-29"),
        ("=2020", "2020-01-01", "2020-12-31"),
    ],
)
def test_a_date_text_names_its_days(text: str, first: str | None, last: str | None) -> None:
    parsed = read_span(text, now=NOW)
    assert (parsed.start, parsed.end) == span(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2024-06-15", "2024-06-15"),
        ("Yesterday", "2024-06-14", "2024-06-14"),
        ("past week", "2024-06-08", "2024-06-15"),
        ("last_30_days", "2024-05-16", "2024-06-15"),
        ("last month", "2024-05-15", "2024-06-15"),
        ("past 2 years", "2022-06-15", "2024-06-15"),
        ("last 9999 years", "0001-01-01", "2024-06-15"),
        ("this week", "2024-06-10", "2024-06-15"),
        ("this month", "2024-06-01", "2024-06-15"),
        ("this year", "2024-01-01", "2024-12-31"),
    ],
)
def test_relative_dates_count_from_the_given_day(text: str, first: str, last: str) -> None:
    parsed = read_span(text, now=NOW)
    assert (parsed.start, parsed.end) == span(first, last)
    assert read_span(parsed.relative, now=NOW) == parsed


def test_a_month_back_from_the_last_of_march_is_the_last_of_february() -> None:
    assert read_span("past month", now=date(2023, 3, 31)).start == date(2023, 2, 28)


def test_reversed_ends_are_exchanged_with_their_own_lengths() -> None:
    parsed = read_span("2021..2019", now=NOW)
    assert parsed.swapped
    assert (parsed.start, parsed.end) == span("2019-01-01", "2021-12-31")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20245", "year 20245"),
        ("0000", "year 0000"),
        ("2024-13", "month 13"),
        ("2024-00", "month 00"),
        ("2023-02-29", "no day 29"),
        ("2024-04-31", "no day 31"),
        ("soon", "“soon” is not a date"),
        ("2019..2020..2021", "is not a date"),
        ("..", "is empty"),
        ("[* TO *]", "is empty"),
        (">9999", "out of range"),
        ("last 0x1 days", "is not a date"),
        ("2" * 500, "is not a date"),
        ("", "is not a date"),
    ],
)
def test_an_invalid_date_is_refused_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(DateError) as caught:
        read_span(text, now=NOW)
    assert message in caught.value.message
    assert caught.value.cure


@pytest.mark.parametrize(
    ("word", "expected"),
    [("2024", True), ("1999-12", True), ("2024-02-29", True), ("2024-02-30", False), ("1024", False), ("2048x", False)],
)
def test_a_bare_date_is_a_plausible_one(word: str, expected: bool) -> None:
    assert is_bare_date(word) is expected


DAYS = st.none() | st.dates()


@given(DAYS, DAYS)
def test_a_written_span_reads_as_itself(first: date | None, last: date | None) -> None:
    if first is None and last is None:
        return
    if first and last and first > last:
        first, last = last, first
    written = Span(first, last)
    assert read_span(write_span(written), now=NOW) == written


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_a_written_span_of_years_reads_as_itself(first: int, last: int) -> None:
    years = Span(date(min(first, last), 1, 1), date(max(first, last), 12, 31), by_year=True)
    assert read_span(write_span(years), now=NOW) == years


@given(st.text(max_size=30))
def test_any_text_is_a_span_or_refused(text: str) -> None:
    cure: str | None = None
    try:
        read_span(text, now=NOW)
    except DateError as exc:
        cure = exc.cure
    assert cure != ""
