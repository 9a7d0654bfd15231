"""Notes reach the account: one request per pause, with every character, also if the page is left at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, Request, Route, expect

from coolpapers.people.models import Item
from tests.browser.items import key, put_item, stored_items
from tests.browser.menus import button_of
from tests.browser.waiting import wait_until
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.people.make import make_user

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse 7"
TEXT = "The proof of lemma 3 needs compactness; see also section 5."


@pytest.fixture(autouse=True)
def _signed_in(page: Page, live_server: LiveServer, settings: Any) -> Iterator[None]:
    cache.clear()
    settings.ACCOUNTS = "open"
    for number in range(3):
        make_paper(arxiv_id=f"2603.{number:05d}", day=MONDAY, title=f"Graph {number}")
    make_user("ada", password=PASSWORD)
    page.goto("/account/sign-in")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/me/")
    page.goto("/arxiv/cs.CL")
    expect(page.locator("html[data-features=started]")).to_be_attached()
    yield
    page.goto("about:blank")


def write_note(page: Page, text: str, *, delay_ms: int = 0) -> None:
    button_of(page.locator(f'.card[data-key="{key(1)}"]'), "note").click()
    page.keyboard.type(text, delay=delay_ms)


def note_in_account() -> str | None:
    item = Item.objects.filter(kind="note", key=key(1), deleted=False).first()
    return item.value["text"] if item else None


def notes_sent(requests: list[Request]) -> list[str]:
    """The text of the note in each request that carries it."""
    bodies = [json.loads(request.post_data or "{}") for request in requests if request.url.endswith("/me/sync")]
    return [item["value"]["text"] for body in bodies for item in body["items"] if item["kind"] == "note"]


def test_a_note_is_sent_once_the_writer_pauses(page: Page) -> None:
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    write_note(page, TEXT, delay_ms=20)
    wait_until(lambda: note_in_account() == TEXT, page=page)
    assert notes_sent(requests) == [TEXT]


def test_a_note_arrives_where_the_page_is_left_at_once(page: Page) -> None:
    write_note(page, TEXT)
    page.goto("about:blank")  # no further page of the site sends it
    wait_until(lambda: note_in_account() == TEXT, page=page)


def test_a_note_arrives_where_the_tab_is_closed_at_once(page: Page) -> None:
    tab = page.context.new_page()
    tab.goto("/arxiv/cs.CL")
    expect(tab.locator("html[data-features=started]")).to_be_attached()
    page.goto("about:blank")  # the other tab cannot send it
    write_note(tab, TEXT)
    tab.close()
    wait_until(lambda: note_in_account() == TEXT, page=page)


def test_a_note_that_was_refused_for_now_is_sent_again(page: Page) -> None:
    refused: list[str] = []

    def refuse_twice(route: Route) -> None:
        if len(refused) < 2:
            refused.append(route.request.post_data or "")
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "Too many requests."})
        else:
            route.continue_()

    page.route("**/me/sync", refuse_twice)
    write_note(page, TEXT)
    wait_until(lambda: note_in_account() == TEXT, page=page)
    assert len(refused) == 2
    page.trouble.errors.clear()  # type: ignore[attr-defined] # Chromium reports each 429


def test_notes_of_many_bytes_arrive(page: Page) -> None:
    text = "紧" * 15_000  # 45 KB each: together more than a browser sends after the end of a page
    for number in (1, 2):
        put_item(page, "note", key(number), {"text": text})
    wait_until(lambda: Item.objects.filter(kind="note", value__text=text).count() == 2, page=page)


def test_two_tabs_send_a_note_once(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/arxiv/cs.CL")
    expect(other.locator("html[data-features=started]")).to_be_attached()
    requests: list[Request] = []
    page.context.on("request", lambda request: requests.append(request))
    write_note(page, TEXT, delay_ms=5)
    wait_until(lambda: note_in_account() == TEXT, page=page)
    page.keyboard.type("!")  # as late as the other tab would be
    wait_until(lambda: note_in_account() == f"{TEXT}!", page=page)
    assert notes_sent(requests) == [TEXT, f"{TEXT}!"]


def test_a_write_that_fails_frees_its_card(page: Page) -> None:
    star = page.locator(f'[data-key="{key(1)}"] [data-action=star]')
    page.evaluate("""() => {
      globalThis.put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function () { this.transaction.abort(); };
    }""")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.evaluate("() => { IDBObjectStore.prototype.put = globalThis.put; }")
    put_item(page, "star", key(1))  # as another tab would
    page.evaluate("async key => (await import('/static/js/people/store.js')).remove('star', key)", key(1))
    expect(star).to_have_attribute("aria-pressed", "false")
    assert [item["deleted"] for item in stored_items(page) if item["kind"] == "star"] == [True]
