"""Related papers in their panel, the order by preference and the cloud of words, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.browser.libraries import index_in
from tests.browser.menus import button_of
from tests.browser.waiting import wait_until_ready
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SUNDAY = MONDAY - timedelta(days=1)
LIST = "/arxiv/cs.CL?from=2026-01"


@pytest.fixture(autouse=True)
def library(settings: Any, tmp_path: Path) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 30_000, "rerank": 30_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    titles = ["Cars of oak", "Car roads", "Automobile", "Oak trees", "Forest trees", "Cats at sea", "Feline oceans"]
    for number, title in enumerate(titles, start=1):
        make_paper(
            arxiv_id=f"2603.0000{number}",
            title=title,
            abstract="",
            day=MONDAY if number % 2 else TUESDAY,
            categories=["cs.CL"] if number < 4 else ["cs.CL", "cs.LG"],
        )
    for number in range(30):
        make_paper(arxiv_id=f"2603.1{number:04}", title=f"Note {number}", abstract="", day=SUNDAY)
    index_in(settings, tmp_path)
    call_command("embed_papers", verbosity=0)


def card(page: Page, number: int) -> Any:
    return page.locator(f'li.card[data-key="arxiv:2603.0000{number}"]')


def first_titles(page: Page, count: int) -> list[str]:
    return page.locator(".card-title").all_inner_texts()[:count]


def test_related_papers_open_in_place_with_their_signals(page: Page) -> None:
    page.goto(LIST)
    button_of(card(page, 1), "related").click()
    panel = card(page, 1).locator(".related")
    expect(panel.get_by_role("link", name="Car roads")).to_be_visible()
    expect(panel.locator(".related-list")).to_contain_text("found by words + meaning")
    expect(panel.locator(".related-list")).to_contain_text("shared words: car")
    assert page.url.endswith(LIST)
    opener = button_of(card(page, 1), "related")
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()
    expect(card(page, 1).locator(".related")).to_have_count(0)


def test_the_panel_sorts_and_filters_by_keyboard_and_keeps_the_focus(page: Page) -> None:
    page.goto(LIST)
    button_of(card(page, 1), "related").click()
    panel = card(page, 1).locator(".related")
    sort = panel.get_by_label("Sort")
    sort.focus()
    with page.expect_response(lambda response: "sort=newest" in response.url):
        sort.select_option("newest")
    expect(panel.get_by_label("Sort")).to_have_value("newest")
    expect(panel.get_by_label("Sort")).to_be_focused()
    expect(panel.locator(".related-list > li").first).to_contain_text("Oak trees")
    with page.expect_response(lambda response: "category=cs.LG" in response.url):
        panel.get_by_label("Category").select_option("cs.LG")
    expect(panel.locator(".related-list")).not_to_contain_text("Car roads")
    expect(panel.locator(".related-list")).to_contain_text("Oak trees")
    expect(panel.get_by_label("Sort")).to_have_value("newest")


def test_a_reader_without_account_orders_a_list_by_what_the_browser_keeps(page: Page) -> None:
    page.goto(LIST)
    plain = first_titles(page, 25)
    card(page, 7).locator("[data-action=star]").click()
    expect(card(page, 7).locator("[data-action=star]")).to_have_attribute("aria-pressed", "true")
    sent: list[str] = []
    later: list[str] = []  # methods of requests for more cards
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    page.on(
        "request",
        lambda request: (
            later.append(request.method) if "skip=25" in request.url and "preference" in request.url else None
        ),
    )
    page.get_by_text("Sort:").click()
    page.get_by_role("link", name="♥ For me").click()
    expect(page.locator(".card-title").first).to_have_text("Feline oceans")
    expect(page.locator(".card-title").nth(1)).to_have_text("Cats at sea")
    # Scrolling sends POST requests too, and every paper appears once.
    page.mouse.wheel(0, 100_000)
    page.keyboard.press("End")
    expect(page.locator("li.card")).to_have_count(37)
    everything = page.locator(".card-title").all_inner_texts()
    assert len(set(everything)) == 37
    assert set(plain) <= set(everything)
    # The first page may ask for more before the stars are read; the reader's order replaces what that brings.
    assert later[-1] == "POST"
    assert sent == ["star=arxiv%3A2603.00007"] * 2


def test_without_items_the_list_keeps_its_order(page: Page) -> None:
    page.goto(LIST)
    plain = first_titles(page, 10)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"{LIST}&sort=preference")
    wait_until_ready(page)
    assert first_titles(page, 10) == plain
    assert "POST" not in sent
    expect(page.locator(".notes")).to_contain_text("in this browser")


def test_the_cloud_of_what_this_browser_opened(page: Page) -> None:
    page.goto("/me/words")
    expect(page.locator("main")).to_contain_text("No keywords yet")
    for number in (4, 5):
        page.goto(f"/arxiv/2603.0000{number}")
        wait_until_ready(page)
    page.goto("/me/words")
    cloud = page.locator("svg.word-cloud")
    expect(cloud.locator("text").first).to_have_text("trees")
    expect(page.get_by_role("img", name="Keyword cloud; the table lists the same data.")).to_be_visible()
    row = page.locator(".word-table tbody tr").first
    expect(row).to_contain_text("trees")
    expect(row).to_contain_text("2")
    row.get_by_role("link").click()
    page.wait_for_url("**/search?q=trees")


def test_words_of_a_cloud_do_not_touch_each_other(page: Page) -> None:
    words = ["Wavelet MMWaves", "wavelets illicit", "MMWaves illicit millimetre", "Wavelet millimetre liquid liquids"]
    for number, title in enumerate(words, start=1):
        make_paper(arxiv_id=f"2604.0000{number}", title=title, abstract="", day=TUESDAY)
    call_command("update_index", verbosity=0)
    for number in range(1, len(words) + 1):
        page.goto(f"/arxiv/2604.0000{number}")
        wait_until_ready(page)
    page.goto("/me/words")
    expect(page.locator("svg.word-cloud text").first).to_be_visible()
    overlaps = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll(".word-cloud text")].map((text) => text.getBBox());
          const picture = document.querySelector(".word-cloud").viewBox.baseVal;
          const inside = boxes.every((box) => box.x >= 0 && box.x + box.width <= picture.width);
          const over = boxes.some((a, i) => boxes.some((b, j) => i < j
            && a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width
            && a.y + a.height * 0.35 < b.y + b.height * 0.8 && b.y + b.height * 0.35 < a.y + a.height * 0.8));
          return [boxes.length, inside, over];
        }"""
    )
    assert overlaps[0] >= 4
    assert overlaps[1:] == [True, False]
