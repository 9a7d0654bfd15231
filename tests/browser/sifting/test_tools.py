"""Filtering and selecting cards of a page, in a real Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.libraries import fill_library, index_in
from tests.browser.site.test_keys import LIST, open_list
from tests.browser.waiting import wait_for, wait_for_frames

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def library(settings: Any, tmp_path: Path) -> None:
    fill_library(30, 1)
    index_in(settings, tmp_path)


def open_filter(page: Page, address: str = LIST) -> None:
    open_list(page, address)
    if not page.locator("details.filter[open]").count():
        page.get_by_text("Filter this page").click()


def shown(page: Page) -> list[str]:
    return [title.strip() for title in page.locator(".cards > .card:visible .card-title").all_inner_texts()]


@pytest.mark.usefixtures("library")
def test_words_filter_by_all_any_and_none_and_are_highlighted(page: Page) -> None:
    open_filter(page)
    page.get_by_label("with", exact=True).fill("number3 SKETCH")
    assert shown(page) == ["Graph 003"]
    expect(page.locator("details.filter output")).to_have_text("1 of 25 shown")
    words = page.evaluate(
        "[...CSS.highlights.get('filter')].map(one => one.startContainer.data.slice(one.startOffset, one.endOffset))"
    )
    assert set(words) == {"number3", "sketch"}
    page.get_by_label("with", exact=True).fill("number3 number4")
    assert shown(page) == []
    page.get_by_label("Number of words that must match").select_option("1")
    assert shown(page) == ["Graph 003", "Graph 004"]
    page.get_by_label("without", exact=True).fill('"graph 004"')
    assert shown(page) == ["Graph 003"]
    page.get_by_label("show only matching papers").uncheck()
    assert len(shown(page)) == 24
    page.get_by_label("with", exact=True).fill("")
    page.get_by_label("without", exact=True).fill("")
    expect(page.locator("details.filter output")).to_have_text("")
    assert len(shown(page)) == 25
    assert "#" not in page.url


@pytest.mark.usefixtures("library")
def test_a_filtered_list_loads_more_on_request_and_its_link_has_the_filter(page: Page) -> None:
    open_filter(page)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url) if "skip=" in request.url else None)
    page.get_by_label("with", exact=True).fill("number27")
    assert shown(page) == []
    wait_for_frames(page)  # the link to more cards is in view now, and its observer has said so
    assert requested == []
    assert page.locator(".cards > .card").count() == 25
    page.get_by_role("link", name="Next").click()
    wait_for(page, "document.querySelectorAll('.cards > .card').length === 30")
    expect(page.locator("details.filter output")).to_have_text("1 of 30 shown")
    assert shown(page) == ["Graph 027"]
    page.get_by_role("button", name="Copy page link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url
    page.goto("/")
    open_filter(page, address.replace("number27", "number7"))
    wait_for(page, "document.querySelector('details.filter output').textContent !== ''")
    assert shown(page) == ["Graph 007"]


def select_box(page: Page, number: int) -> Locator:
    return page.get_by_role("checkbox", name=f"Select Graph {number:03}")


@pytest.mark.usefixtures("library")
def test_selected_cards_are_cited_opened_and_copied_together(page: Page) -> None:
    open_list(page)
    bar = page.get_by_role("region", name="Selected papers")
    expect(bar).to_be_hidden()
    select_box(page, 2).check()
    select_box(page, 5).click(modifiers=["Shift"])
    expect(bar.locator("output")).to_have_text("4 selected")
    select_box(page, 3).uncheck()
    names = [
        page.locator(".card").nth(number).locator(".card-title a").evaluate("link => link.pathname").split("/")[-1]
        for number in (2, 4, 5)
    ]
    assert unquote(bar.get_by_role("link", name="Cite").get_attribute("href") or "") == "/cite/" + ",".join(names)
    for name, form in (("BibTeX", "bibtex"), ("RIS", "ris"), ("CSL-JSON", "csl")):
        address = bar.get_by_role("link", name=name).get_attribute("href") or ""
        text = page.request.get(address).text()
        assert address.endswith(f"?format={form}&download=1")
        assert text.count("Graph 00") >= 3
        if form == "csl":
            assert len(json.loads(text)) == 3
    bar.get_by_role("button", name="Copy ids").click()
    expect(bar.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == ", ".join(names)
    bar.get_by_role("link", name="Open on one page").click()
    page.wait_for_url("**/arxiv/2603.*,2603.*")
    assert shown(page) == ["Graph 002", "Graph 004", "Graph 005"]


@pytest.mark.usefixtures("library")
def test_selected_cards_are_starred_hidden_and_collected_together(page: Page) -> None:
    open_list(page)
    bar = page.get_by_role("region", name="Selected papers")
    select_box(page, 0).check()
    bar.get_by_role("button", name="Select all").click()
    expect(bar.locator("output")).to_have_text("25 selected")
    bar.get_by_role("button", name="Clear selection").click()
    expect(bar).to_be_hidden()
    select_box(page, 1).check()
    select_box(page, 2).check()
    bar.get_by_role("button", name="Star", exact=True).click()
    expect(page.locator("[data-action=star][aria-pressed=true]")).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept("To present"))
    bar.get_by_label("Add to a collection").focus()
    bar.get_by_label("Add to a collection").select_option(label="a new collection")
    expect(bar.locator("output")).to_have_text("To present ✓")
    members = page.evaluate("import('/static/js/people/store.js').then(store => store.all('member'))")
    collections = page.evaluate("import('/static/js/people/store.js').then(store => store.all('collection'))")
    assert [item["value"]["name"] for item in collections] == ["To present"]
    keys = page.locator(".card").evaluate_all("cards => cards.slice(1, 3).map(card => card.dataset.key)")
    assert [item["key"] for item in members] == [f"{collections[0]['key']}/{key}" for key in keys]
    bar.get_by_role("button", name="Not interested").click()
    expect(page.locator(".card.is-hidden")).to_have_count(2)
