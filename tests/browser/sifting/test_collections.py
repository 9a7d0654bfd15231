"""Collections and followed searches in a real browser: without an account, with one, by keyboard, without scripts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.people.models import Item, SharedCollection
from coolpapers.people.models.kinds import Kind
from search.engines.registry import search_backend
from tests.browser.menus import button_of
from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.coolpapers.people.make import make_user

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title"


@pytest.fixture(autouse=True)
def library(settings: Any, tmp_path: Path) -> None:
    """Five papers of a Monday and one of a conference, with an index."""
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {"tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options}}
    settings.SEARCH_BACKEND = "tantivy"
    for number in range(5):
        make_paper(arxiv_id=f"2603.1{number:04d}", title=f"Graph {number}", abstract="We study graphs $x^2$. " * 8)
    make_venue_paper("a", title="Graph at a conference")
    rebuild_index(search_backend())


@pytest.fixture(params=["browser", "account"])
def reader(request: pytest.FixtureRequest, page: Page, live_server: LiveServer) -> Page:
    """A page without an account, then one with an account."""
    if request.param == "account":
        sign_in(page, live_server)
    return page


def sign_in(page: Page, live_server: LiveServer) -> None:
    """An account whose browser has synchronized; the test database in memory allows one writer at a time."""
    nothing = {"items": [], "cursor": 0, "more": False, "reset": False, "refused": []}
    page.route("**/me/sync", lambda route: route.fulfill(json=nothing))
    client = Client()
    user = make_user("ada")
    user.email = "ada@example.org"
    user.save()
    client.force_login(user)
    host = urlsplit(live_server.url).hostname or ""
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "domain": host, "path": "/"}]
    )


def card(page: Page, number: int) -> Locator:
    return page.locator(f'.card[data-key="arxiv:2603.1{number:04d}"]')


def collect(page: Page, *numbers: int, name: str) -> None:
    """Add papers of the list to a collection, which the first one creates."""
    page.goto(LIST)
    for position, number in enumerate(numbers):
        button_of(card(page, number), "collect").click()
        panel = card(page, number).locator(".collect")
        if position == 0:
            panel.get_by_label("New collection").fill(name)
            panel.get_by_role("button", name="Create and add").click()
        else:
            panel.get_by_role("button", name=name).click()
        expect(panel.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")


def titles(page: Page) -> Locator:
    return page.locator(".card-title")


def open_collection(page: Page, name: str) -> None:
    page.goto("/me/collections")
    page.locator("#saved").get_by_role("link", name=name).click()
    page.wait_for_load_state()  # with an account the cards are there before the scripts


def look(page: Page, name: str) -> None:
    """Save a screenshot if the environment names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_papers_are_collected_ordered_and_noted(reader: Page) -> None:
    page = reader
    collect(page, 3, 1, 2, name="To read")
    open_collection(page, "To read")
    expect(titles(page)).to_have_text(["Graph 3", "Graph 1", "Graph 2"])
    card(page, 2).get_by_role("button", name="Move up").click()
    expect(titles(page)).to_have_text(["Graph 3", "Graph 2", "Graph 1"])
    expect(page.get_by_role("status").first).to_have_text("Moved.")
    card(page, 3).get_by_label("Note in this collection").fill("read §3 & <b>")
    card(page, 3).get_by_role("button", name="Save note").click()
    expect(page.get_by_role("status").first).to_have_text("Note saved.")
    page.reload()
    expect(titles(page)).to_have_text(["Graph 3", "Graph 2", "Graph 1"])
    expect(card(page, 3).get_by_label("Note in this collection")).to_have_value("read §3 & <b>")


def test_the_keyboard_keeps_its_place_while_a_paper_moves(reader: Page) -> None:
    page = reader
    collect(page, 0, 1, 2, name="To read")
    open_collection(page, "To read")
    expect(titles(page)).to_have_count(3)
    page.locator('[id="down-arxiv:2603.10000"]').focus()
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Graph 1", "Graph 0", "Graph 2"])
    expect(page.locator('[id="down-arxiv:2603.10000"]')).to_be_focused()
    page.keyboard.press("Space")
    expect(titles(page)).to_have_text(["Graph 1", "Graph 2", "Graph 0"])


