"""axe-core finds no violation on any page, in both themes, on desktop and phone; landmarks and languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from coolpapers.people.models import Item
from tests.browser.items import put_item
from tests.browser.libraries import fill_library, index_in
from tests.browser.waiting import wait_until_ready
from tests.coolpapers.papers.library import TUESDAY, make_paper, make_venue_paper
from tests.house.source import ROOT

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/",
    "/arxiv/",
    "/venue/",
    "/arxiv/cs.CL",
    "/arxiv/cs.CL?date=2019",
    "/arxiv/cs.CL?date=2026-03-02",
    "/arxiv/cs.CL?date=2026-03-05",
    "/arxiv/cs.CL?sort=preference",
    "/venue/ICLR",
    "/arxiv/2603.00001",
    "/arxiv/2603.00001,2603.00002",
    "/search",
    "/search?q=graph&explain=1",
    "/search?q=graph&category=cs.CL&category=-cs.CV&year=2020..&has=-code",
    "/search/facets/category?q=graph",
    "/arxiv/?edit=1&cat=cs.CL&not=cs.LG",
    "/help/",
    "/help/query-language",
    "/api/v1/",
    "/author/Author%207",
    "/me/collect/2603.00001",
    "/search?q=nothingofthekind",
    "/search?q=is:starred",
    "/cite/2603.00001",
    "/summary/2603.00001",
    "/related/2603.00001",
    "/no/such/page",
    "/arxiv/2699.99999",
    "/me/",
    "/me/collections",
    "/me/keywords",
    "/me/searches",
    "/me/words",
    "/account/sign-in",
    "/account/sign-up",
    "/account/signed-out",
    "/shared/nothing",
]
SIGNED_IN = [
    "/account/",
    "/account/password",
    "/account/delete",
    "/me/",
    "/me/collections",
    "/me/keywords",
    "/me/searches",
    "/me/collections/c1",
]
# Personal pages and the number of their cards.
PERSONAL = {
    "/": 8,
    "/me/": 1,
    "/me/?shelf=unread": 0,
    "/me/?shelf=notes": 1,
    "/me/?shelf=hidden": 1,
    "/me/collections": 0,
    "/me/collections/c1": 1,
    "/me/keywords": 0,
    "/me/searches": 0,
    "/me/words": 0,
}
KEPT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("star", "arxiv:2603.00001", {}),
    ("read", "arxiv:2603.00001", {}),
    ("note", "arxiv:2603.00002", {"text": "ask Ada"}),
    ("hide", "arxiv:2603.00002", {}),
    ("collection", "c1", {"name": "To present", "note": "In March"}),
    ("member", "c1/arxiv:2603.00001", {"position": 1, "note": "first"}),
    ("keyword", "parsing", {"weight": 2}),
    ("search", "s1", {"name": "Graphs", "query": "graph", "mail": False}),
    ("pin", "cs.CL", {}),
)
# Off by default in axe: targets of 24 px, or with as much room around them (WCAG 2.5.8).
AXE = {"rules": {"target-size": {"enabled": True}}}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    settings.ACCOUNTS = "open"
    fill_library(6)
    make_paper(
        arxiv_id="2603.00001",
        day=TUESDAY,
        title="Graphs with $n^2$ paths",
        authors=[f"Author {number}" for number in range(41)],
        abstract=r"We count paths: $\sum_i a_i^2$ of them. They are many. A sketch of them is small.",
        categories=["cs.CL", "cs.LG"],
        withdrawn=True,
        comment="12 pages",
        doi="10.1000/182",
    )
    make_paper(arxiv_id="2603.00002", day=TUESDAY, title="图神经网络 and graphs", abstract="我们研究图。")
    make_venue_paper("a", track="Oral", title="Graph at a conference")
    index_in(settings, tmp_path)


def look(page: Page, address: str, n_cards: int = 0) -> list[str]:
    """The violations that axe finds once the page has its cards, as "rule: target"."""
    page.goto(address)
    expect(page.locator("html[data-features=started]")).to_be_attached()
    if n_cards:
        expect(page.locator(".card")).to_have_count(n_cards)
    wait_until_ready(page)
    return find_violations(page)


def find_violations(page: Page) -> list[str]:
    """What axe finds in the page as it is, as "address rule: target"."""
    violations = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{page.url} {violation['id']}: {node['target']}" for violation in violations for node in violation["nodes"]
    ]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: Any, size: Any) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    problems = [problem for address in PAGES for problem in look(page, address)]
    page.trouble.errors = [problem for problem in page.trouble.errors if "404" not in problem]  # type: ignore[attr-defined]
    assert problems == []


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_personal_pages_without_account(page: Page, scheme: Any, size: Any) -> None:
    page.goto("/account/sign-in")
    for item in KEPT:
        put_item(page, *item)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    assert [problem for address, n_cards in PERSONAL.items() for problem in look(page, address, n_cards)] == []


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_an_account(
    page: Page, live_server: LiveServer, scheme: Any, size: Any
) -> None:
    page.set_viewport_size(size)
    user = User.objects.create_user("ada", "ada@example.org", "correct horse battery")
    for kind, key, value in KEPT:
        Item.objects.create(user=user, kind=kind, key=key, value=value, changed=1, revision=1)
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.emulate_media(color_scheme=scheme)
    problems = [problem for address in SIGNED_IN for problem in look(page, address)]
    assert problems == []


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_opened_panels(page: Page, scheme: Any) -> None:
    """Panels of a card, help on keys, filter, selection, in Chinese."""
    page.emulate_media(color_scheme=scheme)
    look(page, "/arxiv/cs.CL?date=2026-03-02")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html[lang=zh-hans][data-features=started]")).to_be_attached(timeout=20_000)
    for key in ("j", "i", "c", "r", "s", "n", "Escape"):
        page.keyboard.press(key)
    expect(page.locator(".card .related").first).to_be_visible()
    page.locator(".filter summary").click()
    page.locator("[data-filter] [name=with]").fill("graph")
    page.locator(".select-box").first.check()
    expect(page.locator("details.filter output")).not_to_have_text("")
    wait_until_ready(page)
    violations = Axe().run(page, options=AXE).response["violations"]
    page.locator("[data-open-keys]").click()
    violations += Axe().run(page, options=AXE).response["violations"]
    assert [f"{violation['id']}: {node['target']}" for violation in violations for node in violation["nodes"]] == []


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("density", ["list", "compact", "full"])
@pytest.mark.parametrize("address", ["/search?q=graph", "/arxiv/cs.CL?from=2019-01-01"], ids=["search", "list"])
def test_axe_finds_nothing_under_an_open_menu(page: Page, address: str, density: str, size: Any) -> None:
    """A menu covers half of some targets; they take no presses while it is open."""
    page.set_viewport_size(size)
    problems = look(page, f"{address}&density={density}")
    page.keyboard.press("j")
    page.keyboard.press("m")
    expect(page.locator(".menu.is-open")).to_be_visible()
    problems += find_violations(page)
    page.keyboard.press("Escape")
    for summary in page.locator(".pick:not(.filter) > summary").all():
        if summary.is_visible():
            summary.click()
            expect(page.locator(".card").last).to_have_js_property("inert", True)
            problems += find_violations(page)
            summary.click()
            expect(page.locator("[inert]")).to_have_count(0)
    assert problems == []


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_under_the_menu_of_the_search_box(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    problems = []
    for address in ("/", "/arxiv/", "/venue/", "/venue/ICLR", "/author/Author%207", "/arxiv/2603.00001", "/me/"):
        problems += look(page, address)
        summary = page.locator(".pick.ask > summary").first
        summary.click()
        expect(page.locator(".pick.ask[open]")).to_be_visible()
        problems += find_violations(page)
    assert problems == []


@pytest.mark.usefixtures("library")
def test_axe_finds_nothing_in_the_panels_of_a_papers_page(page: Page) -> None:
    problems = look(page, "/arxiv/2603.00001")
    for part in ("summary", "related", "cite"):
        page.locator(f".detail [data-action={part}]").click()
        expect(page.locator(f".panel[data-kind={part}]")).to_be_visible()
        wait_until_ready(page)
        problems += [f"{part} {one['id']}" for one in Axe().run(page, options=AXE).response["violations"]]
    assert problems == []


def test_axe_finds_nothing_without_an_index_or_on_an_error(page: Page, settings: Any, tmp_path: Path) -> None:
    backend = {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": {"path": tmp_path / "none"}}
    settings.SEARCH_BACKENDS, settings.SEARCH_BACKEND = {"tantivy": backend}, "tantivy"
    problems = look(page, "/search?q=graph")
    expect(page.get_by_role("heading", name="Search is unavailable")).to_be_visible()
    page.trouble.errors = [problem for problem in page.trouble.errors if "503" not in problem]  # type: ignore[attr-defined]
    page.goto("/search")
    page.set_content((ROOT / "templates/500.html").read_text(encoding="utf-8"))
    problems += [problem["id"] for problem in Axe().run(page, options=AXE).response["violations"]]
    assert problems == []


@pytest.mark.usefixtures("library")
def test_the_language_is_the_browsers_or_the_readers_choice_without_scripts(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/arxiv/cs.CL?date=2026-03-02")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    expect(page.get_by_role("link", name="跳到正文")).to_be_attached()
    expect(page.locator(".toolbar strong time")).to_have_text("2026年3月2日")
    page.get_by_role("button", name="English").click()
    assert page.url.endswith("/arxiv/cs.CL?date=2026-03-02")
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/venue/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert [cookie["name"] for cookie in context.cookies()] == ["django_language"]
    context.close()


@pytest.mark.usefixtures("library")
def test_no_page_scrolls_sideways_on_a_small_phone(page: Page) -> None:
    """Each kind of page, as it loads and with all that folds open; lists in each density."""
    page.goto("/account/sign-in")
    for item in KEPT:
        put_item(page, *item)
    page.set_viewport_size({"width": 320, "height": 640})
    lists = [address for address in PAGES if address.startswith(("/arxiv/cs.CL", "/search?", "/venue/I", "/author"))]
    in_densities = [f"{path}{'&' if '?' in path else '?'}density={name}" for path in lists for name in ("list", "full")]
    wide = []
    for address in (*PAGES, *in_densities, *PERSONAL):
        page.goto(address)
        wait_until_ready(page)
        if address == "/":
            expect(page.get_by_text("Pinned categories")).to_be_visible()
            expect(page.locator("#mine")).to_contain_text("new")
        widths = [page.evaluate("document.documentElement.scrollWidth")]
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open ||= !one.name; })")
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
        wide += [f"{address}: {widths}"] if max(widths) > 320 else []
    page.trouble.errors = [problem for problem in page.trouble.errors if "404" not in problem]  # type: ignore[attr-defined]
    assert wide == []
