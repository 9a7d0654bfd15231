from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client, RequestFactory
from ninja import Field, Schema

from coolpapers.api.errors import ApiError, BadParameter, BadQuery, TooManyRequests
from coolpapers.api.json.problems import problem_response, refuse_unknown


class Parameters(Schema):
    query: str = ""
    from_day: str = Field("", alias="from")


def test_a_problem_omits_unknown_members() -> None:
    bare = ApiError("It broke.").problem()
    assert bare == {
        "type": "urn:coolpapers:error",
        "title": "The request failed.",
        "status": 500,
        "detail": "It broke.",
    }
    full = BadQuery("No.", where="q", position=0, cure="Write yes.").problem()
    assert (full["position"], full["where"], full["cure"], full["status"]) == (0, "q", "Write yes.", 400)


def test_a_rate_limit_error_has_a_retry_after() -> None:
    response = problem_response(TooManyRequests(7, n_requests=3))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_misspelt_parameter_is_an_error(rf: RequestFactory) -> None:
    refuse_unknown(rf.get("/?query=a&from=b"), Parameters)
    with pytest.raises(BadParameter, match="Did you mean “query”") as caught:
        refuse_unknown(rf.get("/?qeury=a"), Parameters)
    assert caught.value.where == "qeury"


@pytest.mark.django_db
def test_an_unexpected_error_is_logged_and_reported_without_details(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("coolpapers.api.json.endpoints.find_one", fail)
    with caplog.at_level(logging.ERROR):
        response = client.get("/api/v1/papers/1706.03762")
    assert response.status_code == 500
    assert response.json()["type"] == "urn:coolpapers:error"
    assert "secret" not in response.content.decode()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("path", ["nothing", "search/", "papers/a%0Ab", "openapi.json/%0A"])
def test_an_address_that_no_endpoint_has_is_a_problem_too(client: Client, path: str) -> None:
    response = client.get(f"/api/v1/{path}")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert "/api/v1/" in response.json()["cure"]
