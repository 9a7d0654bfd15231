from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coolpapers.feeding.models import PaperRequest
from coolpapers.feeding.ondemand import requests
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.ondemand.test_registries import point_to, registry
from tests.coolpapers.feeding.runs import NOW
from tests.local_servers import serve

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def everyone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.GET_PAPERS = "everyone"
    monkeypatch.setattr(requests, "INTERVAL_S", 0.0)


def test_a_paper_is_fetched_and_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(registry) as server:
        point_to(server.url, monkeypatch)
        response = client.post("/get/doi:10.1000/xyz", follow=True)
    assert response.status_code == 200
    assert "A paper with a DOI" in response.content.decode()
    assert client.post("/get/doi:10.1000/xyz", headers=HTMX)["HX-Redirect"] == Paper.objects.get().get_absolute_url()


def test_a_reason_is_told_and_the_reader_can_try_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(registry) as server:
        point_to(server.url, monkeypatch)
        page = client.post("/get/doi:10.1000/none", follow=True).content.decode()
    assert "The registry has no paper with this identifier." in page
    assert "Try again" in page


def test_a_waiting_request_asks_again_by_itself_and_has_a_link(client: Client) -> None:
    PaperRequest.objects.create(key="doi:10.1000/xyz", source="doi", value="10.1000/xyz", requested_at=NOW)
    page = client.get("/get/doi:10.1000/xyz").content.decode()
    assert 'hx-get="/get/doi:10.1000/xyz"' in page
    assert '<a href="/get/doi:10.1000/xyz">' in page
    part = client.get("/get/doi:10.1000/xyz", headers=HTMX).content.decode()
    assert "<html" not in part


@pytest.mark.parametrize("setting", ["nobody", "accounts"])
def test_others_may_not_ask(client: Client, settings: Any, setting: str) -> None:
    settings.GET_PAPERS = setting
    assert client.post("/get/doi:10.1000/xyz").status_code == 403
    assert not PaperRequest.objects.exists()
    assert "Get it" not in client.get("/get/doi:10.1000/xyz").content.decode()


def test_requests_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(registry) as server:
        point_to(server.url, monkeypatch)
        statuses = {client.post(f"/get/doi:10.1000/none{number}").status_code for number in range(25)}
    assert statuses == {302, 429}


@pytest.mark.parametrize("name", ["graphs", "v1/x@PMLR", "%00"])
def test_what_no_registry_knows_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/get/{name}").status_code == 404
