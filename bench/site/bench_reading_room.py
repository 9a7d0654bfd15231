"""Does the list stay a workplace? Papers in view, panels after a press, the reading pane, and the place.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_reading_room [--address PATH] [--papers 200]

LIBRARY is a data folder with papers and an index; static files are served unbundled. Prints JSON:

- ``in_view``: papers wholly visible in a window of 1440 × 900, the reading pane open, for each density
- ``pane_ms``: the server's answers with what the pane shows of a paper, for papers drawn at random
- ``panel_ms``: from the key (`i`, `c`) to the visible panel, for each width of the window
- ``follow_ms``: from `j` to the next title in the pane
- ``restored``: of how many tries reload, Back, a second tab and a sent link showed card 5, 40 and 92 again, on a
  desktop with the pane open and closed and on a phone; ``lost`` names the others

``--only restored`` leaves the rest out.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import threading
import time
from typing import Any
from wsgiref.simple_server import make_server

from bench.site.bench_keys import FLAGS, Quiet, Server, summary  # sets Django up

# isort: split
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import paper_path

WIDTHS = {"desk": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}
PLACES = (5, 40, 92)
TRIES = ("reload", "Back", "second tab", "sent link")
IN_VIEW = """() => [...document.querySelectorAll(".cards > .card")].filter(card => {
  const {top, bottom} = card.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}).length"""
# Milliseconds from the time stamp of the key to the frame after the change.
WATCH = """([selector, text]) => { window.waited = new Promise(resolve => {
  addEventListener("keydown", async ({timeStamp}) => {
    const isNew = one => one.checkVisibility() && one.textContent !== text;
    const isThere = () => [...document.querySelectorAll(selector)].some(isNew);
    while (!isThere()) await new Promise(requestAnimationFrame);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - timeStamp)));
  }, {once: true, capture: true});
}); }"""
TOP = "key => document.querySelector(`.cards > [data-key='${key}']`)?.getBoundingClientRect().top"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="/arxiv/cs.CL?from=2024")
    parser.add_argument("--papers", type=int, default=200)
    parser.add_argument("--only", default="", choices=("", "restored"))
    options = parser.parse_args()
    report: dict[str, Any] = {"bench": "reading_room"}
    if not options.only:
        report["pane_ms"] = answer_pane(options.papers)
    server = make_server("127.0.0.1", 0, WSGIHandler(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        base = f"http://localhost:{server.server_port}"
        address = base + options.address
        if not options.only:
            report["in_view"] = {name: count_in_view(browser, address, name) for name in ("list", "compact")}
            report["panel_ms"] = {name: press_panels(browser, address, name) for name in WIDTHS}
            report["follow_ms"] = follow(browser, address)
        report |= restore_all(browser, address)
        browser.close()
    print(json.dumps(report, indent=1))


def answer_pane(n_papers: int) -> dict[str, dict[str, float]]:
    pks = random.Random(7).sample(list(Paper.objects.values_list("pk", flat=True)), n_papers + 1)
    client, times, cpu_times = Client(HTTP_HOST="localhost"), [], []
    for paper in papers_by_pks(pks):
        start, start_cpu = time.perf_counter(), time.process_time()
        response = client.get(paper_path(paper), headers={"HX-Request": "true"})
        times.append((time.perf_counter() - start) * 1000)
        cpu_times.append((time.process_time() - start_cpu) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{paper_path(paper)} answered {response.status_code}")
    return {"wall": summary(times[1:]), "cpu": summary(cpu_times[1:])}  # the first one loads the index


def open_list(browser: Browser, address: str, width: str, *, density: str = "compact", has_pane: bool = True) -> Page:
    viewport = dict(zip(("width", "height"), WIDTHS[width]))
    page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
    page.context.add_cookies([{"name": "density", "value": density, "url": address}])
    if not has_pane:
        page.add_init_script("localStorage.pane = 'closed'")
    page.goto(address)
    settle(page)
    return page


def settle(page: Page) -> None:
    page.locator("html[data-features=started]").wait_for()
    page.wait_for_timeout(1500)


def count_in_view(browser: Browser, address: str, density: str) -> int:
    page = open_list(browser, address, "desk", density=density)
    n_papers = int(page.evaluate(IN_VIEW))
    page.close()
    return n_papers


def press_panels(browser: Browser, address: str, width: str) -> dict[str, float]:
    page, times = open_list(browser, address, width), []
    for _ in range(8):
        page.keyboard.press("j")
        page.wait_for_timeout(300)
        for key, part in (("i", "summary"), ("c", "cite")):
            page.evaluate(WATCH, [f"[id^='{part}-']:not([hidden])", None])
            page.keyboard.press(key)
            times.append(page.evaluate("window.waited"))
            page.wait_for_timeout(200)
        page.keyboard.press("Escape")
    page.close()
    return summary(times)


def follow(browser: Browser, address: str) -> dict[str, float]:
    page, times = open_list(browser, address, "desk"), []
    page.keyboard.press("j")
    for _ in range(15):
        page.wait_for_timeout(500)
        title = page.locator(".pane-paper .card-title").text_content()
        page.evaluate(WATCH, [".pane-paper .card-title", title])
        page.keyboard.press("j")
        times.append(page.evaluate("window.waited"))
    page.close()
    return summary(times)


def restore_all(browser: Browser, address: str) -> dict[str, Any]:
    lost, n_tries = [], 0
    for width, has_pane in (("desk", True), ("desk", False), ("phone", False)):
        for number in PLACES:
            results = restore(browser, address, width, number, has_pane=has_pane)
            n_tries += len(results)
            where = f"{width}{', pane' * has_pane}, #{number}"
            lost += [f"{where}: {name}" for name, is_restored in zip(TRIES, results, strict=True) if not is_restored]
    return {"restored": f"{n_tries - len(lost)} of {n_tries}", "lost": lost}


def restore(browser: Browser, address: str, width: str, number: int, *, has_pane: bool) -> list[bool]:
    """Whether reload and Back show the card at its height again, and a second tab and a sent link show it in view."""
    page = open_list(browser, address, width, has_pane=has_pane)
    while page.locator(".cards > .card").count() < number:
        page.mouse.wheel(0, 50_000)
        page.wait_for_timeout(400)
    card = page.locator(".cards > .card").nth(number - 1)
    key = str(card.get_attribute("data-key"))
    card.evaluate("card => scrollBy(0, card.getBoundingClientRect().top - 60)")
    page.wait_for_timeout(800)
    top = page.evaluate(TOP, key)
    sent = page.url
    page.reload()
    settle(page)
    results = [is_near(page, key, top)]
    page.goto(address.partition("/arxiv")[0] + "/")
    page.go_back()
    settle(page)
    results.append(is_near(page, key, top))
    second = page.context.new_page()
    second.goto(sent)
    settle(second)
    other = open_list(browser, sent, width, has_pane=has_pane)
    results += [is_in_view(second, key), is_in_view(other, key)]
    for one in (second, page, other):
        one.close()
    return results


def is_in_view(page: Page, key: str) -> bool:
    return bool(page.evaluate(f"key => {{ const top = ({TOP})(key); return top > -5 && top < innerHeight; }}", key))


def is_near(page: Page, key: str, top: float) -> bool:
    now = page.evaluate(TOP, key)
    return now is not None and abs(now - top) < 5


if __name__ == "__main__":
    main()
