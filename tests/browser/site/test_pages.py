"""Pages in a real browser: scrolling, suggestions, keyboard, narrow screens, without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from coolpapers.finding.indexing.index import rebuild_index
from search.engines.registry import search_backend
from tests.browser.waiting import scroll_to_end, wait_for, wait_until_ready
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESSES = [
    "/",
    "/arxiv/",
    "/venue/",
    "/arxiv/cs.CL",
    "/venue/ICLR",
    "/arxiv/2603.00001",
    "/search?q=graph",
    "/search",
]


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    """Sixty papers, one of them with long words, with an index."""
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"
    make_paper(
        arxiv_id="2603.00001",
        day=TUESDAY,
        title="Graph " + "Donaudampfschifffahrtsgesellschaftskapitän" * 4 + " neural",
        authors=[f"Author {number}" for number in range(41)],
        abstract="We show that " + "x" * 300 + " and $" + "+".join(f"a_{{{n}}}" for n in range(80)) + "$.",
        comment="https://example.org/" + "path/" * 60,
        categories=["cs.CL", "cs.LG", "math-ph", "cond-mat.str-el"],
    )
    for number in range(59):
        make_paper(title=f"Graph {number}", day=MONDAY)
    make_venue_paper("a", track="Oral", title="Graph at a conference")
    rebuild_index(search_backend())


def card_numbers(page: Page) -> list[str]:
    return page.locator(".card-number").all_inner_texts()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["/arxiv/cs.CL?from=2026-03-02&sort=title", "/search?q=graph&category=cs.CL"])
def test_scrolling_brings_in_every_card_once(page: Page, address: str) -> None:
    page.goto(address)
    scroll_to_end(page, 60)
    assert card_numbers(page) == [f"#{number}" for number in range(1, 61)]


@pytest.fixture
def plain_page(browser: Browser, live_server: LiveServer) -> Any:
    """A page in a browser without JavaScript."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.usefixtures("library")
def test_without_scripts_pages_are_turned(plain_page: Page) -> None:
    plain_page.goto("/arxiv/cs.CL?date=2026-03-02&sort=title")
    assert card_numbers(plain_page)[-1] == "#25"
    plain_page.get_by_role("link", name="Next").click()
    assert card_numbers(plain_page)[0] == "#26"
    plain_page.get_by_role("link", name="Previous").click()
    assert card_numbers(plain_page)[0] == "#1"


@pytest.mark.usefixtures("library")
def test_without_scripts_a_search_works(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_role("searchbox").fill("ti:conference")
    plain_page.get_by_role("button", name="Search").click()
    assert plain_page.locator(".card-title").all_inner_texts() == ["Graph at a conference"]


@pytest.mark.usefixtures("library")
def test_suggestions_are_a_combobox(page: Page) -> None:
    page.goto("/")
    wait_for(page, "document.querySelector('#home-query').getAttribute('role') === 'combobox'")
    box = page.locator("#home-query")
    box.press_sequentially("cs.")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("cs.CL")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "home-query-suggestions-0")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("C")
    expect(options.first).to_contain_text("cs.CL")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/arxiv/cs.CL")


@pytest.mark.usefixtures("library")
def test_a_suggested_paper_is_opened_by_a_click(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    wait_for(page, "document.querySelector('#header-query').getAttribute('role') === 'combobox'")
    page.locator("#header-query").press_sequentially("conference")
    page.get_by_role("option", name="Graph at a conference").click()
    page.wait_for_url("**/venue/a@OpenReview")


@pytest.mark.usefixtures("library")
def test_a_pressed_suggestion_is_opened_though_new_ones_arrive(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    wait_for(page, "document.querySelector('#header-query').getAttribute('role') === 'combobox'")
    page.locator("#header-query").press_sequentially("conf")
    page.get_by_role("option", name="Graph at a conference").hover()
    page.mouse.down()
    with page.expect_response("**/*q=conference"):
        page.keyboard.type("erence")
    page.mouse.up()
    page.wait_for_url("**/venue/a@OpenReview")


@pytest.mark.usefixtures("library")
def test_slash_goes_to_the_search_box(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    wait_for(page, "document.querySelector('#header-query').getAttribute('role') === 'combobox'")
    page.keyboard.press("/")
    expect(page.locator("#header-query")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.locator("#header-query")).to_have_value("a/b")


# PRODUCT.md 9, case 20.
@pytest.mark.usefixtures("library")
def test_folded_authors_unfold_by_keyboard(page: Page) -> None:
    page.goto("/arxiv/cs.CL?date=2026-03-03")
    last = page.get_by_role("link", name="Author 40")
    expect(last).to_be_hidden()
    page.locator(".more-authors summary").focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()


@pytest.mark.usefixtures("library")
def test_the_skip_link_is_first_and_leads_to_the_content(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(page, "document.activeElement.id === 'main'")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_page_scrolls_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in ADDRESSES:
        page.goto(address)
        wait_until_ready(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("width", "is_open"), [(390, False), (1024, True), (1280, False), (1600, False)])
def test_filters_fold_on_a_phone_and_beside_the_pane(page: Page, width: int, is_open: bool) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/search?q=graph")
    link = page.locator(".side a[title='Machine Learning']")
    expect(link).to_be_visible(visible=is_open)
    if not is_open:
        page.locator(".side").get_by_text("Filters", exact=True).click()
        expect(link).to_be_visible()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_theme(page: Page, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    for address in ADDRESSES:
        page.goto(address)
        wait_until_ready(page)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{address}: {results.generate_report()}"
