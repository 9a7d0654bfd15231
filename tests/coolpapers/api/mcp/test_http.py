"""What ``/mcp`` takes and refuses before the SDK sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from coolpapers.api.mcp.http import MAX_BODY_BYTES
from coolpapers.papers.models import Paper

pytestmark = pytest.mark.django_db

ACCEPT = {"Accept": "application/json, text/event-stream"}


def post(client: Client, message: object, **headers: str) -> Any:
    body = message if isinstance(message, str | bytes) else json.dumps(message)
    return client.post("/mcp", body, content_type="application/json", headers=ACCEPT | headers)


def request(method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters or {}}


def test_one_post_one_answer_without_a_session(client: Client, library: list[Paper]) -> None:
    response = post(client, request("tools/call", {"name": "library", "arguments": {}}))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert "Mcp-Session-Id" not in response.headers
    assert response.json()["result"]["structuredContent"]["n_papers"] == 5


def test_a_notification_gets_no_answer(client: Client, library: list[Paper]) -> None:
    response = post(client, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (response.status_code, response.content) == (202, b"")


def test_there_is_no_stream_to_hold_a_thread(client: Client, library: list[Paper]) -> None:
    assert client.get("/mcp", headers=ACCEPT).status_code == 405
    assert client.delete("/mcp").status_code == 405
    for method in ("subscriptions/listen", "resources/subscribe"):
        assert "error" in post(client, request(method)).json()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"jsonrpc": "2.0"}', "[" * 100_000, b"\xff\xfe"])
def test_an_invalid_message_is_a_client_error(client: Client, library: list[Paper], body: str | bytes) -> None:
    response = post(client, body)
    assert 400 <= response.status_code < 500


def test_pages_of_other_sites_are_refused(client: Client, library: list[Paper], settings: Any) -> None:
    message = request("tools/list")
    assert post(client, message, Origin="https://evil.example").status_code == 403
    assert post(client, message, Origin="null").status_code == 403
    assert post(client, message, Origin="http://[").status_code == 403
    assert post(client, message, Origin="http://testserver").status_code == 200
    settings.CSRF_TRUSTED_ORIGINS = ["https://papers.example"]
    assert post(client, message, Origin="https://papers.example").status_code == 200
    assert post(client, message, Host="evil.example").status_code == 400


def test_unknown_tokens_large_bodies_and_frequent_requests_are_refused(
    client: Client, library: list[Paper], settings: Any
) -> None:
    refused = post(client, request("tools/list"), Authorization="Bearer cp_wrong")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert post(client, " " * (MAX_BODY_BYTES + 1)).status_code == 413
    settings.API_RATE = 1
    assert post(client, request("tools/list")).status_code == 200
    limited = post(client, request("tools/list"))
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0


def test_no_csrf_token_is_required(library: list[Paper]) -> None:
    assert post(Client(enforce_csrf_checks=True), request("tools/list")).status_code == 200
