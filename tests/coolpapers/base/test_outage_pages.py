"""The answers to requests that an outage stops. What the whole site does: tests/coolpapers/disks."""

from __future__ import annotations

import errno
import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from coolpapers.base.outage_pages import OutageMiddleware, describe, outage_response
from coolpapers.base.outages import Outage


def middleware() -> OutageMiddleware:
    return OutageMiddleware(lambda _request: HttpResponse())


def test_an_error_of_the_program_stays_an_error(rf: RequestFactory) -> None:
    assert middleware().process_exception(rf.get("/"), KeyError("x")) is None


def test_a_full_disk_is_said_with_its_cure(rf: RequestFactory) -> None:
    response = middleware().process_exception(rf.post("/me/import"), OSError(errno.ENOSPC, "No space left"))
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    page = response.content.decode()
    assert "nothing can be stored" in page
    assert "free disk space" in page


def test_a_program_gets_json(rf: RequestFactory) -> None:
    request = rf.post("/me/sync", "{}", content_type="application/json")
    response = outage_response(request, Outage.BUSY)
    assert response.headers["Retry-After"] == "5"
    assert json.loads(response.content)["error"] == "The database is busy. Try again in a moment."


def test_without_a_database_the_page_needs_none(rf: RequestFactory) -> None:
    assert "manage.py doctor" in outage_response(rf.get("/"), Outage.DOWN).content.decode()


@pytest.mark.parametrize("outage", Outage)
def test_every_outage_has_a_sentence_in_both_languages(outage: Outage) -> None:
    with translation.override("en"):
        english = describe(outage)
    with translation.override("zh-hans"):
        assert describe(outage) != english
