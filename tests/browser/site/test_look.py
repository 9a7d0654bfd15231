"""The text face, its sizes and the columns of lists, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.libraries import index_in
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import MONDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ABSTRACT = (
    "We present a method that finds the structure of graphs from few observations and show that it needs neither "
    "labels nor a model of the noise. On nine public collections it is as accurate as methods that use both, at a "
    "tenth of the time, and its results can be explained by the edges that it keeps. "
)
LIST = "/arxiv/cs.CL?density=full"
SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    for number in range(12):
        make_paper(day=MONDAY, title=f"Graph networks, explained number {number}", abstract=ABSTRACT * 3)
    index_in(settings, tmp_path)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", [LIST, "/search?q=graph+noise"])
@pytest.mark.parametrize("width", [390, 1440])
def test_a_late_text_face_shifts_nothing(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(SHIFTS)

    held: list[Route] = []
    page.route("**/fonts/*", lambda route: held.append(route))  # a method is refused
    page.goto(address, wait_until="commit")
    wait_for(page, "document.querySelector('.card') && performance.now() > 1000")
    for route in held:
        route.continue_()
    wait_for(page, "document.readyState === 'complete' && document.fonts.status === 'loaded'")
    assert held
    assert page.evaluate("window.shift") <= 0.02


@pytest.mark.usefixtures("library")
def test_abstracts_have_the_text_face_and_lines_that_can_be_read(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(LIST)
    page.reload()  # the face is in the cache by then
    wait_for(page, """document.fonts.check('16px "Source Serif"')""")
    measured = page.evaluate("""() => {
      const range = document.createRange();
      const abstract = document.querySelector(".card-abstract");
      range.selectNodeContents(abstract);
      const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.top)));
      return [abstract.textContent.trim().length, lines.size, getComputedStyle(abstract).fontFamily];
    }""")
    n_characters, n_lines, family = measured
    assert family.startswith('"Source Serif"')
    assert 65 <= n_characters / n_lines <= 80


@pytest.mark.usefixtures("library")
def test_the_chosen_text_size_is_stored(page: Page) -> None:
    page.goto(LIST)
    sizes = []
    for size in ("small", "", "large"):
        page.get_by_label("Text size").select_option(size)
        sizes.append(page.evaluate("parseFloat(getComputedStyle(document.querySelector('.card-title')).fontSize)"))
    assert sizes[0] < sizes[1] < sizes[2]
    page.reload()
    expect(page.locator("html[data-text=large]")).to_be_attached()
    expect(page.get_by_label("Text size")).to_have_value("large")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("width", "n_columns"), [(740, 1), (760, 2), (1024, 2)])
def test_a_tablet_has_the_side_column_beside_the_list(page: Page, width: int, n_columns: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto("/search?q=graph")
    side, results = page.locator(".side"), page.locator(".results")
    expect(results).to_be_visible()
    side_box, list_box = side.bounding_box(), results.bounding_box()
    assert side_box is not None
    assert list_box is not None
    assert (side_box["x"] + side_box["width"] <= list_box["x"]) is (n_columns == 2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["/arxiv/cs.CL", "/search?q=graph&mode=bm25", "/author/Ada Lovelace"])
def test_the_first_title_stands_near_the_top_of_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    expect(page.locator("html[data-features=started]")).to_be_attached()
    top = page.evaluate("""
      document.querySelector(".card-title").getBoundingClientRect().top
        - document.querySelector(".site-header").getBoundingClientRect().bottom
    """)
    assert top <= 160
    sort = page.locator(".sorts")
    sort.locator("summary").click()
    menu = sort.locator("nav").bounding_box()  # not cut off by the line that scrolls
    assert menu is not None
    assert menu["width"] > 300
    assert menu["y"] + menu["height"] <= 845
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
