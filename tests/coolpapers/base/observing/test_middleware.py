"""Each request: an identifier, a count under the name of its view, a line in the access log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from coolpapers.base.observing.middleware import ObservingMiddleware
from coolpapers.base.observing.request_ids import request_id
from tests.coolpapers.base.observing.test_metrics import value

pytestmark = pytest.mark.django_db


def test_an_identifier_is_returned_and_known_to_the_view() -> None:
    seen = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(request_id())
        return HttpResponse("x")

    answer = ObservingMiddleware(view)(RequestFactory().get("/", headers={"X-Request-ID": "from-the-proxy"}))
    assert answer.headers["X-Request-ID"] == seen[0] == "from-the-proxy"
    answer = ObservingMiddleware(view)(RequestFactory().get("/", headers={"X-Request-ID": "bad\nvalue"}))
    assert answer.headers["X-Request-ID"] == seen[1] != "bad\nvalue"


@pytest.mark.parametrize(
    ("address", "view", "status"),
    [
        ("/healthz", "show_health", "200"),
        ("/search?q=what+a+reader+asks", "search:search_papers", "503"),
        ("/no/such/address", "none", "404"),
        ("/static/no-such-file.css", "static", "404"),
    ],
)
def test_requests_are_counted_by_view_and_status(client: Client, address: str, view: str, status: str) -> None:
    before = value("coolpapers_requests_total", view=view, method="GET", status=status)
    answer = client.get(address)
    assert answer.status_code == int(status)
    assert value("coolpapers_requests_total", view=view, method="GET", status=status) == before + 1


def test_without_the_setting_nothing_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/healthz")
    assert caplog.text == ""


@pytest.fixture
def access_log(caplog: pytest.LogCaptureFixture, settings: Settings) -> Iterator[pytest.LogCaptureFixture]:
    settings.ACCESS_LOG = "on"
    logger = logging.getLogger("coolpapers.access")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def test_the_access_log_has_no_words_and_no_address(client: Client, access_log: pytest.LogCaptureFixture) -> None:
    client.get("/search?q=secret+words", REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "Reader/1"})
    (record,) = [record for record in access_log.records if record.name == "coolpapers.access"]
    fields = {name: getattr(record, name) for name in ("view", "method", "status", "bytes", "request_id")}
    assert fields["view"] == "search:search_papers"
    assert fields["bytes"] > 100
    assert record.ms > 0  # type: ignore[attr-defined]
    everything = repr(record.__dict__)
    assert not [word for word in ("secret", "words", "192.0.2.7", "Reader/1") if word in everything]


def test_clients_are_logged_on_demand(client: Client, access_log: pytest.LogCaptureFixture, settings: Settings) -> None:
    settings.ACCESS_LOG = "clients"
    client.get("/healthz", REMOTE_ADDR="192.0.2.7")
    assert [record.client for record in access_log.records] == ["192.0.2.7"]  # type: ignore[attr-defined]


def test_a_streamed_answer_is_logged_at_its_end(access_log: pytest.LogCaptureFixture) -> None:
    middleware = ObservingMiddleware(lambda _request: StreamingHttpResponse(iter([b"abc", b"de"])))
    answer = middleware(RequestFactory().get("/"))
    assert not access_log.records
    assert isinstance(answer, StreamingHttpResponse)
    assert b"".join(answer) == b"abcde"
    assert [record.bytes for record in access_log.records] == [5]  # type: ignore[attr-defined]
