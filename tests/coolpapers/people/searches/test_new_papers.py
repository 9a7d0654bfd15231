from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.papers.models import Paper
from coolpapers.people.searches import new_papers
from coolpapers.people.searches.new_papers import find_new_papers, first_row_since
from coolpapers.people.searches.page_queries import query_of_venue
from search.engines.registry import search_backend
from search.errors import QuerySyntaxError
from search.language.query import Keys
from tests.coolpapers.papers.library import make_paper, make_venue_paper

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def coming_in(at: dt.datetime, **fields: Any) -> Paper:
    paper = make_paper(**fields)
    Paper.objects.filter(pk=paper.pk).update(created_at=at)
    return paper


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


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
def test_matching_new_papers_come_newest_first(index_papers: Callable[[], None]) -> None:
    coming_in(START, title="Graphs of old")
    older = coming_in(START + days(1), title="Graphs one", day=dt.date(2026, 3, 1))
    newer = coming_in(START + days(2), title="Graphs two", day=dt.date(2026, 3, 2))
    coming_in(START + days(2), title="Trees")
    index_papers()
    found = find_new_papers("graphs", since=START + days(1), engine=search_backend())
    assert found.keys == (newer.key, older.key)
    assert find_new_papers("graphs", since=START + days(3), engine=search_backend()).keys == ()
    everything = find_new_papers("-trees", since=START, engine=search_backend())
    assert len(everything.keys) == 3
    assert len(find_new_papers("", since=START, engine=search_backend()).keys) == 4


# PRODUCT.md 9, case 16.
@pytest.mark.django_db
def test_a_replacement_is_not_new(index_papers: Callable[[], None]) -> None:
    paper = coming_in(START, title="Graphs")
    Paper.objects.get(pk=paper.pk).save()
    index_papers()
    assert find_new_papers("graphs", since=START + days(1), engine=search_backend()).keys == ()


@pytest.mark.django_db
def test_many_new_papers_are_searched_in_batches(index_papers: Callable[[], None], monkeypatch: Any) -> None:
    monkeypatch.setattr(new_papers, "KEYS_AT_ONCE", 3)
    keys = {coming_in(START + days(n), title=f"Graphs {n}").key for n in range(8)}
    index_papers()
    found = find_new_papers("graphs", since=START, engine=search_backend())
    assert set(found.keys) == keys
    assert not found.is_partial
    bounded = find_new_papers("graphs", since=START, engine=search_backend(), n_at_most=6)
    assert len(bounded.keys) == 6
    assert bounded.is_partial


@pytest.mark.django_db
def test_alerts_are_not_relaxed_and_invalid_queries_raise(index_papers: Callable[[], None]) -> None:
    coming_in(START, title="Graphs")
    index_papers()
    assert find_new_papers("graphs quantum", since=START, engine=search_backend()).keys == ()
    with pytest.raises(QuerySyntaxError):
        find_new_papers("year:soon", since=START, engine=search_backend())


@pytest.mark.django_db
def test_personal_flags_are_resolved_for_the_reader(index_papers: Callable[[], None]) -> None:
    one, _other = coming_in(START, title="Graphs"), coming_in(START, title="Graphs too")
    index_papers()
    mine = find_new_papers(
        "graphs is:starred", since=START, engine=search_backend(), resolve_flag=lambda flag: Keys(frozenset({one.key}))
    )
    assert mine.keys == (one.key,)
    nobody = find_new_papers("graphs is:starred", since=START, engine=search_backend())
    assert nobody.keys == ()
    assert nobody.notes


@pytest.mark.django_db
def test_a_venue_list_and_its_query_find_the_same(index_papers: Callable[[], None]) -> None:
    paper = make_venue_paper("a")
    make_venue_paper("b", year=2024)
    index_papers()
    assert find_new_papers(query_of_venue("ICLR", 2025), since=START, engine=search_backend()).keys == (paper.key,)
