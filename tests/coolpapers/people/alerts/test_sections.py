from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.alerts.sections import (
    OVERLAP,
    build_sections,
    check_start,
    has_news,
    last_due,
    reported_keys,
)
from coolpapers.people.searches.new_papers import NewPapers
from coolpapers.people.state.saved_searches import SavedSearch

NOW = dt.datetime(2026, 3, 10, 6, tzinfo=dt.UTC)


def search(ident: str = "s1", query: str = "graphs", name: str = "", saved: dt.datetime = NOW) -> SavedSearch:
    return SavedSearch(ident, name, query, True, saved, saved)


key_lists = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=5)


@given(key_lists, st.sets(st.sampled_from("abcdefgh")))
def test_each_paper_is_listed_once_unless_already_sent(outcomes: list[list[str]], sent: set[str]) -> None:
    pairs = [(search(str(n)), NewPapers(tuple(keys))) for n, keys in enumerate(outcomes)]
    sections = build_sections(pairs, sent=sent)
    reported = reported_keys(sections)
    assert len(reported) == len(set(reported))
    assert set(reported) == {key for keys in outcomes for key in keys} - sent
    for section in sections:
        unsent = set(outcomes[int(section.search.ident)]) - sent
        assert len(section.keys) + section.n_listed_above == len(unsent)


def test_a_problem_is_news_once() -> None:
    pairs = [(search(), "an unclosed quote at position 3")]
    new = build_sections(pairs, sent=())
    assert has_news(new)
    repeated = build_sections(pairs, sent=(), reported_problems=["s1"])
    assert not has_news(repeated)
    assert repeated[0].problem
    assert not has_news(build_sections([(search(), NewPapers(("a",)))], sent=["a"]))


def test_a_search_is_followed_from_when_it_was_saved() -> None:
    day = dt.timedelta(days=1)
    assert check_start(search(saved=NOW - 2 * day), {}, checked_at=None, now=NOW) == NOW - 2 * day
    assert check_start(search(saved=NOW - 90 * day), {}, checked_at=None, now=NOW) == NOW - OVERLAP
    assert check_start(search(saved=NOW + 90 * day), {}, checked_at=None, now=NOW) == NOW
    record = {"query": "graphs", "since": (NOW - 90 * day).isoformat()}
    assert check_start(search(), record, checked_at=NOW - day, now=NOW) == NOW - day - OVERLAP
    other = {"query": "trees", "since": (NOW - 90 * day).isoformat()}
    assert check_start(search(saved=NOW - day), other, checked_at=NOW, now=NOW) == NOW - day


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-10T06:00:00+00:00", "2026-03-10T06:00:00+00:00"),
        ("2026-03-10T05:59:00+00:00", "2026-03-09T06:00:00+00:00"),
        ("2026-03-10T23:00:00+00:00", "2026-03-10T06:00:00+00:00"),
    ],
)
def test_mails_are_due_once_a_day(now: str, due: str) -> None:
    assert last_due(dt.datetime.fromisoformat(now), hour=6, zone=dt.UTC).isoformat() == due


def test_mails_are_due_in_the_time_zone_of_the_site() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = dt.datetime(2026, 7, 1, 4, 30, tzinfo=dt.UTC)
    assert last_due(summer, hour=6, zone=berlin).astimezone(dt.UTC).hour == 4
