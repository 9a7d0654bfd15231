from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.finding.pages.forms import read_search_request
from coolpapers.papers.lookup.selectors import papers_in
from coolpapers.papers.models import Paper
from coolpapers.papers.names.category_sets import parse_category_set
from coolpapers.people.searches import new_papers
from coolpapers.people.searches.new_papers import (
    find_new,
    first_row_since,
    query_of_categories,
    query_of_search,
    query_of_venue,
)
from search.engines.registry import search_backend
from search.engines.results import Request
from search.errors import QuerySyntaxError
from search.language.parser import parse_query
from search.language.query import Keys
from tests.coolpapers.papers.library import make_paper, make_venue_paper

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CODES = ("cs.AI", "cs.LG", "cs.CY", "hep-th", "cond-mat.str-el")


def coming_in(at: dt.datetime, **fields: Any) -> Paper:
    paper = make_paper(**fields)
    Paper.objects.filter(pk=paper.pk).update(created_at=at)
    return paper


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


# ---- what a page stands for ------------------------------------------------------------------------------


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
    wanted = parse_category_set(spec, known=CODES)
    text = query_of_categories(wanted)
    result = search_backend().search(parse_query(text).root, Request(top_k=100))
    assert {hit.key for hit in result.hits} == set(papers_in(wanted).values_list("key", flat=True))


@pytest.fixture
def shelf_of_categories(index_papers: Callable[[], None]) -> None:
    for number in range(2 ** len(CODES)):
        make_paper(categories=[code for place, code in enumerate(CODES) if number >> place & 1] or ["math.CO"])
    index_papers()


# ---- what is new ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12), st.integers(0, 30))
def test_the_first_row_since_a_moment_is_found(steps: list[tuple[int, bool]], hour: int) -> None:
    """Rows come in by time; some were deleted since."""
    Paper.objects.all().delete()
    at = START
    for hours, is_deleted in steps:
        at += dt.timedelta(hours=hours)
        paper = coming_in(at)
        if is_deleted:
            paper.delete()
    since = START + dt.timedelta(hours=hour)
    expected = set(Paper.objects.filter(created_at__gte=since).values_list("pk", flat=True))
    assert set(Paper.objects.filter(pk__gte=first_row_since(since)).values_list("pk", flat=True)) == expected


@pytest.mark.django_db
def test_new_papers_that_fit_come_newest_first(index_papers: Callable[[], None]) -> None:
    coming_in(START, title="Graphs of old")
    older = coming_in(START + days(1), title="Graphs one", day=dt.date(2026, 3, 1))
    newer = coming_in(START + days(2), title="Graphs two", day=dt.date(2026, 3, 2))
    coming_in(START + days(2), title="Trees")
    index_papers()
    found = find_new("graphs", since=START + days(1), engine=search_backend())
    assert found.keys == (newer.key, older.key)
    assert find_new("graphs", since=START + days(3), engine=search_backend()).keys == ()
    everything = find_new("-trees", since=START, engine=search_backend())
    assert len(everything.keys) == 3
    assert len(find_new("", since=START, engine=search_backend()).keys) == 4


# PRODUCT.md 9, case 16.
@pytest.mark.django_db
def test_a_replacement_is_not_new(index_papers: Callable[[], None]) -> None:
    paper = coming_in(START, title="Graphs")
    Paper.objects.get(pk=paper.pk).save()
    index_papers()
    assert find_new("graphs", since=START + days(1), engine=search_backend()).keys == ()


@pytest.mark.django_db
def test_many_new_papers_are_asked_about_in_parts(index_papers: Callable[[], None], monkeypatch: Any) -> None:
    monkeypatch.setattr(new_papers, "KEYS_AT_ONCE", 3)
    keys = {coming_in(START + days(n), title=f"Graphs {n}").key for n in range(8)}
    index_papers()
    found = find_new("graphs", since=START, engine=search_backend())
    assert set(found.keys) == keys
    assert not found.is_partial
    bounded = find_new("graphs", since=START, engine=search_backend(), n_at_most=6)
    assert len(bounded.keys) == 6
    assert bounded.is_partial


@pytest.mark.django_db
def test_alerts_are_not_relaxed_and_broken_queries_are_said(index_papers: Callable[[], None]) -> None:
    coming_in(START, title="Graphs")
    index_papers()
    assert find_new("graphs quantum", since=START, engine=search_backend()).keys == ()
    with pytest.raises(QuerySyntaxError):
        find_new("year:soon", since=START, engine=search_backend())


@pytest.mark.django_db
def test_personal_flags_are_asked_of_the_reader(index_papers: Callable[[], None]) -> None:
    one, _other = coming_in(START, title="Graphs"), coming_in(START, title="Graphs too")
    index_papers()
    mine = find_new(
        "graphs is:starred", since=START, engine=search_backend(), resolve_flag=lambda flag: Keys(frozenset({one.key}))
    )
    assert mine.keys == (one.key,)
    nobody = find_new("graphs is:starred", since=START, engine=search_backend())
    assert nobody.keys == ()
    assert nobody.notes


@pytest.mark.django_db
def test_a_venue_list_and_its_query_find_the_same(index_papers: Callable[[], None]) -> None:
    paper = make_venue_paper("a")
    make_venue_paper("b", year=2024)
    index_papers()
    assert find_new(query_of_venue("ICLR", 2025), since=START, engine=search_backend()).keys == (paper.key,)
