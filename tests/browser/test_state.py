"""Stars, hiding, reading marks and notes in a real browser: they outlive the page and reach other tabs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.coolpapers.papers.library import MONDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title"


@pytest.fixture
def shelf() -> None:
    for number in range(30):
        make_paper(arxiv_id=f"2603.{number:05d}", day=MONDAY, title=f"Graph {number:02d}")


def card(page: Page, number: int) -> Locator:
    return page.locator(f'[data-key="arxiv:2603.{number:05d}"]')


def press(page: Page, number: int, action: str) -> None:
    button = card(page, number).locator(f"button[data-action={action}]")
    pressed = button.get_attribute("aria-pressed")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false" if pressed == "true" else "true")


@pytest.mark.usefixtures("shelf")
def test_a_star_and_a_note_survive_a_reload(page: Page) -> None:
    page.goto(LIST)
    press(page, 3, "star")
    card(page, 4).locator("[data-action=note]").click()
    page.keyboard.type("read on Friday")
    expect(card(page, 4).locator("[data-action=note]")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(card(page, 3).locator("[data-action=star]")).to_have_attribute("aria-pressed", "true")
    expect(card(page, 4).get_by_label("Your note")).to_have_value("read on Friday")
    expect(card(page, 5).locator("[data-action=star]")).to_have_attribute("aria-pressed", "false")


@pytest.mark.usefixtures("shelf")
def test_another_tab_follows(page: Page) -> None:
    page.goto(LIST)
    other = page.context.new_page()
    other.goto(LIST)
    press(page, 3, "star")
    expect(card(other, 3).locator("[data-action=star]")).to_have_attribute("aria-pressed", "true")
