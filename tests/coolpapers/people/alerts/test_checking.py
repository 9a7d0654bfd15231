from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coolpapers.people.alerts import checking
from coolpapers.people.alerts.checking import check_searches, flag_resolver_of, followed_searches
from coolpapers.people.models import AlertState, SentPaper
from coolpapers.people.models.kinds import Kind
from search.language.query import Flag, Keys
from tests.coolpapers.people.alerts.alerting import after, come_in, follow, make_reader
from tests.coolpapers.people.make import keep

pytestmark = pytest.mark.django_db


def test_only_searches_with_mail_are_followed() -> None:
    reader = make_reader("graphs", "trees")
    follow(reader, "quiet", mail=False)
    keep(reader, Kind.SEARCH, "odd", value={"mail": "true", "query": "odd"})
    keep(reader, Kind.SEARCH, "gone", value={"mail": True, "query": "gone"}, deleted=True)
    assert [search.query for search in followed_searches(reader)] == ["graphs", "trees"]


def test_a_check_records_the_query_and_start_of_each_search(index_papers: Callable[[], None]) -> None:
    index_papers()
    reader = make_reader("graphs", "year:soon")
    paper = come_in("Graphs", on=1)
    result = check_searches(reader, AlertState(user=reader), now=after(2))
    assert [section.keys for section in result.sections] == [(paper.key,), ()]
    first, second = result.records.values()
    assert first == {"query": "graphs", "since": after(0).isoformat(), "told": False}
    assert second["told"]
    assert (result.n_invalid_queries, result.is_complete) == (1, True)
    SentPaper.objects.create(user=reader, key=paper.key, sent_at=after(2))
    assert (
        not check_searches(reader, AlertState(user=reader, searches=result.records), now=after(2))
        .sections[0]
        .is_new_problem
    )


def test_a_failed_search_makes_the_check_incomplete(
    index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_args: Any, **_more: Any) -> Any:
        raise OSError("disk")

    monkeypatch.setattr(checking, "find_new_papers", failing)
    reader = make_reader("graphs")
    result = check_searches(reader, AlertState(user=reader), now=after(1))
    assert not result.is_complete
    assert result.failures == [f"reader {reader.pk}, search {next(iter(result.records))}: OSError: disk"]


def test_personal_flags_are_the_readers_own(index_papers: Callable[[], None]) -> None:
    index_papers()
    reader, other = make_reader("graphs -is:hidden"), make_reader()
    mine, hidden = come_in("Graphs", on=1), come_in("Graphs again", on=1)
    keep(reader, Kind.HIDE, hidden.key)
    keep(other, Kind.HIDE, mine.key)
    result = check_searches(reader, AlertState(user=reader), now=after(2))
    assert result.sections[0].keys == (mine.key,)
    resolve = flag_resolver_of(reader)
    assert resolve is not None
    assert resolve(Flag("is", "hidden")) == Keys(frozenset({hidden.key}))
