"""The place in a long list is found again: by reload, by going back, and by whoever opens its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.libraries import fill_library, index_in
from tests.browser.waiting import scroll_to_end, wait_for, wait_until_ready

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title&show=25"
CARD_OF = "(name) => [...document.querySelectorAll('.card')].find(card => card.textContent.includes(name))"
TOP_OF = f"name => ({CARD_OF})(name)?.getBoundingClientRect().top"
IS_NEAR = f"([name, top]) => Math.abs(({TOP_OF})(name) - top) < 3"
# The place is written once the list has come to rest.
IS_WRITTEN = """() => {
  const { key, top } = history.state?.place ?? {};
  const card = key && document.querySelector(`[data-key="${key}"]`);
  return card && location.hash.includes("at=") && Math.abs(card.getBoundingClientRect().top - top) < 1;
}"""


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path) -> None:
    fill_library(110)
    index_in(settings, tmp_path)


def scroll_to(page: Page, name: str) -> float:
    """Bring a card near the top of the window; return its height there, once the address tells the place."""
    page.evaluate(f"name => scrollBy(0, ({TOP_OF})(name) - 40)", name)
    wait_for(page, IS_WRITTEN)
    return float(page.evaluate(TOP_OF, name))


@pytest.mark.parametrize("number", [5, 40, 92])
def test_reload_back_and_a_sent_link_show_the_same_card(page: Page, number: int) -> None:
    name = f"Graph {number - 1:03}"
    page.goto(LIST)
    wait_until_ready(page)
    if number > 25:
        scroll_to_end(page, 100)
    top = scroll_to(page, name)
    page.reload()
    wait_until_ready(page)
    wait_for(page, IS_NEAR, [name, top])
    address = page.url
    page.goto("/")
    page.go_back()
    wait_for(page, IS_NEAR, [name, top])
    other = page.context.new_page()
    other.goto(address)
    wait_until_ready(other)
    expect(other.get_by_role("link", name=name)).to_be_in_viewport()


def test_earlier_cards_load_above_and_the_card_in_view_stays(page: Page) -> None:
    page.goto(f"{LIST}&skip=75")
    wait_until_ready(page)
    top = page.evaluate(TOP_OF, "Graph 075")
    page.get_by_role("link", name="Earlier papers of this list").click()
    expect(page.locator(".card-number").first).to_have_text("#51")
    wait_for(page, IS_NEAR, ["Graph 075", top])
    for first in ("#26", "#1"):
        page.get_by_role("link", name="Earlier papers of this list").click()
        expect(page.locator(".card-number").first).to_have_text(first)
    expect(page.get_by_role("link", name="Earlier papers of this list")).to_have_count(0)
    numbers = page.locator(".card-number").all_inner_texts()
    assert numbers[:100] == [f"#{number}" for number in range(1, 101)]


def test_a_list_that_is_not_scrolled_keeps_its_address(page: Page) -> None:
    page.goto(LIST)
    wait_until_ready(page)
    page.mouse.wheel(0, 60)
    wait_for(page, "scrollY > 0")
    page.mouse.wheel(0, -60)
    wait_for(page, "scrollY === 0")
    assert page.url.endswith(LIST)
