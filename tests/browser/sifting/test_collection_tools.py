"""A collection's page filters and selects its papers as lists do, also after changes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.items import key, put_item
from tests.coolpapers.papers.library import make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_cards_of_a_collection_are_filtered_and_selected(page: Page) -> None:
    for number in range(1, 4):
        make_paper(arxiv_id=key(number).partition(":")[2], abstract=f"This one has number{number}.")
    page.goto("/me/")
    put_item(page, "collection", "c1", {"name": "To read", "note": ""})
    for number in range(1, 4):
        put_item(page, "member", f"c1/{key(number)}", {"position": number, "note": ""})
    page.goto("/me/collections/c1")
    cards = page.locator(".card:visible")
    expect(cards).to_have_count(3)
    page.locator(".filter > summary").click()
    page.locator("[name=without]").fill("number3")
    expect(cards).to_have_count(2)
    first = page.locator(".card").first
    first.locator(".select-box").check()
    expect(page.locator(".selection-bar output")).to_have_text("1 selected")
    cite = page.locator(".selection-bar [data-to=cite]")
    expect(cite).to_have_attribute("href", f"/cite/{key(1).partition(':')[2]}")
    first.get_by_role("button", name="Remove").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(cards).to_have_count(1)  # the filter still applies to the new cards
    expect(page.locator(".selection-bar")).to_be_hidden()
    expect(page.locator("[name=without]")).to_have_value("number3")
