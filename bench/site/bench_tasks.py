"""How many presses do five tasks of a newcomer take, from the home page, with no address typed? In a real browser.

    python -m bench.site.bench_tasks ADDRESS [--words "diffusion model"] [--chromium PATH]

ADDRESS is a running site with an index, such as http://127.0.0.1:8000. A press is a click, a tap or the Enter key;
the letters of a typed query are not counted. A part that is folded away is opened first, which counts. Each task begins
in a new browser without any state, at two widths. Prints JSON: for each task its presses and what they were; null where
the task could not be done. To compare two versions, serve each and run this twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WAIT_MS = 15_000
SETTLE_MS = 700  # scripts and formulas after a page has loaded
N_CITED = 5
PLACE_PX = 40  # a place counts as found again if the card is at the same height, within this


class Newcomer:
    """A reader who presses what can be seen. ``presses`` names each press."""

    def __init__(self, page: Page, words: str) -> None:
        self.page, self.words = page, words
        self.presses: list[str] = []

    def press(self, *places: Locator) -> None:
        """Press the first of the places that the page has; folds around it are opened first."""
        for place in places:
            if not place.count():
                continue
            target = place.first
            while (fold := self._fold_around(target)) is not None:
                self._click(fold, "open")
            return self._click(target, "press")
        raise LookupError(f"none of {len(places)} places is on {self.page.url}")

    def search(self, words: str) -> None:
        box = self.page.locator("main input[type=search], input[type=search]").first
        self._click(box, "press")
        box.fill(words)
        self.presses.append("Enter")
        box.press("Enter")
        self._settle()

    def _fold_around(self, target: Locator) -> Locator | None:
        """The summary of the outermost closed details that hides the target."""
        if target.is_visible():
            return None
        folds = target.locator("xpath=ancestor::details[not(@open)]/summary")
        if not folds.count() or not folds.first.is_visible():
            raise LookupError("it is hidden")
        return folds.first

    def _click(self, target: Locator, verb: str) -> None:
        name = target.get_attribute("aria-label") or target.inner_text() or target.get_attribute("title") or ""
        self.presses.append(f"{verb} {' '.join(name.split())[:40]}".strip())
        target.click()
        self._settle()

    def _settle(self) -> None:
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(SETTLE_MS)


def follow_a_topic(reader: Newcomer) -> bool:
    """Follow a search, go home, and see there that it is followed."""
    page = reader.page
    reader.search(reader.words)
    reader.press(
        page.get_by_role("button", name="Follow", exact=True, include_hidden=True),
        page.get_by_role("button", name="Save this search", include_hidden=True),
    )
    reader.press(page.locator("a.site-name"))
    place = page.locator("main").get_by_text(reader.words, exact=True)
    if not place.count():  # the home page does not tell; the list of searches does
        reader.press(page.get_by_role("link", name="My papers"))
        reader.press(page.get_by_role("link", name="Saved searches"))
    return bool(place.count())


def find_last_weeks_papers_with_code(reader: Newcomer) -> bool:
    page = reader.page
    reader.search(reader.words)
    reader.press(page.get_by_role("link", name="Past week", exact=True, include_hidden=True))
    code = page.locator("a[href*='has']").filter(has_text="ode")
    if code.count():
        reader.press(code)
    else:
        reader.search(f"{reader.words} has:code")
        if "from=" not in page.url:  # the search forgot the days
            reader.press(page.get_by_role("link", name="Past week", exact=True, include_hidden=True))
    return "from=" in page.url and "has" in page.url and "code" in page.url


def see_why_the_first_is_first(reader: Newcomer) -> bool:
    page = reader.page
    reader.search(reader.words)
    reader.press(page.get_by_role("link", name="Explain", include_hidden=True))
    why = page.locator(".card").first.locator("[class*=why]").first
    if why.count() and not _has_visible_numbers(why):
        reader.press(page.locator(".card").first.locator("[class*=why] summary, summary[class*=why]"))
    return _has_visible_numbers(page.locator(".card").first.locator("[class*=why]").first)


def _has_visible_numbers(place: Locator) -> bool:
    return place.count() > 0 and any(letter.isdigit() for letter in place.inner_text())


def cite_five_papers(reader: Newcomer) -> bool:
    page = reader.page
    reader.search(reader.words)
    for number in range(N_CITED):
        reader.press(page.locator(".card .select-box").nth(number))
    cite = page.locator(".selection-bar").get_by_text("BibTeX", exact=True)
    with page.expect_download(timeout=WAIT_MS) as download:
        reader.press(cite)
    return download.value.path().read_text(encoding="utf-8").count("\n@") + 1 >= N_CITED


def get_back_to_the_place(reader: Newcomer) -> bool:
    """Scroll to the fortieth paper, read it, and be back at it; scrolling is no press."""
    page = reader.page
    reader.search(reader.words)
    for _ in range(40):
        if page.locator(".card").count() > 40:
            break
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(200)
    card = page.locator(".cards > .card").nth(39)
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLE_MS)
    key, top = card.get_attribute("data-key"), (card.bounding_box() or {"y": 0})["y"]
    address = page.url.split("#")[0].split("?")[0]
    reader.press(card.locator(".card-title a"))
    if page.url.split("#")[0].split("?")[0] != address:
        reader.presses.append("Back")
        page.go_back()
        page.wait_for_timeout(2 * SETTLE_MS)
    box = page.locator(f'.cards > [data-key="{key}"]').bounding_box()
    return box is not None and abs(box["y"] - top) <= PLACE_PX


TASKS: dict[str, Callable[[Newcomer], bool]] = {
    "follow a topic": follow_a_topic,
    "last week's papers on it with code": find_last_weeks_papers_with_code,
    "why is the first one first": see_why_the_first_is_first,
    "cite five papers": cite_five_papers,
    "get back to where I was": get_back_to_the_place,
}


def measure(browser: Browser, address: str, words: str, size: tuple[int, int]) -> dict[str, Any]:
    report: dict[str, Any] = {}
    for name, task in TASKS.items():
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en", has_touch=size[0] < 600, accept_downloads=True
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        reader = Newcomer(page, words)
        try:
            page.goto(address)
            page.wait_for_timeout(SETTLE_MS)
            is_done, problem = task(reader), "not reached"
        except (PlaywrightError, LookupError) as error:
            is_done, problem = False, str(error).splitlines()[0]
        report[name] = {"presses": len(reader.presses) if is_done else None, "steps": reader.presses}
        if not is_done:
            report[name]["problem"] = problem
        context.close()
    return report


def main(address: str, words: str, chromium: str | None) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        report = {name: measure(browser, address, words, size) for name, size in WIDTHS.items()}
        browser.close()
    print(json.dumps({"bench": "tasks", "words": words, **report}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--words", default="diffusion model")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    arguments = parser.parse_args()
    main(arguments.address, arguments.words, arguments.chromium)
