"""Swiping cards on a touch screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.libraries import fill_library
from tests.browser.menus import expect_state
from tests.browser.waiting import wait_for, wait_until_ready

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    fill_library(20)
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/arxiv/cs.CL?date=2026-03-02&sort=title")
    wait_until_ready(page)
    yield page
    context.close()


def swipe(page: Page, number: int, *, across: int, down: int = 0) -> None:
    """Move a finger over a card, in steps, as a touch screen reports it."""
    session: CDPSession = page.context.new_cdp_session(page)
    box = page.locator(".card-title").nth(number).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def send(kind: str, step: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x + step * across, "y": y + step * down}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0)
    for step in range(1, 6):
        send("touchMove", step / 5)
    send("touchEnd", 1)


def test_to_the_right_it_stars_and_can_be_undone(phone: Page) -> None:
    card = phone.locator(".card").first
    swipe(phone, 0, across=140)
    expect_state(card, "star")
    note = phone.locator(".swipe-note")
    expect(note).to_contain_text("Star ✓")
    swipe(phone, 0, across=140)  # it stays starred
    expect_state(card, "star")
    note.get_by_role("button", name="Undo").click()
    expect_state(card, "star", is_on=False)
    expect(note).to_have_count(0)


def test_to_the_left_it_hides_and_can_be_undone(phone: Page) -> None:
    card = phone.locator(".card").nth(1)
    swipe(phone, 1, across=-140)
    expect_state(card, "hide")
    phone.locator(".swipe-note").get_by_role("button", name="Undo").click()
    expect_state(card, "hide", is_on=False)
    expect(card.locator(".gist")).to_be_visible()


def test_a_short_swipe_does_nothing_and_a_long_way_down_scrolls(phone: Page) -> None:
    swipe(phone, 0, across=40)
    swipe(phone, 2, across=20, down=-300)
    wait_for(phone, "scrollY > 100")
    assert phone.locator(".swipe-note").count() == 0
    assert phone.locator("[data-states~=star], [data-states~=hide]").count() == 0
    assert phone.locator(".card").first.evaluate("card => card.style.translate") == ""


def test_it_can_be_switched_off_and_stays_off(phone: Page) -> None:
    phone.locator(".list-tools > summary").click()
    phone.get_by_role("checkbox", name="Swipe").uncheck()
    phone.reload()
    wait_until_ready(phone)
    expect(phone.locator("[data-swipe]")).not_to_be_checked()
    swipe(phone, 0, across=140)
    swipe(phone, 0, across=0, down=-200)
    wait_for(phone, "scrollY > 50")
    assert phone.locator(".swipe-note").count() == 0
