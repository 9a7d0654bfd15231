from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.base.outages import degraded
from coolpapers.base.throttling import COUNTS, Rate, check_rate, client_name, limit_rate

NOON = 1_800_000_000.0  # the start of a window of 60 s


def ask(n_times: int, *, at: float, rate: Rate, who: str = "a", scope: str = "test") -> list[int]:
    return [check_rate(scope, who, rate, now=at) for _ in range(n_times)]


def test_the_limit_holds_and_the_wait_is_returned() -> None:
    rate = Rate(3, 60)
    answers = ask(5, at=NOON, rate=rate)
    assert answers[:3] == [0, 0, 0]
    assert answers[3] == answers[4] > 0
    assert check_rate("test", "a", rate, now=NOON + answers[3]) == 0


def test_clients_and_scopes_are_counted_separately() -> None:
    rate = Rate(1, 60)
    assert ask(2, at=NOON, rate=rate)[1] > 0
    assert check_rate("test", "b", rate, now=NOON) == 0
    assert check_rate("other", "a", rate, now=NOON) == 0


def test_a_new_window_does_not_double_the_limit() -> None:
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
def test_a_retry_after_the_wait_succeeds(n_requests: int, per_s: int, steps: list[float]) -> None:
    caches[COUNTS].clear()
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
    assert client_name(rf.get("/", REMOTE_ADDR="fe80::1%eth0")) == "fe80::/64"


def test_clients_of_a_socket_for_both_kinds_of_addresses_are_told_apart(rf: RequestFactory) -> None:
    """A server bound to ``::`` sees IPv4 clients as ::ffff:192.0.2.7: they are not one household."""
    names = [client_name(rf.get("/", REMOTE_ADDR=f"::ffff:192.0.2.{number}")) for number in (7, 8)]
    assert names == ["192.0.2.7", "192.0.2.8"]


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "name"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "198.51.100.1", "198.51.100.1"),
        (1, "", "192.0.2.7"),
        (1, "nonsense", "nonsense"),
        (1, "203.0.113.9:1, 198.51.100.1:4711", "198.51.100.1"),  # with the port of the connection
        (1, "[2001:db8::1]:4711", "2001:db8::/64"),
        (1, "[2001:db8::2]", "2001:db8::/64"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "198.51.100.1,", "192.0.2.7"),
    ],
)
def test_only_addresses_from_trusted_proxies_are_used(
    rf: RequestFactory, settings: Any, n_proxies: int, forwarded: str, name: str
) -> None:
    settings.TRUSTED_PROXIES = n_proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": forwarded})
    assert client_name(request) == name


def test_a_limited_view_answers_429_with_retry_after(rf: RequestFactory, settings: Any) -> None:
    @limit_rate("test", "FEED_RATE")
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    settings.FEED_RATE = 2
    answers = [view(rf.get("/", REMOTE_ADDR="192.0.2.7")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    wait_s = int(answers[2]["Retry-After"])
    assert isinstance(answers[2], HttpResponse)
    assert 0 < wait_s <= 120
    assert str(wait_s) in answers[2].content.decode()
    assert view(rf.get("/", REMOTE_ADDR="192.0.2.8")).status_code == 200


def test_addresses_cannot_be_read_from_the_disk(settings: Any) -> None:
    check_rate("test", "192.0.2.7", Rate(5), now=NOON)
    folder = settings.CACHES[COUNTS]["LOCATION"]
    files = [path for path in folder.iterdir() if path.suffix == ".djcache"]
    assert len(files) == 1
    assert b"192.0.2.7" not in files[0].name.encode() + files[0].read_bytes()


def test_without_shared_counts_each_process_counts_for_itself(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    settings.CACHES = {**settings.CACHES, COUNTS: {**settings.CACHES[COUNTS], "LOCATION": tmp_path / "made"}}
    assert check_rate("test", "a", Rate(1), now=NOON) == 0
    counts: Any = caches[COUNTS]
    counts._dir, counts._folder = str(tmp_path / "file"), tmp_path / "file"
    before = degraded.counts().get(COUNTS, 0)
    assert [wait_s > 0 for wait_s in ask(3, at=NOON + 3_600, rate=Rate(1))] == [False, True, True]
    assert degraded.counts()[COUNTS] == before + 3
    assert "Continues without storing rates" in caplog.text
