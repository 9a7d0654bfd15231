"""Take the screenshots under docs/img from a running site that holds the starter library.

    python tools/take_screenshots.py http://127.0.0.1:8000

Needs Playwright and a Chromium on the path.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "img"
SETTLED_MS = 1500  # formulas are typeset by then


@dataclass(frozen=True)
class Shot:
    """One picture: ``name`` of the file, address, size and theme of the page."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    theme: Literal["light", "dark"] = "light"
    press: str = ""  # data-action of a button of the first card to press


SHOTS = (
    Shot("search-dark", "/search?q=attention+network", theme="dark"),
    Shot("summary", "/arxiv/1706.03762", height=1400, press="summary"),
    Shot("citation", "/arxiv/1706.03762", press="cite"),
    Shot("phone-summary-dark", "/summary/1706.03762", width=390, height=844, theme="dark"),
)


def take(browser: Browser, base: str, shot: Shot) -> None:
    context = browser.new_context(
        base_url=base, viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.theme
    )
    page = context.new_page()
    page.goto(shot.path)
    if shot.press:
        page.click(f"[data-action={shot.press}]")
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


def main(base: str) -> None:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        for shot in SHOTS:
            take(browser, base, shot)
            print(f"{shot.name}.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
