from __future__ import annotations

import threading

import pytest

from search.base import cached_lists
from search.base.cached_lists import CachedList
from search.errors import IndexMissing


class Made:
    """The number of its call; waits until it may go on."""

    def __init__(self) -> None:
        self.n_calls = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self) -> int:
        self.may_go_on.wait(30)
        self.n_calls += 1
        return self.n_calls


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list counts as slow, and is due again only after the end of the test."""
    monkeypatch.setattr(cached_lists, "QUICK_S", 0.0)
    monkeypatch.setattr(cached_lists, "MAX_SHARE", 1e-12)


@pytest.fixture
def _slow_and_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_lists, "QUICK_S", 0.0)
    monkeypatch.setattr(cached_lists, "MAX_SHARE", float("inf"))


def test_a_list_is_made_once_for_a_revision() -> None:
    cached = CachedList(Made())
    assert [cached.get(1), cached.get(1), cached.get_within(1, wait_s=0)] == [1, 1, 1]


def test_a_quick_list_is_made_again_with_the_index() -> None:
    cached = CachedList(Made())
    assert [cached.get(1), cached.get(2), cached.get_within(3, wait_s=0)] == [1, 2, 3]


@pytest.mark.usefixtures("_slow")
def test_a_slow_list_lags_behind_the_index() -> None:
    cached = CachedList(Made())
    assert [cached.get(1), cached.get(2), cached.get_within(3, wait_s=0)] == [1, 1, 1]


@pytest.mark.usefixtures("_slow_and_due")
def test_while_a_list_is_remade_the_older_one_answers() -> None:
    made = Made()
    cached = CachedList(made)
    assert cached.get(1) == 1
    made.may_go_on.clear()
    assert cached.get_within(2, wait_s=30) == 1
    made.may_go_on.set()
    assert cached.get(2) == 2
    assert cached.get_within(2, wait_s=0) == 2


def test_without_a_list_the_caller_waits_for_it_and_no_longer_than_it_wants() -> None:
    made = Made()
    cached = CachedList(made)
    made.may_go_on.clear()
    assert cached.get_within(1, wait_s=0.01) is None
    made.may_go_on.set()
    assert cached.get_within(1, wait_s=30) == 1
    assert made.n_calls == 1


def test_the_error_of_an_index_reaches_whoever_waits() -> None:
    def fail() -> int:
        raise IndexMissing("There is no index.")

    with pytest.raises(IndexMissing):
        CachedList(fail).get_within(1, wait_s=30)
