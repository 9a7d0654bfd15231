"""How fast does a list of 200 cards respond to keys, and does it scroll without dropped frames and layout shift?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_keys [--address '/arxiv/cs.CL?from=2024&show=200']
        [--presses 40]

LIBRARY is a data folder with papers; static files are served unbundled. Prints JSON: milliseconds from the key press to
the next painted frame with the focus on the next card (`j`), and with the star shown (`s`); and while the list is
scrolled, frames that took longer than 50 ms, and the layout shift (0 is none).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from socketserver import ThreadingMixIn  # noqa: E402

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
# Times are measured in the page: from the time stamp of the event to the first frame painted after the change.
WATCH = """() => {
  window.times = [];
  const painted = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  document.addEventListener("keydown", async ({key, timeStamp}) => {
    const card = () => document.activeElement.closest(".card");
    const was = card();
    const isDone = key === "j" ? () => card() !== was
      : (star => { const before = star.ariaPressed; return () => star.ariaPressed !== before; })(
          was.querySelector("[data-action=star]"));
    while (!isDone()) await new Promise(resolve => setTimeout(resolve));
    await painted();
    window.times.push([key, performance.now() - timeStamp]);
  }, true);
}"""
SCROLL = """async () => {
  let shift = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value; })
    .observe({type: "layout-shift"});
  const frames = [];
  const end = document.documentElement.scrollHeight - innerHeight;
  let last = performance.now();
  for (let y = 0; y < end; y += 100) {
    scrollTo({top: y, behavior: "instant"});
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return {frames, shift};
}"""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="/arxiv/cs.CL?from=2024&show=200")
    parser.add_argument("--presses", type=int, default=30)
    options = parser.parse_args()
    server = make_server("127.0.0.1", 0, WSGIHandler(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    executable = shutil.which("chromium") or os.environ["CHROMIUM"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://localhost:{server.server_port}{options.address}")
        page.locator("html[data-features=started]").wait_for()
        page.evaluate("document.querySelector('.more')?.remove()")  # no further cards are loaded
        page.wait_for_timeout(2000)
        report = {"cards": page.locator(".cards > .card").count(), **press_keys(page, options.presses), **scroll(page)}
        browser.close()
    print(json.dumps({"bench": "keys", **report}, indent=1))


def press_keys(page: Page, presses: int) -> dict[str, object]:
    page.keyboard.press("j")
    page.evaluate(WATCH)
    for done in range(presses):
        for key in ("j", "s"):
            page.keyboard.press(key)
            while page.evaluate("window.times.length") < 2 * done + (1 if key == "j" else 2):
                page.wait_for_timeout(20)
    times = page.evaluate("window.times")
    return {
        name: summary([ms for key, ms in times if key == letter]) for name, letter in (("focus", "j"), ("star", "s"))
    }


def scroll(page: Page) -> dict[str, object]:
    """Scroll through all cards twice: in the first pass formulas are typeset, in the second all are ready."""
    report: dict[str, object] = {}
    for name in ("scroll_first", "scroll_again"):
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.wait_for_timeout(500)
        result = page.evaluate(SCROLL)
        frames = result["frames"]
        report[name] = {
            "n_frames": len(frames),
            "p95_ms": round(statistics.quantiles(frames, n=20)[-1], 1),
            "n_over_50_ms": sum(frame > 50 for frame in frames),
            "layout_shift": round(result["shift"], 4),
        }
    return report


def summary(values: list[float]) -> dict[str, float]:
    return {
        "median_ms": round(statistics.median(values), 1),
        "p95_ms": round(statistics.quantiles(values, n=20)[-1], 1),
        "max_ms": round(max(values), 1),
    }


if __name__ == "__main__":
    main()
