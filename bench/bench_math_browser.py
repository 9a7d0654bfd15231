"""How long until formulas stand: abstracts inserted into a ready page, ours against MathJax's default set-up.

Prints JSON: for each count of abstracts the milliseconds (median, min, max of the runs) until the first screen
is set with our set-up, until all is set once scrolled through, and until MathJax's default set-up is done.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.math_pages import OUR_SCRIPT, POLICY, abstracts_with_formulas, default_page, our_page, serving
from coolpapers.reading.markdown import render_abstract

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
SCROLL_THROUGH = """async () => {
  const start = performance.now();
  const isWaiting = e => {
    const box = e.getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0 && e.dataset.math !== "typeset";
  };
  const all = [...document.querySelectorAll("main .math")];
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    // At most a second a step: a formula that is clipped away is never set.
    for (let frame = 0; frame < 60; frame++) {
      await new Promise(requestAnimationFrame);
      if (!all.some(isWaiting)) break;
    }
  }
  return performance.now() - start;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("--counts", type=int, nargs="+", default=[25, 100, 400])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-scroll", action="store_true", help="only the first screen and MathJax's default set-up")
    options = parser.parse_args()
    executable = shutil.which("chromium") or os.environ["CHROMIUM"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        rows = [
            measure(browser, options.papers, count, options.runs, scrolls=not options.no_scroll)
            for count in options.counts
        ]
        browser.close()
    print(json.dumps({"runs": options.runs, "rows": rows}, indent=1))


def measure(browser: Browser, papers: Path, count: int, runs: int, *, scrolls: bool) -> dict[str, object]:
    texts = abstracts_with_formulas(papers, count)
    ours = our_page([str(render_abstract(text)) for text in texts])
    default = default_page([str(render_abstract(text)) for text in texts])
    pages = {
        "/ours": (ours, "text/html", {"Content-Security-Policy": POLICY}),
        "/ours.js": (OUR_SCRIPT, "text/javascript", {}),
        "/default": (default, "text/html", {}),
    }
    timings: dict[str, list[float]] = {"first_screen_ms": [], "scrolled_through_ms": [], "default_all_ms": []}
    formulas = errors = 0
    with serving(pages) as origin:
        for _ in range(runs):
            with_page(browser, f"{origin}/ours", lambda page: timings["first_screen_ms"].append(insert(page)))

            def scroll(page: Page) -> None:
                nonlocal formulas, errors
                insert(page)
                timings["scrolled_through_ms"].append(float(page.evaluate(SCROLL_THROUGH)))
                formulas = page.locator("main .math").count()
                errors = page.locator("main mjx-merror").count()

            if scrolls:
                with_page(browser, f"{origin}/ours", scroll)
            with_page(browser, f"{origin}/default", lambda page: timings["default_all_ms"].append(insert(page)))
    return {
        "abstracts": count,
        "formulas": formulas,
        "merror": errors,
        **{k: summary(v) for k, v in timings.items() if v},
    }


def insert(page: Page) -> float:
    return float(page.evaluate("window.insertCards()"))


def with_page(browser: Browser, address: str, act: Callable[[Page], None]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    while not page.evaluate("window.pageReady === true"):
        page.wait_for_timeout(20)
    act(page)
    page.close()


def summary(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 1), "min": round(min(values), 1), "max": round(max(values), 1)}


if __name__ == "__main__":
    main()
