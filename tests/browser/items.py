"""Items that a browser stores, read and written through the site's own script."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def key(number: int) -> str:
    return f"arxiv:2603.{number:05d}"


def put_item(page: Page, kind: str, name: str, value: dict[str, Any] | None = None) -> None:
    """Store an item as a feature of the page does."""
    page.evaluate(
        "async item => { const { put } = await import('/static/js/people/store.js'); await put(...item); }",
        [kind, name, value or {}],
    )


def stored_items(page: Page) -> list[dict[str, Any]]:
    """All items with their tombstones, without settings, which pages write on their own."""
    items: list[dict[str, Any]] = page.evaluate(
        "async () => (await (await import('/static/js/people/store.js')).exportAll()).items"
    )
    return [item for item in items if item["kind"] != "setting"]


def card_keys(page: Page) -> list[str]:
    keys: list[str] = page.locator(".card").evaluate_all("cards => cards.map(card => card.dataset.key)")
    return keys
