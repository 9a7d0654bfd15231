"""For how long does a page not respond while further cards of a list load?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_more_cards [--address '/arxiv/cs.CL?from=2024'] [--cards 150]

LIBRARY is a data folder with papers; static files are served unbundled. Scrolls on a phone's window until there are so
many cards, and prints JSON: the longest gap between two ticks of a timer of 20 ms while each part joined the list.
"""

from __future__ import annotations

import argparse
import json
import shutil
import threading
from wsgiref.simple_server import make_server

from bench.site.bench_keys import FLAGS, Quiet, Server

# isort: split
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Page, sync_playwright

WINDOW = {"width": 390, "height": 844}
WATCH = """() => {
  let last = performance.now();
  window.longest = 0;
  setInterval(() => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
  }, 20);
}"""
TAKE = "() => { const longest = window.longest; window.longest = 0; return longest; }"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="/arxiv/cs.CL?from=2024")
    parser.add_argument("--cards", type=int, default=150)
    options = parser.parse_args()
    server = make_server("127.0.0.1", 0, WSGIHandler(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
        page.goto(f"http://localhost:{server.server_port}{options.address}")
        page.locator("html[data-features=started]").wait_for()
        page.wait_for_timeout(2000)
        report = load_parts(page, options.cards)
        browser.close()
    print(json.dumps({"bench": "more_cards", "longest_ms_by_cards": report}, indent=1))


def load_parts(page: Page, n_cards: int) -> dict[int, float]:
    """The longest gap for each number of cards after a part has joined."""
    report: dict[int, float] = {}
    page.evaluate(WATCH)
    before = page.locator(".cards > .card").count()
    while before < n_cards:
        page.mouse.wheel(0, 50_000)
        page.wait_for_timeout(700)
        now = page.locator(".cards > .card").count()
        if now > before:
            report[now] = round(page.evaluate(TAKE), 1)
        before = now
    return report


if __name__ == "__main__":
    main()
