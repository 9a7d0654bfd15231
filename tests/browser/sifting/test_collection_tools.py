"""A collection's page filters and marks its papers as lists do, and goes on doing so while it changes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keeping import keep, key
from tests.coolpapers.papers.library import make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_cards_of_a_collection_are_filtered_and_marked(page: Page) -> None:
    for number in range(1, 4):
        make_paper(arxiv_id=key(number).partition(":")[2], abstract=f"This one has number{number}.")
    page.goto("/me/")
    keep(page, "collection", "c1", {"name": "To read", "note": ""})
    for number in range(1, 4):
        keep(page, "member", f"c1/{key(number)}", {"position": number, "note": ""})
    page.goto("/me/collections/c1")
    cards = page.locator(".card:visible")
    expect(cards).to_have_count(3)
    page.locator(".filter > summary").click()
    page.locator("[name=without]").fill("number3")
    expect(cards).to_have_count(2)
    first = page.locator(".card").first
    first.locator(".mark").check()
    expect(page.locator(".marks output")).to_have_text("1 selected")
    cite = page.locator(".marks [data-to=cite]")
    expect(cite).to_have_attribute("href", f"/cite/{key(1).partition(':')[2]}")
    first.get_by_role("button", name="Remove").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(cards).to_have_count(1)  # the words go on filtering the cards that came anew
    expect(page.locator(".marks")).to_be_hidden()
    expect(page.locator("[name=without]")).to_have_value("number3")
