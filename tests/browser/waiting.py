"""Waiting for conditions. Nothing else in the browser tests may sleep: a house test checks this.

Where a test shows that nothing happens, it waits for a definite later event: `wait_for_frames` for what an observer
or a script would have done by then, `wait_for_requests` for what a request would have brought.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

TIMEOUT_S = 20
POLL_MS = 20
# Intersection observers report in the frame after the one that shows the change, and their listeners run then.
FRAMES = """n => new Promise((done) => {
  const count = (left) => (left ? requestAnimationFrame(() => count(left - 1)) : setTimeout(done));
  count(n);
})"""
STARTED = "document.documentElement.dataset.features === 'started'"
FORMULAS_IN_VIEW_ARE_SET = """[...document.querySelectorAll('.math')].every((formula) => {
  const box = formula.getBoundingClientRect();
  if (formula.closest('.gist-text')?.getBoundingClientRect().bottom <= box.top) return true; // cut off after two lines
  return formula.dataset.math === 'typeset' || !formula.checkVisibility() || box.bottom < 0 || box.top > innerHeight;
})"""
MORE_CARDS = "n => document.querySelectorAll('.card').length > n"


def wait_for(page: Page, expression: str, argument: object = None) -> None:
    """Poll until the JavaScript expression (or function of ``argument``) is true.

    Playwright's ``wait_for_function`` needs eval, which the site's content policy forbids.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while not page.evaluate(expression, argument):
        if time.monotonic() > deadline:
            raise AssertionError(f"never became true in the page: {expression}")
        page.wait_for_timeout(POLL_MS)


def wait_until(condition: Callable[[], object], *, page: Page | None = None, message: str = "") -> None:
    """Poll until a condition of the test's own process holds; events of ``page`` are handled meanwhile."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, message or "the condition never became true"
        if page is None:
            time.sleep(POLL_MS / 1000)
        else:
            page.wait_for_timeout(POLL_MS)


def wait_for_frames(page: Page, n: int = 3) -> None:
    """Wait until the page has drawn ``n`` more frames."""
    page.evaluate(FRAMES, n)


def wait_for_requests(page: Page) -> None:
    """Wait until no request of htmx is under way."""
    wait_for(page, "!document.querySelector('.htmx-request')")


def wait_until_ready(page: Page) -> None:
    """Wait until all features have started, requests are answered and the formulas in view are set."""
    wait_for(page, STARTED)
    wait_for_requests(page)
    wait_for(page, FORMULAS_IN_VIEW_ARE_SET)


def scroll_to_end(page: Page, n_cards: int) -> None:
    """Scroll to the last card repeatedly until the page has ``n_cards``, each once."""
    while (n := page.locator(".card").count()) < n_cards:
        page.mouse.wheel(0, 100_000)
        wait_for(page, MORE_CARDS, n)
    keys = page.locator(".card").evaluate_all("cards => cards.map(({ dataset }) => dataset.key)")
    assert len(keys) == len(set(keys)) == n_cards
