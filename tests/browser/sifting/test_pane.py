"""The reading pane beside a list: choice by keys and mouse, its parts, its width, and its place in the address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.items import put_item
from tests.browser.libraries import fill_library, index_in
from tests.browser.menus import button_of, expect_state
from tests.browser.waiting import scroll_to_end, wait_for, wait_until_ready

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title&show=25"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 1200, "height": 900}


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path) -> None:
    fill_library(60)
    index_in(settings, tmp_path)


@pytest.fixture
def wide(page: Page) -> Page:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(LIST)
    wait_until_ready(page)
    return page


def title(page: Page) -> Locator:
    return page.locator(".pane-paper .card-title")


def card(page: Page, number: int) -> Locator:
    return page.locator(".card").nth(number - 1)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_it_shows_the_first_paper_and_follows_j_and_k(wide: Page) -> None:
    expect(title(wide)).to_have_text("Graph 000")
    assert wide.url.endswith(LIST)  # the reader has chosen nothing
    press(wide, "j", "j", "j")
    expect(title(wide)).to_have_text("Graph 002")
    expect(wide.get_by_role("tabpanel")).to_contain_text("the sketch of number2 suffices")
    press(wide, "k")
    expect(title(wide)).to_have_text("Graph 001")
    expect(wide.locator(".card[aria-current]")).to_have_attribute("id", str(card(wide, 2).get_attribute("id")))


def test_at_the_end_of_the_cards_it_follows_into_the_next_ones(wide: Page) -> None:
    for _ in range(26):
        press(wide, "j")
    expect(title(wide)).to_have_text("Graph 025")


def test_panels_open_as_its_tabs_and_close_again(wide: Page) -> None:
    press(wide, "j", "i")
    expect(wide.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    expect(wide.locator(".pane .summary-text").first).to_be_visible()
    expect(card(wide, 1).locator("[data-action=summary]")).to_have_attribute("aria-expanded", "true")
    assert wide.locator(".card .panel").count() == 0
    press(wide, "c")
    expect(wide.locator(".pane .citation")).to_be_visible()
    press(wide, "c")
    expect(wide.get_by_role("tab", name="Abstract")).to_have_attribute("aria-selected", "true")
    press(wide, "r")
    expect(wide.locator(".pane .related-list li").first).to_be_visible()
    press(wide, "j")  # the part stays
    expect(title(wide)).to_have_text("Graph 001")
    expect(wide.get_by_role("tab", name="Related")).to_have_attribute("aria-selected", "true")
    expect(wide.locator(".pane .related-list li").first).to_be_visible()
    press(wide, "Escape")
    expect(wide.get_by_role("tab", name="Abstract")).to_have_attribute("aria-selected", "true")


def test_a_button_of_another_card_shows_that_part_although_it_is_open(wide: Page) -> None:
    press(wide, "j", "i")
    expect(wide.locator(".pane .summary-text").first).to_be_visible()
    button_of(card(wide, 3), "summary").click()
    expect(title(wide)).to_have_text("Graph 002")
    expect(wide.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    button_of(card(wide, 3), "summary").click()
    expect(wide.get_by_role("tab", name="Abstract")).to_have_attribute("aria-selected", "true")


def test_a_click_on_a_title_chooses_and_the_second_one_opens_the_page(wide: Page) -> None:
    link = wide.get_by_role("link", name="Graph 003").first
    link.click()
    expect(title(wide)).to_have_text("Graph 003")
    assert "/arxiv/cs.CL" in wide.url
    card(wide, 6).locator(".card-number").click()
    expect(title(wide)).to_have_text("Graph 005")
    press(wide, "j")
    expect(title(wide)).to_have_text("Graph 006")
    link.click()
    expect(title(wide)).to_have_text("Graph 003")
    link.click()
    expect(wide.locator("h1")).to_have_text("Graph 003")


def test_the_page_of_the_chosen_paper_opens_by_key(wide: Page) -> None:
    press(wide, "j", "j", "o")
    expect(wide.locator("h1")).to_have_text("Graph 001")


def test_a_note_is_written_in_the_pane(wide: Page) -> None:
    press(wide, "j", "n")
    field = wide.locator(".pane .card-note")
    expect(field).to_be_focused()
    wide.keyboard.type("ask Ada")
    expect_state(card(wide, 1), "note")
    press(wide, "Escape", "j")
    expect(title(wide)).to_have_text("Graph 001")
    press(wide, "k")
    expect(field).to_have_value("ask Ada")


def test_a_star_shows_in_pane_and_list(wide: Page) -> None:
    press(wide, "j", "s")
    star = wide.locator(".pane [data-action=star]")
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect_state(card(wide, 1), "star", is_on=False)


def test_a_paper_read_for_a_while_is_seen_when_the_reader_moves_on(wide: Page) -> None:
    press(wide, "j", "j")
    expect(title(wide)).to_have_text("Graph 001")
    wait_for(wide, "(window.from ??= performance.now()) && performance.now() - window.from > 1100")
    press(wide, "j")
    expect_state(card(wide, 2), "read")
    expect_state(card(wide, 1), "read", is_on=False)


def test_enter_goes_into_it_and_escape_back(wide: Page) -> None:
    press(wide, "j", "j")
    expect(title(wide)).to_have_text("Graph 001")
    press(wide, "Enter")
    expect(wide.get_by_role("tabpanel")).to_be_focused()
    press(wide, "Shift+Tab", "ArrowRight")
    expect(wide.get_by_role("tab", name="Summary")).to_be_focused()
    expect(wide.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    press(wide, "Escape")
    expect(card(wide, 2).locator("article")).to_be_focused()


def test_key_and_buttons_close_and_open_it_and_the_browser_remembers(wide: Page) -> None:
    pane = wide.locator(".pane")
    press(wide, "w")
    expect(pane).to_be_hidden()
    press(wide, "j", "i")  # without it, the panel opens in the card
    expect(card(wide, 1).locator(".panel .summary-text").first).to_be_visible()
    wide.reload()
    wait_until_ready(wide)
    expect(pane).to_be_hidden()
    wide.get_by_role("button", name="Reading pane", exact=True).click()
    expect(title(wide)).to_have_text("Graph 000")
    wide.get_by_role("button", name="Close the reading pane").click()
    expect(pane).to_be_hidden()


def test_its_width_changes_by_keys_and_mouse_and_stays(wide: Page) -> None:
    edge = wide.get_by_role("separator", name="Width of the reading pane")
    edge.focus()
    press(wide, "ArrowLeft", "ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", "44")
    box = edge.bounding_box()
    assert box
    wide.mouse.move(box["x"] + 5, 400)
    wide.mouse.down()
    wide.mouse.move(720, 400, steps=3)
    wide.mouse.up()
    expect(edge).to_have_attribute("aria-valuenow", "50")
    wide.reload()
    wait_until_ready(wide)
    expect(edge).to_have_attribute("aria-valuenow", "50")
    width = wide.locator(".pane").bounding_box()["width"]  # type: ignore[index]
    assert abs(width - 720) < 2


@pytest.mark.parametrize("number", [5, 40])
def test_reload_back_and_a_sent_link_restore_paper_and_part(wide: Page, number: int) -> None:
    name = f"Graph {number - 1:03}"
    if number > 25:
        scroll_to_end(wide, 50)
    wide.get_by_role("link", name=name).first.click()
    press(wide, "c")
    expect(wide.locator(".pane .citation")).to_be_visible()
    expect(wide).to_have_url(re.compile(r"[#&]paper=.*&tab=cite"))
    wide.reload()
    wait_until_ready(wide)
    assert_shown(wide, name)
    address = wide.url
    wide.goto("/")
    wide.go_back()
    wait_until_ready(wide)
    assert_shown(wide, name)
    other = wide.context.new_page()
    other.set_viewport_size(WIDE)  # type: ignore[arg-type]
    other.goto(address)
    wait_until_ready(other)
    assert_shown(other, name)


def assert_shown(page: Page, name: str) -> None:
    expect(title(page)).to_have_text(name)
    expect(page.locator(".pane .citation")).to_be_visible()
    expect(page.locator(".card[aria-current]")).to_contain_text(name)
    expect(page.locator(".card[aria-current]")).to_be_in_viewport()


def test_an_address_names_a_paper_that_is_not_among_the_cards(wide: Page) -> None:
    press(wide, "j")
    expect(wide).to_have_url(re.compile("paper="))
    fragment = wide.url.partition("#")[2]
    other = wide.context.new_page()
    other.set_viewport_size(WIDE)  # type: ignore[arg-type]
    other.goto(f"{LIST}&skip=50#{fragment}")
    wait_until_ready(other)
    expect(title(other)).to_have_text("Graph 000")
    expect(other.locator(".card[aria-current]")).to_have_count(0)


def test_the_words_of_a_search_are_marked(wide: Page) -> None:
    wide.goto("/search?q=sketch+cat:cs.CL&sort=newest")
    wait_until_ready(wide)
    marked = wide.locator(".pane .card-abstract mark")
    expect(marked).to_have_text(["sketch", "sketch"])
    press(wide, "j", "j")
    expect(title(wide)).to_have_text(card(wide, 2).locator(".card-title").inner_text())
    expect(marked).to_have_text(["sketch", "sketch"])


@pytest.mark.parametrize("address", ["/me/?shelf=starred", "/me/collections/c1"])
def test_it_stands_beside_the_papers_that_a_browser_keeps(wide: Page, address: str) -> None:
    keys = [str(wide.locator(".card").nth(number).get_attribute("data-key")) for number in range(2)]
    put_item(wide, "collection", "c1", {"name": "To present"})
    for position, one in enumerate(keys):
        put_item(wide, "star", one)
        put_item(wide, "member", f"c1/{one}", {"position": position})
    wide.goto(address)
    expect(wide.locator(".cards > .card")).to_have_count(2)
    expect(title(wide)).to_have_text(re.compile("Graph 00[01]"))
    press(wide, "j", "j")
    expect(title(wide)).to_have_text(wide.locator(".cards .card-title").nth(1).inner_text())
    press(wide, "i")
    expect(wide.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    assert wide.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]


def test_it_follows_a_collection_whose_order_changes(wide: Page) -> None:
    put_item(wide, "collection", "c1", {"name": "To present"})
    for position, one in enumerate(
        wide.locator(".card").evaluate_all("all => all.slice(0, 3).map(c => c.dataset.key)")
    ):
        put_item(wide, "member", f"c1/{one}", {"position": position})
    wide.goto("/me/collections/c1")
    expect(wide.locator(".cards > .card")).to_have_count(3)
    first = card(wide, 1).locator(".card-title").inner_text()
    card(wide, 1).get_by_role("button", name="Move down").click()
    expect(card(wide, 2).locator(".card-title")).to_have_text(first)
    press(wide, "j")
    in_pane, in_list = ".pane-paper .card-title", ".cards [aria-current] .card-title"
    wait_for(
        wide,
        "places => new Set(places.map(one => document.querySelector(one)?.textContent.trim() ?? one)).size === 1",
        [in_pane, in_list],
    )


def test_a_paper_that_does_not_load_says_so(wide: Page) -> None:
    wide.route(re.compile(r"/arxiv/2603|/venue/.*@"), lambda route: route.abort())
    for _ in range(5):
        press(wide, "j")
    expect(wide.locator(".pane .panel-failed")).to_be_visible()
    wide.goto("about:blank")  # ends the requests for the next papers, which fail too
    wide.trouble.errors.clear()  # type: ignore[attr-defined]


def test_below_its_width_panels_open_in_the_card(page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(LIST)
    wait_until_ready(page)
    press(page, "j", "i")
    expect(card(page, 1).locator(".panel .summary-text").first).to_be_visible()
    expect(page.locator(".pane")).to_be_hidden()
    assert "paper=" not in page.url
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(title(page)).to_have_text("Graph 000")


def test_without_scripts_and_on_paper_there_is_none(browser: Browser, live_server: LiveServer, wide: Page) -> None:
    wide.emulate_media(media="print")
    expect(wide.locator(".pane")).to_be_hidden()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, viewport=WIDE)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(LIST)
    expect(plain.locator(".pane")).to_be_hidden()
    expect(plain.locator(".pane-switch")).to_be_hidden()
    expect(plain.locator(".side h2").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("density", ["list", "compact", "full"])
def test_axe_finds_nothing_in_any_of_its_parts(page: Page, scheme: Any, density: str) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{LIST}&density={density}")
    wait_until_ready(page)
    press(page, "j")
    problems = []
    for name in ("Abstract", "Summary", "Related", "PDF", "Notes", "Cite"):
        tab = page.get_by_role("tab", name=name)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        wait_until_ready(page)
        violations = Axe().run(page).response["violations"]
        problems += [
            f"{name} {violation['id']}: {node['target']}" for violation in violations for node in violation["nodes"]
        ]
    assert problems == []
