"""Presses before the scripts have loaded: none is lost or repeated, and elements without scripts do not wait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.items import key, put_item, stored_items
from tests.browser.libraries import index_in
from tests.browser.menus import button_of
from tests.browser.waiting import wait_for, wait_until
from tests.coolpapers.papers.library import MONDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title"


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path) -> None:
    for number in range(4):
        make_paper(arxiv_id=f"2603.{number:05d}", day=MONDAY, title=f"Graph {number}", abstract="We study graphs. " * 9)
    index_in(settings, tmp_path)


@contextmanager
def held_back(page: Page, *names: str) -> Iterator[None]:
    """Block requests for scripts of these names until the block ends."""
    waiting: list[Route] = []
    pattern = re.compile(rf"/js/(?:\w+/)?({'|'.join(names)})\.js$")

    def hold(route: Route) -> None:
        waiting.append(route)

    page.context.route(pattern, hold)
    yield
    for route in waiting:
        route.continue_()
    page.context.unroute(pattern)


def open_unready(page: Page, address: str = LIST) -> None:
    """Open a page whose scripts do not load: it is complete, but its load event has not fired."""
    page.goto(address, wait_until="commit")
    expect(page.locator(".site-footer")).to_be_attached()


def ready(page: Page) -> None:
    expect(page.locator("html[data-features=started]")).to_be_attached(timeout=20_000)


def card(page: Page, number: int) -> Locator:
    return page.locator(f'[data-key="{key(number)}"]')


def action(page: Page, number: int, name: str) -> Locator:
    return card(page, number).locator(f"[data-action={name}]")


def starred(page: Page) -> list[str]:
    return sorted(item["key"] for item in stored_items(page) if item["kind"] == "star" and not item["deleted"])


def test_buttons_and_keys_wait_for_their_scripts_and_keep_their_order(page: Page) -> None:
    with held_back(page, "state", "keys"):
        open_unready(page)
        action(page, 0, "star").click()
        expect(action(page, 0, "star")).to_have_attribute("aria-busy", "true")
        for press in "jjs":
            page.keyboard.press(press)
        expect(page.locator("[data-action=star][aria-pressed=true]")).to_have_count(0)
    for number, is_on in enumerate(["true", "false", "true", "false"]):
        expect(action(page, number, "star")).to_have_attribute("aria-pressed", is_on)
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(card(page, 2).locator("article")).to_be_focused()


def test_repeated_presses_before_the_scripts_count_once(page: Page) -> None:
    with held_back(page, "state"):
        open_unready(page)
        action(page, 2, "star").dblclick()
        action(page, 2, "star").click()
    expect(action(page, 2, "star")).to_have_attribute("aria-pressed", "true")
    ready(page)
    wait_for(page, "Object.keys(localStorage).every(name => !name.includes(':star '))")
    assert starred(page) == [key(2)]


def test_a_star_that_turns_out_to_be_on_already_stays(page: Page) -> None:
    page.goto(LIST)
    put_item(page, "star", key(2))
    with held_back(page, "main"):
        open_unready(page)
        action(page, 2, "star").click()
        expect(action(page, 2, "star")).to_have_attribute("aria-pressed", "false")
    expect(action(page, 2, "star")).to_have_attribute("aria-pressed", "true")
    ready(page)
    page.reload()
    expect(action(page, 2, "star")).to_have_attribute("aria-pressed", "true")


def test_text_typed_after_a_shortcut_goes_into_the_opened_field(page: Page) -> None:
    with held_back(page, "keys"):
        open_unready(page)
        page.keyboard.press("/")
        page.keyboard.type("s/j?")
    expect(page.locator("#header-query")).to_have_value("s/j?")
    expect(page.locator("#header-query")).to_be_focused()
    assert starred(page) == []


def test_keys_that_are_switched_off_are_not_held(page: Page) -> None:
    page.goto(LIST)
    page.evaluate("localStorage.setItem('keys', 'off')")
    with held_back(page, "keys"):
        open_unready(page)
        page.evaluate("addEventListener('keydown', event => { window.wasHeld = event.defaultPrevented; })")
        page.keyboard.press("j")
        assert page.evaluate("window.wasHeld") is False


def test_links_forms_and_fields_do_not_wait(page: Page) -> None:
    with held_back(page, "keys"):
        open_unready(page)
        card(page, 1).get_by_role("link", name="Graph 1").click()
        expect(page).to_have_url("/arxiv/2603.00001")
        page.locator("#header-query").fill("graph")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/search\?q=graph"))
        expect(page.locator(".card")).to_have_count(4)
        page.locator(".filter summary").click()
        page.get_by_label("with", exact=True).type("nothing")
    ready(page)
    expect(page.get_by_label("with", exact=True)).to_have_value("nothing")
    expect(page.locator(".filter output")).to_have_text("0 of 4 shown")


def test_a_form_that_a_script_sends_waits_and_is_sent_once(page: Page) -> None:
    with held_back(page, "collections"):
        open_unready(page, "/search?q=graph")
        for _ in range(2):
            page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Follow", exact=True)).to_have_count(0)
    expect(page).to_have_url("/search?q=graph")
    assert [item["value"]["query"] for item in stored_items(page) if item["kind"] == "search"] == ["graph"]


def test_without_its_script_a_panel_opens_as_a_page(page: Page) -> None:
    page.route("**/js/main.js", lambda route: route.abort())
    page.goto(LIST)
    action(page, 1, "summary").click()
    expect(page).to_have_url(re.compile("/summary/2603.00001"))
    page.unroute("**/js/main.js")
    page.trouble.errors.clear()  # type: ignore[attr-defined] # the browser reports the script that did not come
    with held_back(page, "main"):
        open_unready(page)
        action(page, 2, "summary").click()
        expect(page).to_have_url(re.compile("/summary/2603.00002"), timeout=20_000)


def test_a_feature_that_fails_does_not_stop_the_others(page: Page) -> None:
    broken = "export const start = () => { throw new Error('broken'); };"
    page.route("**/js/cards/filter.js", lambda route: route.fulfill(content_type="text/javascript", body=broken))
    page.goto(LIST)
    action(page, 1, "star").click()
    expect(action(page, 1, "star")).to_have_attribute("aria-pressed", "true")
    ready(page)
    page.trouble.errors.clear()  # type: ignore[attr-defined]


@contextmanager
def storage_held(page: Page) -> Iterator[None]:
    """Another tab holds a write transaction until the block ends, so nothing can be read."""
    other = page.context.new_page()
    other.goto("/me/")
    other.evaluate(
        """async () => {
          const { transact } = await import("/static/js/people/store.js");
          window.isHolding = true;
          transact("readwrite", (items) => {
            const goOn = () => {
              window.holds = true;
              if (window.isHolding) items.count().onsuccess = goOn;
            };
            items.count().onsuccess = goOn;
          });
        }"""
    )
    wait_for(other, "window.holds")
    yield
    other.close()


def test_scripts_of_an_inserted_part_are_awaited(page: Page) -> None:
    later: list[Route] = []

    def hold(route: Route) -> None:
        later.append(route)

    page.route(re.compile("skip=2"), hold)
    page.goto(f"{LIST}&show=2")
    ready(page)
    with storage_held(page):
        wait_until(lambda: later, page=page)
        later[0].continue_()
        action(page, 2, "summary").click()
        expect(action(page, 2, "summary")).to_have_attribute("aria-busy", "true")
    expect(card(page, 2).locator(".summary")).to_be_visible()
    expect(page).to_have_url(f"{LIST}&show=2")


def test_a_star_survives_leaving_the_page_before_its_scripts_loaded(page: Page) -> None:
    with held_back(page, "state"):
        open_unready(page)
        action(page, 2, "star").click()
        card(page, 1).get_by_role("link", name="Graph 1").click()
        expect(page).to_have_url("/arxiv/2603.00001")
    page.goto(LIST)
    expect(action(page, 2, "star")).to_have_attribute("aria-pressed", "true")
    assert starred(page) == [key(2)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_star_survives_leaving_the_page_at_once(page: Page, number: int) -> None:
    page.goto(LIST)
    ready(page)
    script = "star => { star.click(); star.closest('.card').querySelector('.card-title a').click(); }"
    action(page, number, "star").evaluate(script)
    expect(page).to_have_url(f"/arxiv/2603.0000{number}")
    assert starred(page) == [key(number)]
    page.goto(LIST)
    expect(action(page, number, "star")).to_have_attribute("aria-pressed", "true")
    action(page, number, "star").evaluate(script)
    expect(page).to_have_url(f"/arxiv/2603.0000{number}")
    assert starred(page) == []
    wait_for(page, "Object.keys(localStorage).every(name => !name.includes(':star '))")


def test_of_several_writes_the_last_survives_leaving_the_page_at_once(page: Page) -> None:
    page.goto(LIST)
    ready(page)
    button_of(card(page, 1), "note").click()
    script = """field => {
        for (const letter of "read on Friday") {
            field.value += letter;
            field.dispatchEvent(new Event("input"));
        }
        location.reload();
    }"""
    with page.expect_navigation():
        card(page, 1).get_by_label("Your note").evaluate(script)
    expect(card(page, 1).get_by_label("Your note")).to_have_value("read on Friday")


@pytest.mark.parametrize("keys", ["on", "off"])
def test_a_note_typed_before_the_scripts_keeps_its_spaces(page: Page, keys: str) -> None:
    page.goto(LIST)
    page.evaluate("keys => localStorage.setItem('keys', keys)", keys)
    with held_back(page, "state", "keys"):
        open_unready(page, "/arxiv/2603.00001")
        page.locator(".detail [data-action=note]").click()
        page.keyboard.type("read on Friday")
    expect(card(page, 1).get_by_label("Your note")).to_have_value("read on Friday")
    expect(card(page, 1).get_by_label("Your note")).to_be_focused()
    assert starred(page) == []
