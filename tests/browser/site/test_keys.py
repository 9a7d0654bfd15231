"""The keyboard, themes and languages in a real Chromium."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.libraries import fill_library, index_in
from tests.browser.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title"


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    fill_library(30, 1)
    index_in(settings, tmp_path)


def open_list(page: Page, address: str = LIST) -> None:
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    """Wait until keys and buttons work, because scripts load after the page."""
    expect(page.locator("html[data-features=started]")).to_be_attached(timeout=20_000)


def focused_title(page: Page) -> str:
    script = "document.activeElement.closest('.card')?.querySelector('.card-title').textContent ?? ''"
    return str(page.evaluate(script)).strip()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.usefixtures("library")
def test_focus_walks_over_the_cards_and_brings_in_the_next_batch(page: Page) -> None:
    open_list(page)
    press(page, "j")
    assert focused_title(page) == "Graph 000"
    press(page, "j", "j", "k")
    assert focused_title(page) == "Graph 001"
    assert page.evaluate("document.activeElement.matches('article[aria-labelledby]')")
    for _ in range(23):
        press(page, "j")
    assert focused_title(page) == "Graph 024"
    press(page, "j")
    wait_for(page, "document.activeElement.textContent.includes('Graph 025')")
    box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert box["top"] >= 0
    for _ in range(6):
        press(page, "j")
    # Keys pressed before the new cards have started are delayed until they have.
    wait_for(page, "document.activeElement.closest('.card')?.textContent.includes('Graph 029')")
    expect(page.locator("#said")).to_have_text("No more papers on this page")


@pytest.mark.usefixtures("library")
def test_the_main_tasks_work_by_keyboard(page: Page) -> None:
    """List, next, star, summary, hide, related, open, back."""
    open_list(page)
    press(page, "j", "s")
    star = page.locator(".card").first.locator("[data-action=star]")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#said")).to_have_text("Star: on")
    press(page, "j", "i")
    second = page.locator(".card").nth(1)
    expect(second.locator(".summary")).to_be_visible()
    assert focused_title(page) == "Graph 001"
    press(page, "Escape")
    expect(second.locator(".summary")).to_have_count(0)
    press(page, "x")
    expect(second).to_have_class(re.compile(r"\bis-hidden\b"))
    assert focused_title(page) == "Graph 002"
    press(page, "k")
    assert focused_title(page) == "Graph 000"
    press(page, "j", "r")
    third = page.locator(".card").nth(2)
    expect(third.locator(".related")).to_be_visible()
    press(page, "Escape")
    expect(third.locator(".related")).to_have_count(0)
    press(page, "o")
    page.wait_for_url("**/arxiv/2603.*")
    ready(page)
    page.go_back()
    ready(page)
    assert focused_title(page) == "Graph 002"
    expect(page.locator(".card").nth(1)).to_be_hidden()


@pytest.mark.usefixtures("library")
def test_a_note_is_written_and_left_by_keys(page: Page) -> None:
    open_list(page)
    press(page, "j", "n")
    expect(page.locator(".card-note")).to_be_focused()
    page.keyboard.type("just so x")
    press(page, "Escape", "j")
    assert focused_title(page) == "Graph 001"
    expect(page.locator(".card-note")).to_have_value("just so x")


@pytest.mark.usefixtures("library")
def test_cite_and_copy_the_link(page: Page) -> None:
    open_list(page)
    press(page, "j", "c")
    expect(page.locator(".card").first.get_by_text("@misc")).to_be_visible()
    press(page, "y")
    expect(page.locator("#said")).to_have_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".card-title a").first.evaluate("link => link.href")


@pytest.mark.usefixtures("library")
def test_days_home_and_search(page: Page) -> None:
    open_list(page)
    press(page, "]")
    page.wait_for_url("**date=2026-03-03*")
    ready(page)
    press(page, "[")
    page.wait_for_url("**date=2026-03-02*")
    ready(page)
    press(page, "/")
    expect(page.locator("#header-query")).to_be_focused()
    page.keyboard.type("a/j?")
    expect(page.locator("#header-query")).to_have_value("a/j?")
    press(page, "Escape", "Escape")
    # On a busy machine two presses may be further apart than the limit for a pair.
    for _ in range(40):
        press(page, "g", "h")
        with suppress(PlaywrightTimeout):
            page.wait_for_url("/", timeout=500)
            break
    expect(page).to_have_url("/")


@pytest.mark.usefixtures("library")
def test_help_opens_closes_and_switches_the_keys_off(page: Page) -> None:
    open_list(page)
    press(page, "j", "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    press(page, "j", "s")
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    assert focused_title(page) == "Graph 000"
    expect(page.locator("[data-action=star][aria-pressed=true]")).to_have_count(0)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Close").click()
    open_list(page)
    press(page, "j", "?")
    assert focused_title(page) == ""
    expect(dialog).to_have_count(0)


@pytest.mark.usefixtures("library")
def test_shortcuts_of_the_browser_stay_its_own(page: Page) -> None:
    open_list(page)
    press(page, "j", "Control+j", "Alt+j", "Meta+j")
    assert focused_title(page) == "Graph 000"


@pytest.mark.usefixtures("library")
def test_focus_survives_a_swap_of_its_element(page: Page) -> None:
    open_list(page)
    press(page, "j")
    page.evaluate(
        """() => {
          const panel = document.querySelector(".card").appendChild(document.createElement("div"));
          panel.innerHTML = "<button id='here'>x</button>";
          document.getElementById("here").focus();
          return htmx.ajax("GET", location.pathname.replace("arxiv/cs.CL", "healthz"), {target: panel});
        }"""
    )
    wait_for(page, "document.activeElement.matches('article')")
    assert focused_title(page) == "Graph 000"


@pytest.mark.usefixtures("library")
def test_the_chosen_theme_is_stored(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    open_list(page)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_label("Theme").select_option("dark")
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    expect(page.get_by_label("Theme")).to_have_value("dark")
    page.get_by_label("Theme").select_option("")
    assert page.evaluate(background) == light


@pytest.mark.usefixtures("library")
def test_u_goes_to_the_next_unseen_paper_and_then_to_the_day_before(page: Page) -> None:
    open_list(page, "/arxiv/cs.CL?date=2026-03-03")
    press(page, "u")
    assert focused_title(page) == "Graph 000"
    press(page, "u")
    wait_for(page, "document.activeElement.matches('.day-end a')")
    page.goto(LIST)
    ready(page)
    expect(page.locator("[data-kind=read]")).to_have_text("0 seen")
    keys = page.locator(".card").evaluate_all("cards => cards.map((card) => card.dataset.key)")
    page.evaluate(
        """async (keys) => {
          const { put } = await import("/static/js/people/store.js");
          for (const key of keys) await put("read", key);
          await put("star", keys[0]);
        }""",
        keys[:3] + keys[4:],
    )
    expect(page.locator("[data-kind=read]")).to_have_text("24 seen")
    expect(page.locator("[data-kind=star]")).to_have_text("1 starred")
    expect(page.locator(".card.is-read")).to_have_count(24)
    press(page, "u")
    assert focused_title(page) == "Graph 003"
    page.get_by_role("button", name="Next unseen").click()
    wait_for(page, "document.activeElement.textContent.includes('Graph 025')")  # the next papers were loaded
