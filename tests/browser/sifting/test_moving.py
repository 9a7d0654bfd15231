"""Items of a paper in a browser move to the paper's new key."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from coolpapers.papers.models import PaperSource
from tests.browser.items import key, put_item, stored_items
from tests.browser.libraries import fill_library
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import make_paper

GONE = """async () => {
  const { states } = await import("/static/js/people/store.js");
  return !Object.keys((await states(["star", "note"], ["acl:a.1"]))["acl:a.1"]).length;
}"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_stars_and_notes_move_to_the_new_key_on_the_personal_page(page: Page) -> None:
    fill_library(2)
    paper = make_paper(arxiv_id="2604.00001", title="Moved")
    PaperSource.objects.create(paper=paper, source="acl", ident="a.1", key="acl:a.1")
    page.goto("/me/")
    expect(page.locator("html[data-features=started]")).to_be_attached()  # it moves nothing while it is being written
    for kind, name, value in (
        ("star", "acl:a.1", {}),
        ("note", "acl:a.1", {"text": "old words"}),
        ("note", paper.key, {"text": "new words"}),
        ("star", key(1), {}),
    ):
        put_item(page, kind, name, value)
    page.goto("/me/?shelf=starred")
    star = page.locator(f".card[data-key='{paper.key}'] [data-action=star]")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-count=starred]")).to_have_text("2")
    wait_for(page, GONE)
    items = {(item["kind"], item["key"]): item["value"] for item in stored_items(page) if not item["deleted"]}
    assert items[("note", paper.key)] == {"text": "new words\n\nold words"}
    assert not [name for _kind, name in items if name == "acl:a.1"]
