from __future__ import annotations

import httpx
import pytest

from coolpapers.papers.errors import SourceUnavailable
from coolpapers.papers.harvesting import fetching
from coolpapers.papers.harvesting.fetching import PoliteClient, Stopped
from tests.coolpapers.papers.harvesting.oai_server import Answer, Clock, serving


def test_requests_keep_their_distance() -> None:
    clock = Clock()
    with serving(Answer("one"), Answer("two")) as server, PoliteClient(timing=clock.timing, interval_s=3) as client:
        assert client.get(server.url, {"a": "1"}) == b"one"
        clock.now_s += 1
        assert client.get(server.url, {}) == b"two"
    assert clock.slept_s == pytest.approx(2)
    assert server.asked == [{"a": "1"}, {}]


@pytest.mark.parametrize(
    ("retry_after", "slept_s"),
    [
        ("7", 7.0),
        ("Sat, 01 Jun 2024 00:00:20 GMT", 20.0),
        ("Fri, 31 May 2024 00:00:00 GMT", 3.0),
        ("soon", 5.0),
        (None, 5.0),
    ],
)
def test_it_waits_as_long_as_the_server_asks(retry_after: str | None, slept_s: float) -> None:
    clock = Clock()
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    busy = Answer(status=503, headers=headers)
    with serving(busy, Answer("fine")) as server, PoliteClient(timing=clock.timing, interval_s=3) as client:
        assert client.get(server.url, {}) == b"fine"
    assert clock.slept_s == pytest.approx(slept_s)


def test_waits_grow_while_failures_go_on() -> None:
    clock = Clock()
    answers = [Answer(status=500), Answer(status=502), Answer(status=429), Answer("fine")]
    with serving(*answers) as server, PoliteClient(timing=clock.timing, interval_s=0) as client:
        assert client.get(server.url, {}) == b"fine"
    assert clock.slept_s == pytest.approx(5 + 10 + 20)


def test_a_dropped_connection_is_tried_again() -> None:
    clock = Clock()
    with (
        serving(Answer("a long answer", cut_at=4), Answer("fine")) as server,
        PoliteClient(timing=clock.timing) as client,
    ):
        assert client.get(server.url, {}) == b"fine"


def test_it_gives_up_with_the_last_reason() -> None:
    clock = Clock()
    with serving(Answer(status=503)) as server, PoliteClient(timing=clock.timing, n_tries=3) as client:
        with pytest.raises(SourceUnavailable, match=r"gave no usable answer in 3 tries; the last time: HTTP 503"):
            client.get(server.url, {})
        assert len(server.asked) == 3


def test_a_server_that_is_not_there_is_named() -> None:
    with (
        PoliteClient(timing=Clock().timing, n_tries=2) as client,
        pytest.raises(
            SourceUnavailable, match=r"http://127\.0\.0\.1:9/ gave no usable answer in 2 tries.*ConnectError"
        ),
    ):
        client.get("http://127.0.0.1:9/", {})


def test_a_status_that_stays_is_not_tried_again() -> None:
    with serving(Answer(status=404)) as server, PoliteClient(timing=Clock().timing) as client:
        with pytest.raises(SourceUnavailable, match="HTTP 404"):
            client.get(server.url, {})
        assert len(server.asked) == 1


def test_a_wait_of_hours_is_left_to_the_caller() -> None:
    clock = Clock()
    busy = Answer(status=503, headers={"Retry-After": "86400"})
    with (
        serving(busy) as server,
        PoliteClient(timing=clock.timing) as client,
        pytest.raises(SourceUnavailable, match="asks to come back in 86,400 s"),
    ):
        client.get(server.url, {})
    assert clock.slept_s == 0


def test_a_body_that_will_not_do_is_asked_for_again() -> None:
    clock = Clock()
    with serving(Answer("bad"), Answer("good")) as server, PoliteClient(timing=clock.timing) as client:
        assert client.get(server.url, {}, accept=lambda body: "" if body == b"good" else "not good") == b"good"


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_LONGEST_ANSWER", 10)
    with (
        serving(Answer("x" * 100)) as server,
        PoliteClient(timing=Clock().timing) as client,
        pytest.raises(SourceUnavailable, match="answered with more than"),
    ):
        client.get(server.url, {})


def test_waiting_ends_when_it_is_asked_to_stop() -> None:
    clock = Clock()
    with serving(Answer(status=503, headers={"Retry-After": "600"})) as server:
        client = PoliteClient(timing=clock.timing, should_stop=lambda: clock.slept_s >= 3)
        with client, pytest.raises(Stopped):
            client.get(server.url, {})
    assert clock.slept_s == pytest.approx(3)


def test_redirects_are_followed_through_the_transport() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/old":
            return httpx.Response(301, headers={"Location": "http://example.org/new"})
        return httpx.Response(200, content=b"moved")

    with PoliteClient(timing=Clock().timing, transport=httpx.MockTransport(answer)) as client:
        assert client.get("http://example.org/old", {}) == b"moved"
