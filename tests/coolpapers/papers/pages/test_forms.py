from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.pages.forms import MAX_SKIP, RANGE_PARAMETERS, kept_parameters, read_date, read_list_request
from coolpapers.papers.pages.paging import MAX_PAGE_SIZE


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-05-31", date(2024, 5, 31), date(2024, 5, 31)),
        ("20240531", date(2024, 5, 31), date(2024, 5, 31)),
        ("2024-5", date(2024, 5, 1), date(2024, 5, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        ("", None, None),
    ],
)
def test_dates_and_their_short_forms(text: str, first: date | None, last: date | None) -> None:
    notes: list[str] = []
    assert read_date(text, notes) == first
    assert read_date(text, notes, is_end=True) == last
    assert notes == []


@pytest.mark.parametrize("text", ["2024-13-01", "2024-02-30", "yesterday", "0000", "２０２４", "1e3", "2024-"])
def test_a_wrong_date_is_noted_and_left_out(text: str) -> None:
    notes: list[str] = []
    assert read_date(text, notes) is None
    assert notes == [f"“{text}” is not a date; write it as 2024-05-31."]


def test_a_reversed_range_is_swapped_with_a_note() -> None:
    wanted = read_list_request({"from": "2024-06", "to": "2024-05-02"})
    assert (wanted.first_day, wanted.last_day) == (date(2024, 5, 2), date(2024, 6, 1))
    assert "swapped" in wanted.notes[0]


def test_absurd_numbers_are_bounded() -> None:
    wanted = read_list_request({"skip": "9" * 30, "show": "1000000"})
    assert (wanted.start, wanted.size) == (MAX_SKIP, MAX_PAGE_SIZE)
    assert read_list_request({"show": "0"}).size == 1


@pytest.mark.parametrize("skip", ["-5", "many", "1.5", "٣", "9" * 31])
def test_a_wrong_number_is_noted(skip: str) -> None:
    wanted = read_list_request({"skip": skip})
    assert wanted.start == 0
    assert "is not a whole number" in wanted.notes[0]


def test_start_is_read_like_skip() -> None:
    assert read_list_request({"start": "50"}).start == 50


def test_an_unknown_sort_is_noted() -> None:
    wanted = read_list_request({"sort": "magic"})
    assert (wanted.sort, wanted.notes) == ("", ("Unknown sort order “magic”.",))


def test_a_month_or_a_year_is_a_range() -> None:
    month = read_list_request({"date": "2024-05"})
    assert (month.day, month.first_day, month.last_day) == (None, date(2024, 5, 1), date(2024, 5, 31))
    year = read_list_request({"date": "2024", "from": "2024-03"})
    assert (year.day, year.first_day, year.last_day) == (None, date(2024, 3, 1), date(2024, 12, 31))
    assert read_list_request({"date": "2024-05-06"}).day == date(2024, 5, 6)
    assert len(read_list_request({"date": "nonsense"}).notes) == 1


def test_a_form_sends_along_what_it_does_not_ask() -> None:
    kept = kept_parameters(QueryDict("q=a&category=x&category=y&from=2024&skip=25"), without=RANGE_PARAMETERS)
    assert kept == [("q", "a"), ("category", "x"), ("category", "y")]


names = st.sampled_from(["date", "from", "to", "show", "skip", "sort", "group"])


@given(st.dictionaries(names, st.text(max_size=40)))
def test_no_parameters_raise(parameters: dict[str, str]) -> None:
    wanted = read_list_request(parameters)
    assert 0 <= wanted.start <= MAX_SKIP
    assert 1 <= wanted.size <= MAX_PAGE_SIZE
