"""Filters, histogram, query language and help in a real Chromium."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.libraries import index_in
from tests.coolpapers.papers.library import make_paper, make_venue_paper

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = [
    "/search",
    "/search?q=zebra&explain=1&category=cs.CL&category=-cs.CV&year=2021..&has=pdf",
    "/search/facets/category?q=zebra",
    "/arxiv/cs.CL",
    "/arxiv/cs.CL,cs.AI-cs.CV?from=2021&to=2025",
    "/arxiv/?edit=1&cat=cs.CL&not=cs.CV",
    "/venue/ICLR",
    "/author/Ada Lovelace",
    "/help/",
    "/help/query-language",
    "/help/personal-state",
]


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    for number in range(12):
        make_paper(
            arxiv_id=f"2603.000{number:02}",
            title=f"Zebra {number}",
            day=date(2020 + number % 6, 3, 1 + number),
            categories=[["cs.CL", "cs.AI"], ["cs.CV", "cs.AI"]][number % 2],
            authors=["Ada Lovelace"],
        )
    for year in (2023, 2024, 2025):
        make_venue_paper(f"v{year}", venue="ICLR", year=year, title=f"Zebra at a venue {year}")
    index_in(settings, tmp_path)


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html[data-features=started]")).to_be_attached()


def drag(page: Page, first: str, last: str) -> None:
    for number, value in enumerate((first, last)):
        box = page.locator(f"[data-value='{value}'] .hit").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        if not number:
            page.mouse.down()
    page.mouse.up()


@pytest.mark.usefixtures("library")
def test_a_press_on_a_bar_and_a_drag_over_bars_filter(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    open_page(page, "/search?q=zebra&sort=newest")
    drag(page, "2021", "2023")
    page.wait_for_url("**/search?q=zebra&sort=newest&year=2021..2023")
    expect(page.locator(".chip")).to_have_text(["of 2021–2023 (remove this filter)"])
    drag(page, "2023", "2022")  # also from right to left
    page.wait_for_url("**/search?q=zebra&sort=newest&year=2022..2023")
    page.locator("[data-value='2022-03'] .hit").click()  # of two years the bars are months
    page.wait_for_url("**/search?q=zebra&sort=newest&year=2022..2023&from=2022-03&to=2022-03")
    expect(page.locator(".chip")).to_have_count(2)
    page.locator(".chip").first.click()
    page.wait_for_url("**/search?q=zebra&sort=newest&from=2022-03&to=2022-03")
    page.locator(".chip").click()
    page.wait_for_url("**/search?q=zebra&sort=newest")


@pytest.mark.usefixtures("library")
def test_the_keyboard_reaches_the_table_behind_the_bars(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    open_page(page, "/arxiv/cs.CL")
    assert page.locator(".chart-bars a[tabindex='-1']").count() == page.locator(".chart-bars a").count()
    opener = page.locator(".chart-table > summary")
    opener.focus()
    expect(opener).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.get_by_role("row", name="2022").get_by_role("link").click()
    page.wait_for_url("**/arxiv/cs.CL?from=2022&to=2022")


@pytest.mark.usefixtures("library")
def test_the_years_of_a_venue_open_in_place(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    open_page(page, "/search?q=zebra")
    page.locator(".facet-years > summary").click()
    page.locator(".facet-years").get_by_role("link", name="ICLR 2024", exact=False).first.click()
    page.wait_for_url("**/search?q=zebra&venue=ICLR+2024")


@pytest.mark.usefixtures("library")
def test_the_query_language_opens_in_the_box_and_its_examples_run(page: Page) -> None:
    open_page(page, "/arxiv/cs.CL")
    opener = page.locator(".ask > summary")
    opener.click()
    panel = page.locator(".ask-panel")
    expect(panel).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    opener.click()
    panel.get_by_role("link", name="cat:cs.CL year:2019..2021").click()
    page.wait_for_url("**/search?q=cat:cs.CL+year:2019..2021")
    assert page.locator(".card").count() == 2


@pytest.mark.usefixtures("library")
def test_a_field_is_completed_and_the_reader_goes_on_typing(page: Page) -> None:
    open_page(page, "/search")
    box = page.locator("#start-query")
    box.fill("zebra cat:cs.c")
    expect(page.locator(".suggestions [role=option]")).to_have_count(2)
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("zebra cat:cs.CL ")
    box.press_sequentially("au:love")
    page.get_by_role("option", name="Ada Lovelace").click()
    expect(box).to_have_value('zebra cat:cs.CL au:"Ada Lovelace" ')
    box.press("Enter")
    page.wait_for_url("**/search?q=zebra*")
    assert page.locator(".card").count() == 6


@pytest.mark.usefixtures("library")
def test_a_set_of_categories_is_counted_at_each_press(page: Page) -> None:
    open_page(page, "/arxiv/")
    choice = page.locator("#choice")
    page.get_by_role("checkbox", name="in cs.AI", exact=True).check()
    expect(choice).to_contain_text("12 papers")
    page.get_by_role("checkbox", name="not in cs.CV").check()
    expect(choice).to_contain_text("6 papers")
    expect(choice.get_by_role("link")).to_have_attribute("href", "/arxiv/cs.AI-cs.CV")
    page.get_by_role("checkbox", name="in cs.CV", exact=True).check()
    expect(page.get_by_role("checkbox", name="not in cs.CV")).not_to_be_checked()
    expect(choice).to_contain_text("12 papers")
    page.get_by_role("button", name="Show the selected categories").click()
    page.wait_for_url("**/arxiv/cs.AI,cs.CV")


@pytest.mark.usefixtures("library")
def test_the_card_of_the_first_minutes_is_closed_for_good(page: Page) -> None:
    for address in ("/", "/search"):
        open_page(page, address)
        expect(page.locator(".first-minutes")).to_be_visible()
    page.get_by_role("button", name="Do not show again").click()
    expect(page.locator(".first-minutes")).to_have_count(0)
    open_page(page, "/")
    expect(page.locator(".first-minutes")).to_have_count(0)


@pytest.mark.usefixtures("library")
def test_nothing_scrolls_sideways_on_a_narrow_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    wide = []
    for address in NARROW:
        open_page(page, address)
        if page.locator(".ask > summary").count():
            page.locator(".ask > summary").first.click()
        width = page.evaluate("document.documentElement.scrollWidth")
        wide += [f"{address}: {width}"] if width > 320 else []
    assert wide == []


@pytest.mark.usefixtures("library")
def test_all_of_it_works_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto("/search?q=zebra")
    page.locator("[data-value='2021'] .hit").click()
    assert page.url.endswith("/search?q=zebra&year=2021")
    page.get_by_role("link", name="exclude cs.CV").click()
    assert page.locator(".chip").count() == 2
    page.goto("/search?q=zebra")
    page.locator(".facet-years > summary").click()
    page.locator(".facet-years").get_by_role("link", name="by year").click()
    page.get_by_role("link", name="ICLR 2023").first.click()
    assert page.url.endswith("/search?q=zebra&venue=ICLR+2023")
    page.goto("/arxiv/")
    page.get_by_role("checkbox", name="not in cs.CV").check()
    page.get_by_role("button", name="Show the selected categories").click()
    assert page.url.endswith("/arxiv/all-cs.CV")
    page.get_by_role("link", name="Change the set").click()
    assert page.get_by_role("checkbox", name="not in cs.CV").is_checked()
    page.goto("/search")
    page.get_by_role("button", name="Do not show again").click()
    assert page.url.endswith("/search")
    assert page.locator(".first-minutes").count() == 0
    context.close()
