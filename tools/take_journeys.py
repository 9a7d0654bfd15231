"""Walk three readers' journeys through a running site and take a picture at each step, into build/journeys.

    python -m tools.take_journeys http://127.0.0.1:8000 [--only newcomer]

A newcomer searches and reads; a daily sifter works through a day's list; an author of a related-work section finds
related papers, stars and cites them. Each journey is walked on a desktop, a tablet and a phone, in both themes and both
languages. A step that cannot be done is reported and makes the command fail. Needs Playwright and Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "build" / "journeys"
SETTLED_MS = 1200  # formulas are typeset and panels have arrived by then
STEP_MS = 10_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    width: int
    height: int
    theme: Literal["light", "dark"]
    language: str
    has_touch: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    do: Callable[[Page], object]


DEVICES = (
    Device("desktop-light-en", 1440, 900, "light", "en"),
    Device("desktop-dark-zh", 1440, 900, "dark", "zh-CN"),
    Device("tablet-light-zh", 820, 1180, "light", "zh-CN", has_touch=True),
    Device("tablet-dark-en", 820, 1180, "dark", "en", has_touch=True),
    Device("phone-light-en", 390, 844, "light", "en", has_touch=True),
    Device("phone-dark-zh", 390, 844, "dark", "zh-CN", has_touch=True),
)


def search(text: str) -> Callable[[Page], object]:
    def do(page: Page) -> None:
        box = page.locator("main input[type=search], header input[type=search]").first
        box.fill(text)
        box.press("Enter")
        page.wait_for_url("**/search?**")

    return do


def press(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).locator("visible=true").first.click()


def filter_by_year(page: Page) -> None:
    """Choose a year beside the list, in the fold where the side column is folded."""
    years = page.locator(".side a[href*='year=']")
    fold = page.locator(".side-fold > summary")
    if fold.is_visible() and not years.first.is_visible():
        fold.click()
    years.first.click()


def keys(*names: str) -> Callable[[Page], object]:
    def do(page: Page) -> None:
        page.locator("html[data-features=started]").wait_for(state="attached")
        for name in names:
            page.keyboard.press(name)

    return do


def go(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def open_first(page: Page) -> None:
    """The page of the first paper."""
    address = page.locator(".card-title a").first.get_attribute("href")
    page.goto(str(address))


JOURNEYS: dict[str, tuple[Step, ...]] = {
    "newcomer": (
        Step("home", go("/")),
        Step("results", search("retrieval augmented generation")),
        Step("summary", press("[data-action=summary]")),
        Step("filtered", filter_by_year),
        Step("paper", open_first),
        Step("author", press(".authors a")),
    ),
    "sifter": (
        Step("newest", press(".site-nav a[href='/arxiv/all']")),
        Step("category", go("/arxiv/cs.CL")),
        Step("starred", keys("j", "s")),
        Step("not-interested", keys("j", "x")),
        Step("next-unseen", keys("u")),
        Step("my-papers", go("/me/?shelf=starred")),
    ),
    "related-work": (
        Step("results", search("diffusion models for image editing")),
        Step("paper", open_first),
        Step("related", lambda page: page.goto(page.url.split("#")[0].replace("/arxiv/", "/related/"))),
        Step("starred", keys("j", "s", "j", "s")),
        Step("cited", keys("c")),
        Step("collections", go("/me/collections")),
    ),
}


def walk(context: BrowserContext, steps: tuple[Step, ...], prefix: str) -> Iterator[str]:
    """Take the pictures of a journey; yield what could not be done."""
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    page.goto("/")
    for number, step in enumerate(steps, start=1):
        try:
            step.do(page)
        except Error as error:
            yield f"{prefix}-{number}-{step.name}: {error.message.splitlines()[0]}"
        page.wait_for_timeout(SETTLED_MS)
        page.screenshot(path=FOLDER / f"{prefix}-{number}-{step.name}.png")
    page.close()


def walk_all(browser: Browser, base: str, only: str) -> list[str]:
    failures: list[str] = []
    for device in DEVICES:
        for journey, steps in JOURNEYS.items():
            if only in ("", journey, device.name):
                context = browser.new_context(
                    base_url=base,
                    viewport={"width": device.width, "height": device.height},
                    color_scheme=device.theme,
                    locale=device.language,
                    has_touch=device.has_touch,
                )
                failures += walk(context, steps, f"{device.name}-{journey}")
                context.close()
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the address of a running site")
    parser.add_argument("--only", default="", help="the name of one journey or device")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        failures = walk_all(browser, arguments.base, arguments.only)
        browser.close()
    print(*failures, f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}", sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
