"""The bundles that a deployed site serves do in a browser what their sources do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from coolpapers.base.storage import bundle_assets, has_bundler
from tests.browser.libraries import fill_library, index_in
from tests.browser.waiting import wait_for, wait_until_ready
from tests.coolpapers.papers.library import make_paper
from tests.house.source import ROOT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_bundler(), reason="tools/fetch_assets.py has not brought the bundler"),
]

SOURCES = ROOT / "static"
CONTENT_TYPES = {".js": "text/javascript", ".css": "text/css"}
MEDIA: dict[str, dict[str, Any]] = {
    "light": {"media": "screen", "color_scheme": "light"},
    "dark": {"media": "screen", "color_scheme": "dark"},
    "print": {"media": "print", "color_scheme": "light"},
}
SIZES = [(1280, 900), (400, 700)]
# Computed values of all elements stay in the page. Variables are left out: the bundler shortens their values.
KEEP_STYLES = """(key) => {
  window.stylesOf ??= () => [...document.querySelectorAll("body, body *")].map((element) => {
    const style = getComputedStyle(element);
    const names = Array.from(style).filter((name) => !name.startsWith("--"));
    const name = `${element.localName}.${element.className}`;
    return { name, values: new Map(names.map((name) => [name, style.getPropertyValue(name)])) };
  });
  (window.stylesBefore ??= {})[key] = stylesOf();
}"""
CHANGED_STYLES = """(key) => {
  const after = stylesOf();
  const changed = stylesBefore[key].flatMap(({ name, values }, number) => [...values]
    .filter(([property, value]) => after[number].values.get(property) !== value)
    .map(([property, value]) => `${name} ${property}: ${value} -> ${after[number].values.get(property)}`));
  return [after.length, changed];
}"""
N_IMPORTS = "[...document.styleSheets[0].cssRules].filter((rule) => rule instanceof CSSImportRule).length"
EXCHANGE_SHEET = """(address) => new Promise((resolve) => {
  const old = document.querySelector("link[rel=stylesheet]");
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
  sheet.addEventListener("load", () => { old.remove(); resolve(); });
  old.after(sheet);
})"""


# The pane shows the first paper of a list with its formulas, and its switch follows the width of the window, a moment
# later.
PANE_FOLLOWS = """!document.querySelector(".pane-content") || !document.querySelector(".card") ||
  (document.querySelector(".pane-content > article") &&
  !document.querySelector(".pane-content .card-abstract > .math:not([data-math=typeset], [data-math=failed])") &&
  (document.querySelector(".pane-switch").ariaPressed === "true") === (innerWidth >= 1280))"""


def serve(page: Page, pattern: str, body: str) -> None:
    """Answer requests of a page with this script or style sheet."""
    content_type = CONTENT_TYPES[Path(pattern).suffix]
    page.route(pattern, lambda route: route.fulfill(body=body, content_type=content_type))


def in_every_medium(page: Page) -> Iterator[str]:
    """Show the page on a wide and on a narrow screen, light, dark and as it prints."""
    for width, height in SIZES:
        page.emulate_media(media="screen")  # on paper there is no pane, whatever the width
        page.set_viewport_size({"width": width, "height": height})
        wait_for(page, PANE_FOLLOWS)
        for name, medium in MEDIA.items():
            page.emulate_media(**medium, reduced_motion="reduce")
            yield f"{name} {width}"


@pytest.mark.parametrize("address", ["/", "/search?q=graph", "/arxiv/all?sort=title", "/api/v1/", "/me/"])
def test_the_bundled_style_sheet_styles_every_element_as_its_parts_do(
    page: Page, settings: Any, tmp_path: Path, address: str
) -> None:
    fill_library(2)
    index_in(settings, tmp_path)
    serve(page, "**/css/parts.css", (SOURCES / "css/main.css").read_text(encoding="utf-8"))
    page.goto(address)
    wait_until_ready(page)
    assert page.evaluate(N_IMPORTS) == 0  # conftest.py has pages load the bundle
    for key in in_every_medium(page):
        page.evaluate(KEEP_STYLES, key)
    page.evaluate(EXCHANGE_SHEET, "/static/css/parts.css")
    assert page.evaluate(N_IMPORTS) > 10
    for key in in_every_medium(page):
        n_elements, changed = page.evaluate(CHANGED_STYLES, key)
        assert n_elements > 20
        assert changed == [], key


def test_the_bundled_scripts_start_every_feature_and_find_mathjax(page: Page) -> None:
    scripts = (SOURCES / "js").rglob("*.js")
    bundles = bundle_assets({path.relative_to(SOURCES).as_posix(): path.read_text("utf-8") for path in scripts})
    make_paper(arxiv_id="2603.00001", title="Graph", abstract="We study $n$ vertices.")
    serve(page, "**/static/js/main.js", bundles["js/main.js"])
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url) if request.resource_type == "script" else None)
    page.goto("/arxiv/2603.00001")
    expect(page.locator("html[data-features=started]")).to_be_attached()
    wait_for(page, "[...document.querySelectorAll('.math')].every(({ dataset }) => dataset.math === 'typeset')")
    page.locator("[data-action=star]").first.click()
    expect(page.locator("[data-action=star]").first).to_have_attribute("aria-pressed", "true")
    own_scripts = sorted(url.rsplit("/static/")[-1] for url in requested if "/static/js/" in url)
    assert own_scripts == ["js/head/early_events.js", "js/head/hidden_papers.js", "js/head/theme.js", "js/main.js"]
