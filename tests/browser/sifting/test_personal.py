"""The personal page, export and import, and searches by items in the browser, without an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.people.models import Item
from search.engines.registry import search_backend
from tests.browser.items import card_keys, key, put_item, stored_items
from tests.browser.menus import button_of
from tests.browser.waiting import scroll_to_end
from tests.coolpapers.papers.library import MONDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path) -> None:
    """Thirty papers with an index."""
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"
    for number in range(30):
        make_paper(arxiv_id=f"2603.{number:05d}", day=MONDAY, title=f"Graph {number:02d}")
    rebuild_index(search_backend())


def open_transfer(page: Page) -> None:
    page.goto("/me/")
    page.get_by_text("Import and export").click()


def send(page: Page, data: bytes) -> str:
    """Import a file and return the message of the page."""
    words = page.locator("[data-import-words]")
    before = words.inner_text()
    page.set_input_files("[data-import] input", {"name": "file.json", "mimeType": "text/plain", "buffer": data})
    page.get_by_role("button", name="Import").click()
    expect(words).not_to_have_text(before)
    return words.inner_text()


def test_lists_hold_the_stored_items_newest_first(page: Page) -> None:
    page.goto("/me/")
    expect(page.get_by_text("No starred papers yet")).to_be_visible()
    for number in (3, 5, 4):
        put_item(page, "star", key(number))
    put_item(page, "read", key(5))
    put_item(page, "hide", key(9))
    put_item(page, "note", key(7), {"text": "ask Ada"})
    page.goto("/me/")
    expect(page.locator(".card")).to_have_count(3)
    assert card_keys(page) == [key(4), key(5), key(3)]
    assert page.locator("[data-count]").all_inner_texts() == ["3", "2", "1", "1"]
    page.get_by_role("link", name="To read").click()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("link", name="Notes").click()
    expect(page.get_by_label("Your note")).to_have_value("ask Ada")
    page.get_by_role("link", name="Not interested").click()
    expect(page.locator(".card")).to_be_visible()
    button_of(page.locator(".card"), "hide").click()
    expect(page.locator("[data-count=hidden]")).to_have_text("0")


def test_a_long_list_is_filled_page_by_page(page: Page) -> None:
    page.goto("/me/")
    for number in range(30):
        put_item(page, "star", key(number))
    page.goto("/me/")
    expect(page.locator(".card")).to_have_count(25)
    scroll_to_end(page, 30)


def test_items_are_exported_to_one_file_and_imported_again(page: Page) -> None:
    page.goto("/me/")
    put_item(page, "star", key(1))
    put_item(page, "note", key(1), {"text": "“ü”\nline"})
    put_item(page, "collection", "c1", {"name": "Reading", "note": ""})
    open_transfer(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    exported = Path(download.value.path()).read_bytes()
    before = stored_items(page)
    page.evaluate("indexedDB.deleteDatabase('coolpapers')")
    open_transfer(page)
    assert stored_items(page) == []
    assert "Items read" in send(page, exported)
    expect(page.locator(".card")).to_have_count(1)
    assert stored_items(page) == before


def test_the_later_of_stored_and_imported_item_stays(page: Page) -> None:
    page.goto("/me/")
    put_item(page, "note", key(1), {"text": "mine"})
    local_item = stored_items(page)[0]
    open_transfer(page)
    older = {**local_item, "changed": local_item["changed"] - 10, "value": {"text": "older"}}
    newer = {**local_item, "changed": local_item["changed"] + 10, "value": {"text": "newer"}}
    file = {"format": "coolpapers-personal-state", "version": 1, "items": [older]}
    assert "New or changed: 0" in send(page, json.dumps(file).encode())
    assert "New or changed: 1" in send(page, json.dumps({**file, "items": [newer]}).encode())
    assert [item["value"]["text"] for item in stored_items(page)] == ["newer"]


def test_ids_and_tags_of_other_sites_come_in_and_a_wrong_file_costs_nothing(page: Page) -> None:
    open_transfer(page)
    assert "New or changed: 2" in send(page, b"2603.00001\n2603.00002v3\n")
    expect(page.locator(".card")).to_have_count(2)
    tags = {"graphs": ["2603.00004", "9912.00001"]}
    assert "not in this library: 1" in send(page, json.dumps(tags).encode())
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator(".missing")).to_have_count(1)
    before = stored_items(page)
    page.trouble.errors.clear()  # type: ignore[attr-defined]
    assert "not paper ids" in send(page, b"Dear diary, today I read nothing.")
    # The refusal's status is in the console, as any browser writes it.
    page.trouble.errors[:] = [error for error in page.trouble.errors if "400" not in error]  # type: ignore[attr-defined]
    assert stored_items(page) == before


def test_a_search_for_stars_asks_the_browser_and_pages(page: Page) -> None:
    page.goto("/me/")
    for number in range(28):
        put_item(page, "star", key(number))
    put_item(page, "read", key(3))
    put_item(page, "note", key(5), {"text": "Ask Zoë about this"})
    page.goto("/search?q=graph+is:starred&sort=oldest")
    expect(page.locator(".result-count")).to_have_text("28 papers")
    expect(page.locator(".notes")).to_have_count(0)
    scroll_to_end(page, 28)
    page.goto("/search?q=is:starred+-is:read+note:zoe")
    expect(page.locator(".result-count")).to_have_text("1 paper")
    assert card_keys(page) == [key(5)]
    expect(page.locator(".card [data-action=star]")).to_have_attribute("aria-pressed", "true")
    page.goto("/search?q=in:nowhere")
    expect(page.locator(".notes")).to_contain_text("in:nowhere")


def test_other_searches_send_nothing(page: Page) -> None:
    page.goto("/")
    put_item(page, "star", key(1))
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto("/search?q=graph")
    scroll_to_end(page, 30)
    assert posts == []


def test_nothing_about_the_reader_is_on_the_server(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    page.locator(".card [data-action=star]").first.click()
    page.locator(".card [data-action=summary]").first.click()
    page.goto("/me/")
    expect(page.locator(".card")).to_have_count(1)
    page.goto("/search?q=is:starred")
    expect(page.locator(".result-count")).to_have_text("1 paper")
    # The form that asks for a summary has a token against forged requests; it names nobody.
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"csrftoken"}
    assert not Session.objects.exists()
    assert not Item.objects.exists()


def test_requests_of_panels_do_not_send_other_items(page: Page) -> None:
    page.goto("/me/")
    put_item(page, "star", key(1))
    put_item(page, "star", key(2))
    page.goto("/me/")
    card = page.locator(f'.card[data-key="{key(1)}"]')
    with page.expect_request("**/cite/**") as request:
        button_of(card, "cite").click()
    assert request.value.method == "GET"
    assert "keys" not in request.value.url
    expect(card.get_by_text("@misc")).to_be_visible()
