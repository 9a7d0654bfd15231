from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.finding.pages.forms import read_search_request
from search.language.unparse import unparse


def test_q_and_query_are_the_same() -> None:
    assert read_search_request(QueryDict("q=trees")) == read_search_request(QueryDict("query=trees"))


def test_an_empty_request_asks_for_nothing() -> None:
    assert read_search_request(QueryDict("q=+&sort=newest")).is_empty
    assert not read_search_request(QueryDict("category=cs.CL")).is_empty
    assert not read_search_request(QueryDict("from=2024")).is_empty


def test_facets_may_be_given_more_than_once() -> None:
    wanted = read_search_request(QueryDict("category=cs.CL&category=cs.AI&category=cs.CL&venue=ICLR+2025&year="))
    assert wanted.chosen == {"category": ("cs.CL", "cs.AI"), "venue": ("ICLR 2025",), "year": (), "has": ()}


def test_a_value_after_a_minus_is_excluded() -> None:
    wanted = read_search_request(QueryDict("category=-cs.CL&venue=-ICLR&has=-pdf&has=code&year=-2020&category=-"))
    assert wanted.excluded == {"category": ("cs.CL",), "venue": ("ICLR",), "year": ("2020",), "has": ("pdf",)}
    assert wanted.chosen["has"] == ("code",)
    assert not wanted.is_empty
    assert [unparse(node) for node in wanted.filters.nodes()] == [
        "has:code",
        "-cat:cs.CL",
        "-venue:ICLR",
        "-year:2020",
        "-has:pdf",
    ]


@pytest.mark.parametrize(
    ("years", "query"),
    [
        ("year=2024", "year:2024"),
        ("year=2021..2024", "year:2021..2024"),
        ("year=2024..2021", "year:2021..2024"),
        ("year=2021..", "year:2021.."),
        ("year=..2024", "year:..2024"),
        ("year=2021&year=2023..2024", "year:2021 OR year:2023..2024"),
    ],
)
def test_years_may_be_a_range(years: str, query: str) -> None:
    (node,) = read_search_request(QueryDict(years)).filters.nodes()
    assert unparse(node) == query


@pytest.mark.parametrize("value", ["year=..", "year=0000", "year=20245", "year=..0000", "year=x", "has=money", "has=-"])
def test_values_that_mean_nothing_are_left_out(value: str) -> None:
    assert read_search_request(QueryDict(value)).is_empty


def test_dates_sort_and_slice() -> None:
    wanted = read_search_request(QueryDict("q=x&from=2024-06&to=2024&sort=oldest&skip=50&show=10"))
    assert (wanted.first_day, wanted.last_day) == (date(2024, 6, 1), date(2024, 12, 31))
    assert (wanted.sort, wanted.start, wanted.size, wanted.notes) == ("oldest", 50, 10, ())


def test_wrong_values_are_noted() -> None:
    wanted = read_search_request(QueryDict("q=x&sort=magic&from=soon&skip=few"))
    assert (wanted.sort, wanted.first_day, wanted.start, len(wanted.notes)) == ("relevance", None, 0, 3)


def test_a_reversed_range_is_swapped() -> None:
    wanted = read_search_request(QueryDict("q=x&from=2025-01-01&to=2024-01-01"))
    assert (wanted.first_day, wanted.last_day) == (date(2024, 1, 1), date(2025, 1, 1))
    assert "swapped" in wanted.notes[0]


names = st.sampled_from(["q", "query", "sort", "skip", "show", "from", "to", "category", "venue", "year", "has"])


@given(st.dictionaries(names, st.text()))
def test_no_parameters_raise(parameters: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(parameters)
    wanted = read_search_request(query)
    assert wanted.start >= 0
    assert wanted.filters.nodes() is not None


def test_mode_and_explanations_are_read() -> None:
    wanted = read_search_request(QueryDict("q=x&mode=hybrid&explain=1"))
    assert (wanted.mode, wanted.explain, wanted.notes) == ("hybrid", True, ())
    assert not read_search_request(QueryDict("q=x&explain=0")).explain
    assert read_search_request(QueryDict("q=x")).mode is None


def test_an_unknown_mode_is_noted() -> None:
    wanted = read_search_request(QueryDict("q=x&mode=magic"))
    assert wanted.mode is None
    assert "magic" in wanted.notes[0]