def test_removed_and_deleted_items_can_be_restored(reader: Page) -> None:
    page = reader
    collect(page, 0, 1, name="To read")
    open_collection(page, "To read")
    card(page, 0).get_by_role("button", name="Remove").click()
    expect(titles(page)).to_have_text(["Graph 1"])
    expect(page.locator("#undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Graph 0", "Graph 1"])
    page.locator("#saved > .saved-tools").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_have_text("Deleted “To read”.")
    page.locator("#undo").click()
    expect(page.get_by_role("heading", name="To read")).to_be_visible()
    page.goto("/me/collections")
    expect(page.locator(".saved-item")).to_contain_text("2 papers")
    page.locator("#saved").get_by_role("button", name="Delete To read").click()
    expect(page.get_by_text("No collections yet")).to_be_visible()
    page.locator("#undo").click()
    expect(page.locator(".saved-item")).to_contain_text("2 papers")
    page.reload()
    expect(page.locator(".saved-item")).to_contain_text("2 papers")


def test_a_collection_is_renamed(reader: Page) -> None:
    page = reader
    collect(page, 0, name="To read")
    open_collection(page, "To read")
    page.get_by_text("Edit name and note").click()
    page.get_by_label("Name", exact=True).fill("Group meeting")
    page.get_by_label("Note", exact=True).fill("for Monday")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Group meeting")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Group meeting")).to_be_visible()
    expect(page.locator(".saved-note")).to_have_text("for Monday")


@pytest.mark.parametrize("label", ["BibTeX", "CSL-JSON", "Markdown with summaries"])
def test_a_collection_is_saved_as_a_file(reader: Page, label: str) -> None:
    page = reader
    collect(page, 2, 0, name="To read")
    open_collection(page, "To read")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.locator(".saved-fold", has_text="Export").get_by_text(label, exact=True).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.replace("{", "").index("Graph 2") < text.replace("{", "").index("Graph 0")
    assert download.value.suggested_filename.startswith("To-read.")


def test_an_account_shares_by_a_link_that_can_be_revoked(page: Page, live_server: LiveServer, browser: Browser) -> None:
    sign_in(page, live_server)
    collect(page, 2, 0, name="To read")
    open_collection(page, "To read")
    page.locator("summary", has_text="Share").click()
    page.get_by_role("button", name="Create link").click()
    link = page.locator("#saved-link")
    expect(link).to_be_visible()
    address = link.inner_text()
    visitor = browser.new_context(java_script_enabled=False).new_page()
    visitor.goto(address)
    expect(visitor.locator(".card-title")).to_have_text(["Graph 2", "Graph 0"])
    expect(visitor.locator(".member")).to_have_count(0)
    page.get_by_role("button", name="Revoke link").click()
    expect(link).to_have_count(0)
    expect(page.get_by_role("button", name="Create link")).to_be_visible()
    answer = visitor.goto(address)
    assert answer is not None
    assert answer.status == 404
    visitor.context.close()


def test_a_reader_without_account_shares_a_list_of_papers(page: Page, browser: Browser) -> None:
    collect(page, 2, 0, name="To read")
    page.goto("/venue/a@OpenReview")
    page.get_by_role("button", name="Collect", exact=True).click()
    page.locator(".collect").get_by_role("button", name="To read").click()
    expect(page.locator(".collect").get_by_role("button", name="To read")).to_have_attribute("aria-pressed", "true")
    open_collection(page, "To read")
    page.locator("summary", has_text="Share").click()
    address = page.locator("#saved-link").inner_text()
    assert "/shared/#name=To+read&keys=" in address
    other = browser.new_context().new_page()
    requested: list[str] = []
    other.on("request", lambda request: requested.append(request.url))
    other.goto(address)
    expect(other.locator(".card-title")).to_have_text(["Graph 2", "Graph 0", "Graph at a conference"])
    expect(other.get_by_role("heading", name="To read")).to_be_visible()
    assert not any("2603.10002" in url for url in requested if "#" not in url)
    other.context.close()
    assert not Item.objects.exists()
    assert not SharedCollection.objects.exists()


def test_a_search_is_saved_followed_and_deleted(reader: Page) -> None:
    page = reader
    page.goto("/search?q=graph&category=cs.CL")
    page.get_by_role("button", name="Follow", exact=True).click()
    page.get_by_role("link", name="Followed searches").click()
    row = page.locator(".saved-item")
    expect(row).to_contain_text("graph cat:cs.CL")
    row.get_by_text("Edit").click()
    row.get_by_label("Name").fill("Graphs of language")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".saved-name")).to_have_text("Graphs of language")
    row.locator(".saved-name").click()
    page.wait_for_url("**/search?q=graph%20cat%3Acs.CL&sort=newest&new=*")
    page.go_back()
    row.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("You follow nothing yet")).to_be_visible()
    page.locator("#undo").click()
    expect(row.locator(".saved-name")).to_have_text("Graphs of language")


