"""Buttons and states of cards, of which most are in a menu that stands once in a page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect


def button_of(card: Locator, action: str) -> Locator:
    """A visible button of a card; the menu opens where it is there."""
    button = card.locator(f"[data-action={action}]")
    if not button.is_visible():
        card.locator("[data-open-menu]").click()
    return button


def expect_state(card: Locator, kind: str, *, is_on: bool = True) -> None:
    """Wait until a card says that its paper is starred, hidden, read or has a note, or that it is not."""
    pattern = re.compile(rf"\b{kind}\b")
    if is_on:
        expect(card).to_have_attribute("data-states", pattern)
    else:
        expect(card).not_to_have_attribute("data-states", pattern)
