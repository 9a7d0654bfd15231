"""Waiting for a page. Playwright's ``wait_for_function`` needs eval, which the site's content policy forbids."""

from __future__ import annotations

import time

from playwright.sync_api import Page

TIMEOUT_S = 20


def wait_for(page: Page, expression: str, argument: object = None) -> None:
    """Poll until the JavaScript expression (or function of ``argument``) is true."""
    deadline = time.monotonic() + TIMEOUT_S
    while not page.evaluate(expression, argument):
        if time.monotonic() > deadline:
            raise AssertionError(f"never became true in the page: {expression}")
        page.wait_for_timeout(20)
