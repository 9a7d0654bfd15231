from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coolpapers.people.models import SharedCollection
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.collections.test_views import order_of
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared() -> SharedCollection:
    user = make_user("login-name")
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine <b>", "note": "for <i>you</i>"})
    for position in (2, 1):
        keep(user, Kind.MEMBER, f"c1/{make_paper().key}", value={"position": position, "note": "my <u>note</u>"})
    return SharedCollection.objects.create(user=user, collection="c1")


def test_the_link_is_read_only(client: Client, shared: SharedCollection) -> None:
    response = client.get(f"/shared/{shared.token}")
    text = response.content.decode()
    assert "Mine &lt;b&gt;" in text
    assert "for &lt;i&gt;you&lt;/i&gt;" in text
    assert len(order_of(text)) == 2
    assert 'class="member"' not in text
    assert "note</u>" not in text
    assert "my &lt;u&gt;note" not in text
    assert "login-name" not in text
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in text
    assert client.post(f"/shared/{shared.token}").status_code == 405


def test_notes_are_shown_only_if_the_owner_allows_it(client: Client, shared: SharedCollection) -> None:
    shared.with_notes = True
    shared.save()
    assert client.get(f"/shared/{shared.token}").content.decode().count("my &lt;u&gt;note") == 2


@pytest.mark.parametrize("with_notes", [True, False])
def test_a_shared_collection_is_exported(client: Client, shared: SharedCollection, with_notes: bool) -> None:
    shared.with_notes = with_notes
    shared.save()
    response: Any = client.get(f"/shared/{shared.token}/export?format=markdown")
    text = b"".join(response.streaming_content).decode()
    assert ("my <u>note" in text) == with_notes
    assert text.count("\n- ") == 2
    assert response.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("address", ["/shared/none", "/shared/none/export", "/shared/%00"])
def test_an_unknown_link_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_link_with_papers_is_posted_by_its_page(client: Client) -> None:
    a, b = make_paper(), make_paper()
    assert "data-waiting" in client.get("/shared/").content.decode()
    form = {"items": f"#name=For+%3Cyou%3E&keys={b.key}%0A{a.key}%0Agone:1"}
    response = client.post("/shared/", form, headers=HTMX)
    text = response.content.decode()
    assert "<h1>For &lt;you&gt;</h1>" in text
    assert order_of(text) == [b.key, a.key]
    assert "gone:1" in text
    assert not response.cookies
