"""Waiting for a database that restarts."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from coolpapers.base import outage_pages
from coolpapers.base.outage_pages import OutageMiddleware
from coolpapers.base.postgresql.recovery import FORGOTTEN_S, WAIT_S, Recovery, database_answers


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recovery(clock: Clock) -> Recovery:
    return Recovery(clock=lambda: clock.now, sleep=clock.sleep)


def test_it_waits_until_the_database_answers(recovery: Recovery, clock: Clock) -> None:
    assert recovery.wait(lambda: clock.now > 1_003)
    assert clock.now < 1_004


def test_it_gives_up_in_time(recovery: Recovery, clock: Clock) -> None:
    assert not recovery.wait(lambda: False)
    assert clock.now == pytest.approx(1_000 + WAIT_S, abs=0.5)


def test_nobody_waits_for_a_database_that_stays_away(recovery: Recovery, clock: Clock) -> None:
    recovery.wait(lambda: False)
    before = clock.now
    for _ in range(100):
        assert not recovery.wait(lambda: False)
        clock.now += 5
    assert clock.now == before + 500


def test_the_next_outage_is_waited_for_again(recovery: Recovery, clock: Clock) -> None:
    recovery.wait(lambda: False)
    clock.now += FORGOTTEN_S + 1
    assert recovery.wait(lambda: clock.now > 1_042)


def test_an_outage_soon_after_one_that_ended_is_a_new_one(recovery: Recovery, clock: Clock) -> None:
    assert recovery.wait(lambda: clock.now > 1_009)
    clock.now += 1
    assert recovery.wait(lambda: clock.now > 1_015)


@pytest.mark.django_db(transaction=True)
def test_it_looks_by_a_new_connection() -> None:
    assert database_answers()


# ---- in the middleware


def answer(request: HttpRequest, errors: list[Exception]) -> tuple[HttpResponse, int]:
    """The response of a view that fails with each error once; and how often it was called."""
    calls = 0

    def respond(request: HttpRequest) -> HttpResponse:
        nonlocal calls
        calls += 1
        if errors:
            response = middleware.process_exception(request, errors.pop(0))
            assert isinstance(response, HttpResponse)
            return response
        return HttpResponse("a page")

    middleware = OutageMiddleware(respond)
    response = middleware(request)
    assert isinstance(response, HttpResponse)
    return response, calls


DOWN = "connection to server failed: server closed the connection unexpectedly"


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_request_that_changes_nothing_is_run_again(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr(outage_pages, "database_answers", lambda: True)
    request = getattr(RequestFactory(), method)("/")
    response, calls = answer(request, [OperationalError(DOWN)])
    assert (response.status_code, response.content, calls) == (200, b"a page", 2)


def test_it_is_run_again_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_pages, "database_answers", lambda: True)
    response, calls = answer(RequestFactory().get("/"), [OperationalError(DOWN), OperationalError(DOWN)])
    assert (response.status_code, calls) == (503, 2)


def test_a_change_is_never_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_pages, "database_answers", lambda: True)
    response, calls = answer(RequestFactory().post("/"), [OperationalError(DOWN)])
    assert (response.status_code, calls) == (503, 1)
    assert "Retry-After" in response.headers


def test_a_full_disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_pages, "database_answers", lambda: True)
    response, calls = answer(RequestFactory().get("/"), [OperationalError("database or disk is full")])
    assert (response.status_code, calls) == (503, 1)
