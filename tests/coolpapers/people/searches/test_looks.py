from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from coolpapers.finding.flags import FlagResolver
from coolpapers.papers.models import Paper
from coolpapers.people.searches import looks
from coolpapers.people.searches.looks import count_new, first_new_rows, present_look
from coolpapers.people.state.saved_searches import SavedSearch
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def search(query: str, *, ident: str = "s1", row: int = 0, paper: str = "", opened: datetime = LONG_AGO) -> SavedSearch:
    return SavedSearch(ident, "", query, False, LONG_AGO, opened, row, paper)


@pytest.mark.usefixtures("own_index")
def test_a_look_without_an_index_or_papers_is_empty() -> None:
    assert present_look() == {}


def test_a_look_is_at_the_newest_paper_of_the_index(index_papers: Callable[[], None]) -> None:
    paper = make_paper()
    index_papers()
    make_paper()
    assert present_look() == {"row": paper.pk, "paper": paper.key}


def test_a_look_by_row_is_exact_and_one_by_time_reaches_back_by_the_lag_of_the_index() -> None:
    old, new = make_paper(), make_paper()
    now = timezone.now()
    Paper.objects.filter(pk=old.pk).update(created_at=now - timedelta(hours=1))
    by_row = search("x", ident="row", row=new.pk, paper=new.key, opened=LONG_AGO)
    by_time = search("x", ident="time", opened=now)
    gone = search("x", ident="gone", row=new.pk, paper="other", opened=now - timedelta(days=1))
    rows = first_new_rows([by_row, by_time, gone], now=now)
    assert rows == {"row": new.pk + 1, "time": new.pk, "gone": old.pk}


def test_counts_are_kept_until_the_index_changes(
    index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(title="Graphs")
    index_papers()
    calls: list[str] = []
    count = looks._count_now

    def counted(query: str, first_row: int, resolve_flag: FlagResolver | None) -> looks.NewCount:
        calls.append(query)
        return count(query, first_row, resolve_flag)

    monkeypatch.setattr(looks, "_count_now", counted)
    for _time in range(2):
        assert count_new([search("graphs")], now=timezone.now(), resolve_flag=None)["s1"].n == 1
    assert calls == ["graphs"]
    make_paper(title="Graphs again")
    index_papers()
    assert count_new([search("graphs")], now=timezone.now(), resolve_flag=None)["s1"].n == 2


def test_a_query_that_does_not_parse_tells_its_problem_and_the_others_are_counted(
    index_papers: Callable[[], None],
) -> None:
    make_paper(title="Graphs")
    index_papers()
    found = count_new([search("year:soon"), search("graphs", ident="s2")], now=timezone.now(), resolve_flag=None)
    assert found["s1"].n is None
    assert found["s1"].problem
    assert found["s2"].n == 1
