from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.feeding.models import FeedSource
from tests.coolpapers.feeding.runs import body, make_source
from tests.coolpapers.papers.make import DATA
from tests.local_servers import serve

pytestmark = pytest.mark.django_db
RSS = (DATA / "feed" / "arxiv.rss").read_bytes()
FIELDS = {"name": "cs.DL", "kind": "feed", "selection": "", "hour": "6", "interval_s": "0", "is_active": "on"}


@pytest.fixture
def librarian(settings: Any) -> Client:
    settings.ACCOUNTS = "invited"
    client = Client()
    client.force_login(User.objects.create_user("lib", is_staff=True))
    return client


def test_only_librarians_see_and_change_sources(settings: Any, client: Client) -> None:
    settings.ACCOUNTS = "open"
    source = make_source("feed", address="https://x.example.org/rss")
    client.force_login(User.objects.create_user("ada"))
    for path in ("/site/sources", f"/site/sources/{source.pk}"):
        assert client.get(path).status_code == 403
        assert client.post(path, FIELDS).status_code == 403
    assert client.post(f"/site/sources/{source.pk}/harvest").status_code == 403
    assert FeedSource.objects.count() == 1


def test_a_new_source_is_harvested_at_once(librarian: Client) -> None:
    with serve(body(RSS)) as server:
        response = librarian.post("/site/sources", {**FIELDS, "address": server.url}, follow=True)
    assert "1 new, 0 changed, 0 refused." in response.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"address": "javascript:alert(1)"}, "begins with https://"),
        ({"address": ""}, "begins with https://"),
        ({"kind": "acl", "address": ""}, "needs a selection"),
        ({"kind": "folder", "address": "../.."}, "COOLPAPERS_WATCH_DIR"),
        ({"hour": "24", "address": "https://x.example.org"}, "23"),
    ],
)
def test_mistakes_are_told_beside_their_fields(librarian: Client, change: dict[str, str], words: str) -> None:
    response = librarian.post("/site/sources", {**FIELDS, **change})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not FeedSource.objects.exists()


def test_a_source_is_paused_harvested_again_and_deleted(librarian: Client) -> None:
    with serve(body(RSS)) as server:
        source = make_source("feed", address=server.url, name="cs.DL")
        fields = {**FIELDS, "address": server.url}
        del fields["is_active"]
        librarian.post(f"/site/sources/{source.pk}", fields)
        assert "paused" in librarian.get("/site/sources").content.decode()
        librarian.post(f"/site/sources/{source.pk}", {**fields, "is_active": "on"})
        for _ in range(2):
            librarian.post(f"/site/sources/{source.pk}/harvest")
        assert len(server.asked) == 2
    librarian.post(f"/site/sources/{source.pk}", {"delete": "1"})
    assert not FeedSource.objects.exists()


def test_failures_and_refused_records_are_shown(librarian: Client) -> None:
    source = make_source("feed", error="the server answered HTTP 404 <x>", refusals=["line 3: title: missing"])
    assert "HTTP 404 &lt;x&gt;" in librarian.get("/site/sources").content.decode()
    assert "line 3: title: missing" in librarian.get(f"/site/sources/{source.pk}").content.decode()
