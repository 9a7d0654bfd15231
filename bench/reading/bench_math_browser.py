"""How long does it take until formulas are typeset in Chromium, with our set-up and with MathJax's default?

    python -m bench.reading.bench_math_browser SHARED/papers.jsonl.gz [--counts 25 100] [--runs N]

Prints JSON: for each number of abstracts, milliseconds (median, minimum and maximum of the runs)

- from inserting the abstracts into a ready page until the first screen is typeset with our set-up, and until all is
  typeset with MathJax's default;
- from navigation to a list page with this many cards until the first paint, until the first screen is typeset, and
  until all is typeset when the page is printed.

And the sums of Chromium's layout-shift entries: on arrival, and while the page is scrolled half a screen at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.reading.math_pages import (
    LIST_SCRIPT,
    OUR_SCRIPT,
    POLICY,
    default_page,
    list_page,
    our_page,
    papers_with_formulas,
    serving,
)
from coolpapers.reading.markup.markdown import render_abstract, render_title

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
IN_VIEW = "e => { const box = e.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; }"
# Waits until all formulas (in view, or of the page) are typeset; milliseconds since navigation.
UNTIL_SET = f"""async (onlyInView) => {{
  const inView = {IN_VIEW};
  const waits = () => [...document.querySelectorAll("main .math")]
    .some(e => e.dataset.math !== "typeset" && (!onlyInView || inView(e)));
  while (waits()) await new Promise(requestAnimationFrame);
  return performance.now();
}}"""
SCROLL_THROUGH = f"""async () => {{
  const start = performance.now();
  const inView = {IN_VIEW};
  const all = [...document.querySelectorAll("main .math")];
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {{
    scrollTo(0, y);
    // At most a second per step: a formula that is clipped is never typeset.
    for (let frame = 0; frame < 60; frame++) {{
      await new Promise(requestAnimationFrame);
      if (!all.some(e => e.dataset.math !== "typeset" && inView(e))) break;
    }}
  }}
  return start;
}}"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LAYOUT_SHIFTS = """() => new Promise(resolve => {
  const observer = new PerformanceObserver(list =>
    resolve(list.getEntries().filter(e => !e.hadRecentInput).map(e => [e.startTime, e.value])));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([]), 500);
})"""
Timings = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("--counts", type=int, nargs="+", default=[25, 100, 400])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-scroll", action="store_true", help="do not measure the list page")
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
    texts = papers_with_formulas(papers, count)
    abstracts = [str(render_abstract(abstract)) for _, abstract in texts]
    cards = [(str(render_title(title)), html) for (title, _), html in zip(texts, abstracts, strict=True)]
    policy = {"Content-Security-Policy": POLICY}
    pages = {
        "/ours": (our_page(abstracts), "text/html", policy),
        "/ours.js": (OUR_SCRIPT, "text/javascript", {}),
        "/list": (list_page(cards), "text/html", policy),
        "/list.js": (LIST_SCRIPT, "text/javascript", {}),
        "/default": (default_page(abstracts), "text/html", {}),
    }
    timings: Timings = defaultdict(list)
    counts: dict[str, int] = {}
    with serving(pages) as origin:
        for _ in range(runs):
            with opened(browser, f"{origin}/ours", ready="window.pageReady === true") as page:
                timings["first_screen_ms"].append(insert(page))
            with opened(browser, f"{origin}/default", ready="window.pageReady === true") as page:
                timings["default_all_ms"].append(insert(page))
            if scrolls:
                counts = measure_list(browser, f"{origin}/list", timings)
    return {"abstracts": count, **counts, **{name: summary(values) for name, values in timings.items()}}


def measure_list(browser: Browser, address: str, timings: Timings) -> dict[str, int]:
    """Open the list twice: once to scroll through it, once to typeset all of it at once."""
    with opened(browser, address) as page:
        timings["list_first_screen_ms"].append(page.evaluate(UNTIL_SET, True))
        timings["list_first_paint_ms"].append(page.evaluate(FIRST_PAINT))
        scrolled_at = page.evaluate(SCROLL_THROUGH)
        shifts = page.evaluate(LAYOUT_SHIFTS)
        timings["layout_shift_on_arrival"].append(sum(value for time, value in shifts if time < scrolled_at))
        timings["layout_shift_while_scrolling"].append(sum(value for time, value in shifts if time >= scrolled_at))
    with opened(browser, address) as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        timings["list_all_ms"].append(page.evaluate(UNTIL_SET, False))
        count = {name: page.locator(f"main {name}").count() for name in (".math", "mjx-merror")}
    return {"formulas": count[".math"], "merror": count["mjx-merror"]}


def insert(page: Page) -> float:
    """Insert the abstracts; milliseconds until the page reports that they are typeset."""
    return float(page.evaluate("window.insertCards()"))


@contextmanager
def opened(browser: Browser, address: str, *, ready: str = "true") -> Iterator[Page]:
    """Open a page, and wait until the JavaScript expression `ready` is true."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    while not page.evaluate(ready):
        page.wait_for_timeout(20)
    yield page
    page.close()


def summary(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


if __name__ == "__main__":
    main()
