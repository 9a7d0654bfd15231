from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.throttling import Rate, check_rate, client_name

NOON = 1_800_000_000.0  # the start of a window of 60 s


def ask(n_times: int, *, at: float, rate: Rate, who: str = "a", scope: str = "test") -> list[int]:
    return [check_rate(scope, who, rate, now=at) for _ in range(n_times)]


def test_it_lets_so_many_through_and_says_how_long_to_wait() -> None:
    rate = Rate(3, 60)
    answers = ask(5, at=NOON, rate=rate)
    assert answers[:3] == [0, 0, 0]
    assert answers[3] == answers[4] > 0
    assert check_rate("test", "a", rate, now=NOON + answers[3]) == 0


def test_others_and_other_scopes_are_counted_apart() -> None:
    rate = Rate(1, 60)
    assert ask(2, at=NOON, rate=rate)[1] > 0
    assert check_rate("test", "b", rate, now=NOON) == 0
    assert check_rate("other", "a", rate, now=NOON) == 0


def test_the_turn_of_a_window_does_not_let_twice_as_many_through() -> None:
    rate = Rate(10, 60)
    assert ask(10, at=NOON + 59, rate=rate) == [0] * 10
    assert ask(10, at=NOON + 60, rate=rate).count(0) == 0
    assert ask(10, at=NOON + 90, rate=rate).count(0) == 5


def test_no_limit() -> None:
    assert not any(ask(1000, at=NOON, rate=Rate(0)))


@given(
    n_requests=st.integers(1, 20),
    per_s=st.sampled_from([1, 10, 60]),
    steps=st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
def test_who_waits_as_told_gets_through(n_requests: int, per_s: int, steps: list[float]) -> None:
    cache.clear()
    rate, now = Rate(n_requests, per_s), NOON
    for step in steps:
        now += step
        wait = check_rate("test", "a", rate, now=now)
        assert wait >= 0
        if wait:
            assert check_rate("test", "a", rate, now=now + wait) == 0
            now += wait


def test_addresses(rf: RequestFactory, settings: Any) -> None:
    assert client_name(rf.get("/", REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"
    assert client_name(rf.get("/", REMOTE_ADDR="2001:db8::1")) == client_name(
        rf.get("/", REMOTE_ADDR="2001:db8::ffff:2")
    )
    assert client_name(rf.get("/", REMOTE_ADDR="")) == ""  # a server on a Unix socket


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "name"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "198.51.100.1", "198.51.100.1"),
        (1, "", "192.0.2.7"),
        (1, "nonsense", "nonsense"),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(
    rf: RequestFactory, settings: Any, n_proxies: int, forwarded: str, name: str
) -> None:
    settings.TRUSTED_PROXIES = n_proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": forwarded})
    assert client_name(request) == name
