"""What a page's browser keeps, read and written from tests through the site's own store."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def key(number: int) -> str:
    return f"arxiv:2603.{number:05d}"


def keep(page: Page, kind: str, name: str, value: dict[str, Any] | None = None) -> None:
    """Keep an item as a feature of the page would."""
    page.evaluate(
        "async item => { const { put } = await import('/static/js/keeping/store.js'); await put(...item); }",
        [kind, name, value or {}],
    )


def kept(page: Page) -> list[dict[str, Any]]:
    """Every item, tombstones too, but for settings, which pages write by themselves."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await (await import('/static/js/keeping/store.js')).exportAll()).items"
    )
    return [item for item in found if item["kind"] != "setting"]


def card_keys(page: Page) -> list[str]:
    keys: list[str] = page.locator(".card").evaluate_all("cards => cards.map(card => card.dataset.key)")
    return keys
