"""The page of an error of the program names what the log says of it."""

from __future__ import annotations

import logging

import pytest
from django.db import DatabaseError
from django.test import Client

from coolpapers.base.observing.request_ids import request_id

pytestmark = pytest.mark.django_db


def test_the_identifier_is_on_the_page_and_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("coolpapers.papers.pages.home.read_library_state", lambda **_kwargs: 1 / 0)
    client = Client(raise_request_exception=False)
    seen = []

    def note(_record: logging.LogRecord) -> bool:
        seen.append(request_id())
        return True

    caplog.handler.addFilter(note)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/", headers={"X-Request-ID": "from-the-proxy"})
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] == "from-the-proxy"
    assert "<code>from-the-proxy</code>" in answer.text
    assert "ZeroDivisionError" in caplog.text
    caplog.handler.removeFilter(note)
    assert set(seen) == {"from-the-proxy"}
    answer = client.get("/", headers={"Content-Type": "application/json", "X-Request-ID": "from-the-proxy"})
    assert answer.json() == {"error": "Server error", "request_id": "from-the-proxy"}


def test_the_page_of_an_outage_names_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_kwargs: object) -> None:
        raise DatabaseError("database is locked")

    monkeypatch.setattr("coolpapers.papers.pages.home.read_library_state", fail)
    answer = Client().get("/", headers={"X-Request-ID": "from-the-proxy"})
    assert answer.status_code == 503
    assert "<code>from-the-proxy</code>" in answer.text