def test_new_papers_are_counted_in_a_browser_too(page: Page) -> None:
    page.goto("/search?q=graph")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Following ✓")).to_be_visible()
    # As if it had been saved and last opened long ago.
    page.evaluate(
        """async () => {
          const { all, put } = await import("/static/js/people/store.js");
          const [search] = await all("search");
          await put("search", search.key, { ...search.value, opened: 1, row: 0 });
        }"""
    )
    page.goto("/")
    expect(page.locator("#news")).to_contain_text("6 new papers")
    expect(page.locator("#mine")).to_contain_text("6 new")
    page.goto("/me/searches")
    expect(page.locator(".saved-new")).to_have_text("6 new")
    page.locator(".saved-name").click()
    page.wait_for_url("**/search?**")
    expect(page.locator(".card .new-badge")).to_have_count(6)
    expect(page.get_by_role("button", name="Following ✓")).to_be_visible()
    page.goto("/me/searches")
    expect(page.locator(".saved-head")).to_contain_text("0 new")
    expect(page.locator("#news")).to_be_attached()
    expect(page.locator("#news")).not_to_contain_text("new papers")
    assert not Item.objects.exists()


def test_an_accounts_changes_reach_its_browser(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server)
    collect(page, 0, name="To read")
    names = """async () => {
      const { all } = await import("/static/js/people/store.js");
      return (await all("collection")).map(({ value }) => value.name);
    }"""
    assert page.evaluate(names) == ["To read"]
    assert Item.objects.active(Kind.COLLECTION).count() == 1


def test_with_an_account_everything_works_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server)
    page.goto("/me/collect/2603.10001")
    page.get_by_label("New collection").fill("To read")
    page.get_by_role("button", name="Create and add").click()
    page.goto("/me/collect/2603.10002")
    page.get_by_role("button", name="To read").click()
    open_collection(page, "To read")
    card(page, 2).get_by_role("button", name="Move up").click()
    expect(titles(page)).to_have_text(["Graph 2", "Graph 1"])
    card(page, 1).get_by_role("button", name="Remove").click()
    page.locator("#undo").click()
    expect(titles(page)).to_have_text(["Graph 2", "Graph 1"])
    page.goto("/search?q=graph")
    page.get_by_role("button", name="Follow", exact=True).click()
    page.goto("/search?q=graph")
    page.get_by_role("button", name="E-mail me new papers").click()
    expect(page.locator(".saved-item")).to_contain_text("by e-mail")
    page.locator(".saved-item").get_by_role("button", name="Delete").click()
    page.locator("#undo").click()
    expect(page.locator(".saved-item")).to_contain_text("graph")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(reader: Page, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = reader
    page.emulate_media(color_scheme=scheme)
    kind = "account" if page.context.cookies() else "browser"
    collect(page, 0, 1, name="Donaudampfschifffahrtsgesellschaftskapitän " * 2)
    page.goto("/search?q=graph")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Following ✓")).to_be_visible()
    for width in (1270, 390):  # the reading pane takes the panel at more
        page.set_viewport_size({"width": width, "height": 900})
        for page_name in ("/me/collections", "/me/searches", "collection", "panel"):
            if page_name == "collection":
                open_collection(page, "Donau")
                expect(titles(page)).to_have_count(2)
                page.locator("summary", has_text="Share").click()
            elif page_name == "panel":
                page.goto(LIST)
                button_of(card(page, 0), "collect").click()
                expect(card(page, 0).locator(".collect [aria-pressed=true]")).to_have_count(1)
            else:
                page.goto(page_name)
                expect(page.locator(".saved-item")).to_have_count(1)
                page.locator(".saved-item summary").first.click() if page_name.endswith("searches") else None
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page_name
            results = Axe().run(page)
            assert results.violations_count == 0, f"{page_name}: {results.generate_report()}"
            look(page, f"{kind}-{page_name.strip('/').replace('/', '-')}-{width}-{scheme}")


def test_panels_in_a_collection_do_not_send_its_items(page: Page) -> None:
    collect(page, 0, 1, name="To read")
    open_collection(page, "To read")
    expect(titles(page)).to_have_count(2)
    with page.expect_request("**/cite/**") as request:
        button_of(card(page, 0), "cite").click()
    assert urlsplit(request.value.url).query == ""
    assert request.value.method == "GET"
    expect(card(page, 0).get_by_text("@misc")).to_be_visible()
