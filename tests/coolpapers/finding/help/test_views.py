from __future__ import annotations

import pytest
from django.test import Client

from coolpapers.finding.help.documents import HELP_PAGES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", HELP_PAGES)
def test_each_page_of_help_answers(client: Client, name: str) -> None:
    response = client.get(f"/help/{name}")
    assert response.status_code == 200
    assert f'href="/help/{name}" aria-current="page"' in response.content.decode()


def test_help_begins_with_the_first_steps_in_the_language_of_the_reader(client: Client) -> None:
    assert ">First steps</h1>" in client.get("/help/").content.decode()
    assert ">入门</h1>" in client.get("/help/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert client.get("/help/nothing").status_code == 404


def test_every_page_leads_to_help(client: Client) -> None:
    html = client.get("/search").content.decode()
    assert 'href="/help/">Help</a>' in html
    assert 'href="/help/query-language"' in html


def test_the_card_of_the_first_minutes_is_closed_for_good(client: Client) -> None:
    assert 'class="first-minutes"' in client.get("/search").content.decode()
    response = client.post("/help/first-minutes", {"next": "/search"})
    assert (response.status_code, response.headers["Location"]) == (302, "/search")
    cookie = response.cookies["first_minutes"]
    assert int(cookie["max-age"]) > 365 * 24 * 3600
    assert 'class="first-minutes"' not in client.get("/search").content.decode()


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "", "javascript:alert(1)"])
def test_closing_it_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/help/first-minutes", {"next": target}).headers["Location"] == "/"


def test_htmx_removes_the_card_without_another_page(client: Client) -> None:
    response = client.post("/help/first-minutes", headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (200, b"")
    assert client.get("/help/first-minutes").status_code == 405
