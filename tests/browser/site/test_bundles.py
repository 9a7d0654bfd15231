"""The bundles that a deployed site serves do in a browser what their sources do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from playwright.sync_api import Page, Route, expect

from coolpapers.base.storage import bundle_assets, has_bundler
from tests.browser.shelves import fill_shelf, index_in
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import make_paper

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_bundler(), reason="tools/fetch_assets.py has not brought the bundler"),
]

CONTENT_TYPES = {".js": "text/javascript", ".css": "text/css"}
# Variables are left out: the bundler writes their values in fewer characters.
COMPUTED_STYLES = """() => [...document.querySelectorAll("*")].map((element) => {
  const style = getComputedStyle(element);
  const names = Array.from(style).filter((name) => !name.startsWith("--"));
  return [element.tagName, element.className, ...names.map((name) => `${name}: ${style.getPropertyValue(name)}`)];
})"""


@pytest.fixture(scope="module")
def bundles() -> dict[str, str]:
    root = Path(site_settings.BASE_DIR) / "static"
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for kind in ("js", "css")
        for path in (root / kind).rglob(f"*.{kind}")
    }
    return bundle_assets(sources)


def serve_bundle(page: Page, name: str, bundles: dict[str, str]) -> None:
    def serve(route: Route) -> None:
        route.fulfill(body=bundles[name], content_type=CONTENT_TYPES[Path(name).suffix])

    page.route(f"**/static/{name}", serve)


def computed_styles(page: Page, address: str) -> dict[str, list[list[str]]]:
    """Computed styles of all elements of a page, on a wide screen, on a narrow one, in the dark and in print."""
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    expect(page.locator("html[data-features=started]")).to_be_attached()
    styles = {"wide": page.evaluate(COMPUTED_STYLES)}
    page.emulate_media(media="print")
    styles["print"] = page.evaluate(COMPUTED_STYLES)
    page.emulate_media(media="screen", color_scheme="dark")
    page.set_viewport_size({"width": 400, "height": 700})
    styles["narrow and dark"] = page.evaluate(COMPUTED_STYLES)
    return styles


@pytest.mark.parametrize("address", ["/", "/search?q=graph", "/arxiv/all?sort=title", "/api/v1/", "/me/"])
def test_the_bundled_style_sheet_styles_every_element_as_its_parts_do(
    page: Page, bundles: dict[str, str], settings: Any, tmp_path: Path, address: str
) -> None:
    fill_shelf(2)
    index_in(settings, tmp_path)
    from_parts = computed_styles(page, address)
    serve_bundle(page, "css/main.css", bundles)
    sheets: list[str] = []
    page.on("request", lambda request: sheets.append(request.url) if request.resource_type == "stylesheet" else None)
    from_bundle = computed_styles(page, address)
    assert [url.rsplit("/static/")[-1] for url in sheets] == ["css/main.css"]
    for medium, elements in from_parts.items():
        differing = [(a[:2], set(a) ^ set(b)) for a, b in zip(elements, from_bundle[medium], strict=True) if a != b]
        assert differing == [], medium


def test_the_bundled_scripts_start_every_feature_and_find_mathjax(page: Page, bundles: dict[str, str]) -> None:
    make_paper(arxiv_id="2603.00001", title="Graph", abstract="We study $n$ vertices.")
    serve_bundle(page, "js/main.js", bundles)
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url) if request.resource_type == "script" else None)
    page.goto("/arxiv/2603.00001")
    expect(page.locator("html[data-features=started]")).to_be_attached()
    wait_for(page, "[...document.querySelectorAll('.math')].every(({ dataset }) => dataset.math === 'typeset')")
    page.locator("[data-action=star]").first.click()
    expect(page.locator("[data-action=star]").first).to_have_attribute("aria-pressed", "true")
    own = sorted(url.rsplit("/static/")[-1] for url in scripts if "/static/js/" in url)
    assert own == ["js/head/early_events.js", "js/head/hidden_papers.js", "js/head/theme.js", "js/main.js"]
