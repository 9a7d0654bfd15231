from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.finding.pages.forms import read_search_request
from coolpapers.papers.lookup.selectors import papers_in
from coolpapers.papers.names.category_sets import parse_category_set
from coolpapers.people.searches.page_queries import query_of_categories, query_of_search, query_of_venue
from search.engines.registry import search_backend
from search.engines.results import Request
from search.language.parser import parse_query
from tests.coolpapers.papers.library import make_paper

CODES = ("cs.AI", "cs.LG", "cs.CY", "hep-th", "cond-mat.str-el")


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("q=graph+networks", "graph networks"),
        ("q=graph&category=cs.AI&category=cs.CL", "graph cat:cs.AI,cs.CL"),
        ("q=a+OR+b&venue=ICLR+2025", '(a OR b) venue:"ICLR 2025"'),
        ("q=x&year=2019&year=2021", "x (year:2019 OR year:2021)"),
        ("q=x&from=2024-05-01", "x date:2024-05-01.."),
        ("category=cs.AI", "cat:cs.AI"),
        ('q="unclosed', '"unclosed'),
        ("sort=newest", ""),
    ],
)
def test_a_search_is_saved_with_its_filters_written_out(address: str, query: str) -> None:
    assert query_of_search(read_search_request(QueryDict(address))) == query


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("cs.AI", "cat:cs.AI"),
        ("cs.AI,cs.LG-cs.CY", "cat:cs.AI,cs.LG -cat:cs.CY"),
        ("cs.AI-cs.CY,hep-th", "((cat:cs.AI -cat:cs.CY) OR cat:hep-th)"),
        ("-cs.CY", "-cat:cs.CY"),
        ("all", ""),
    ],
)
def test_a_category_list_is_saved_as_a_query(address: str, query: str) -> None:
    assert query_of_categories(parse_category_set(address, known=CODES)) == query


def test_a_venue_is_saved_as_a_query() -> None:
    assert query_of_venue("ICLR", 2025) == 'venue:"ICLR 2025"'
    assert query_of_venue("ICLR", None) == 'venue:"ICLR"'


# The oracle is the list itself, by the database.
@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    spec=st.lists(st.tuples(st.sampled_from(",-"), st.sampled_from(CODES)), min_size=1, max_size=4).map(
        lambda steps: "".join(sign + code for sign, code in steps)
    )
)
def test_the_query_of_a_list_finds_its_papers(shelf_of_categories: None, spec: str) -> None:
    categories = parse_category_set(spec, known=CODES)
    text = query_of_categories(categories)
    result = search_backend().search(parse_query(text).root, Request(top_k=100))
    assert {hit.key for hit in result.hits} == set(papers_in(categories).values_list("key", flat=True))


@pytest.fixture
def shelf_of_categories(index_papers: Callable[[], None]) -> None:
    for number in range(2 ** len(CODES)):
        make_paper(categories=[code for place, code in enumerate(CODES) if number >> place & 1] or ["math.CO"])
    index_papers()
