from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from coolpapers.base.throttling import Rate
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state import sync_views
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def ask(client: Client, body: object, **extra: Any) -> Any:
    return client.post("/me/sync", json.dumps(body), content_type="application/json", **extra)


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


def test_a_device_sends_and_receives(reader: Client) -> None:
    rows = [{"kind": "star", "key": "arxiv:1", "changed": 5}, {"kind": "colour", "key": "x", "changed": 5}]
    answer = ask(reader, {"cursor": 0, "items": rows}).json()
    assert [item["key"] for item in answer["items"]] == ["arxiv:1"]
    assert [refused["kind"] for refused in answer["refused"]] == ["colour"]
    assert (answer["more"], answer["reset"]) == (False, False)
    again = ask(reader, {"cursor": answer["cursor"], "items": []})
    assert again.json()["items"] == []
    assert "no-store" in again.headers["Cache-Control"]


def test_it_requires_sign_in(client: Client) -> None:
    assert ask(client, {"cursor": 0, "items": []}).status_code == 401
    assert client.get("/me/sync").status_code == 405


def test_another_site_cannot_write_for_the_reader() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert ask(client, {"cursor": 0, "items": []}).status_code == 403
    client.get("/me/")
    token = client.cookies["csrftoken"].value
    assert ask(client, {"cursor": 0, "items": []}, headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"cursor": -1, "items": []},
        {"cursor": "0", "items": []},
        {"cursor": 0},
        {"cursor": 2**63, "items": []},
        {"cursor": 0, "items": [{}] * 501},
    ],
)
def test_invalid_requests_are_refused_with_a_message(reader: Client, body: object) -> None:
    response = ask(reader, body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_invalid_json_is_refused(reader: Client) -> None:
    assert reader.post("/me/sync", b"{" * 5000, content_type="application/json").status_code == 400


def test_readers_do_not_share_items(reader: Client) -> None:
    keep(make_user(), Kind.NOTE, "arxiv:1", value={"text": "secret"})
    assert ask(reader, {"cursor": 0, "items": []}).json()["items"] == []
    ask(reader, {"cursor": 0, "items": [{"kind": "note", "key": "arxiv:1", "changed": 10**12, "value": {"text": "x"}}]})
    assert sorted(item.value["text"] for item in Item.objects.all()) == ["secret", "x"]


def test_a_device_is_rate_limited(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_views, "SYNC_RATE", Rate(1, per_s=600))
    assert ask(reader, {"cursor": 0, "items": []}).status_code == 200
    response = ask(reader, {"cursor": 0, "items": []})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
