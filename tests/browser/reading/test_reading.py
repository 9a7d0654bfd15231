"""Summary, citation, copy and PDF inside a card, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from coolpapers.papers.files.files import hash_file, keep_pdf
from coolpapers.papers.files.pdftext import read_pdf
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries import progress
from tests.browser.menus import button_of
from tests.browser.waiting import wait_for, wait_until
from tests.coolpapers.reading.made import make_finished, make_paper, make_summary
from tests.pdf_files import make_paper_pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture(autouse=True)
def _no_stream_left(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait for streams, which notice a closed page only when they write, before the database is emptied."""
    monkeypatch.setattr(progress, "POLL_EVERY_S", 0.1)
    monkeypatch.setattr(progress, "KEEPALIVE_S", 0.1)
    yield
    wait_until(lambda: not progress.streams.n_open, message="a stream outlived its page")


def make_own_paper(tmp_path: Path, number: int, *, n_pages: int = 12) -> Paper:
    """An arXiv paper with an imported PDF."""
    path = tmp_path / f"{number}.pdf"
    path.write_bytes(make_paper_pdf((f"Paper Number {number} About", "the Shapes of Small Things"), n_pages=n_pages))
    ident = hash_file(path)
    keep_pdf(path, ident, read_pdf(path))
    paper = make_paper()
    PaperSource.objects.create(paper=paper, source="file", ident=ident, key=f"file:{ident}")
    return paper


def open_cards(page: Page, *papers: Paper) -> None:
    page.goto("/arxiv/" + ",".join(paper.arxiv_id for paper in papers))
    expect(page.locator("[data-panel][role=button]").first).to_be_visible()


def test_a_summary_opens_in_its_card_with_its_formulas_and_closes_again(page: Page) -> None:
    paper, other = make_finished(markdown="### Why?\n\nBecause $x^2 < y$.\n").paper, make_paper()
    open_cards(page, paper, other)
    button = page.locator("[data-action=summary]").first
    button.focus()
    page.keyboard.press("Space")
    panel = page.locator(f"#summary-{paper.pk}")
    expect(panel.locator("mjx-container")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("heading", name="Summary", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel.locator(".summary")).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".summary")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(panel.locator(".summary")).to_have_count(0)
    expect(button).to_be_focused()
    assert page.url.endswith(other.arxiv_id)


def test_the_extractive_digest_appears_with_one_press(page: Page) -> None:
    paper = make_paper()
    open_cards(page, paper, make_paper())
    page.locator("[data-action=summary]").first.click()
    expect(page.locator(f"#summary-{paper.pk}")).to_contain_text("no language model was used.")
    assert Summary.objects.get().status == "done"


def test_a_growing_summary_replaces_only_what_changed_and_becomes_the_finished_one(page: Page) -> None:
    summary = make_summary(status="running", claim="w", partial="### One\n\nFirst with $a^2$.\n\nSecond beg")
    open_cards(page, summary.paper, make_paper())
    page.locator("[data-action=summary]").first.click()
    growing = page.locator("[data-growing]")
    expect(growing).to_contain_text("Second beg")
    expect(growing.locator("mjx-container")).to_have_count(1)
    wait_for(page, "document.querySelector('[data-growing]').blockSources?.length === 3")  # the stream is on
    growing.locator("p").first.evaluate("block => { block.kept = true; }")
    Summary.objects.update(
        partial="### One\n\nFirst with $a^2$.\n\nSecond begins with $b$.\n\nThird", n_done=1, n_total=2
    )
    expect(growing).to_contain_text("Third")
    expect(growing.locator("mjx-container")).to_have_count(2)
    assert growing.locator("p").first.evaluate("block => block.kept === true")
    expect(page.locator(".summary-state")).to_have_text("Being written: question 2 of 2 …")
    Summary.objects.update(status="done", markdown="### One\n\nAll of it.\n", source="imported", partial="")
    expect(page.locator(".summary")).to_contain_text("All of it.")
    expect(growing).to_have_count(0)


def test_a_requested_and_closed_summary_does_not_affect_the_page(page: Page) -> None:
    summary = make_summary(status="running", claim="w", partial="Beginning")
    open_cards(page, summary.paper, make_paper())
    button = page.locator("[data-action=summary]").first
    button.click()
    expect(page.locator("[data-growing]")).to_contain_text("Beginning")
    button.click()
    Summary.objects.update(partial="Beginning and more")
    expect(page.locator(".summary")).to_have_count(0)


def test_the_citation_opens_and_is_copied(page: Page) -> None:
    paper = make_paper()
    open_cards(page, paper, make_paper())
    button_of(page.locator(".card").first, "cite").click()
    panel = page.locator(f"#cite-{paper.pk}")
    expect(panel.locator("pre").first).to_contain_text("@misc{lovelace")
    panel.locator("summary", has_text="RIS").click()
    expect(panel.locator("details[open]")).to_have_count(1)
    panel.locator("details[open] button").click()
    expect(panel.locator("details[open] button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("TY  - UNPB")


@pytest.mark.parametrize("secure", [True, False], ids=["https", "plain http"])
def test_copy_keeps_the_readers_selection(page: Page, secure: bool) -> None:
    # Regression 21.
    if not secure:
        page.add_init_script("delete window.ClipboardItem")
    paper = make_paper(abstract="We prove $O(n)$ bounds.")
    open_cards(page, paper, make_paper())
    page.evaluate("getSelection().selectAllChildren(document.querySelectorAll('.card-title')[1])")
    selected = page.evaluate("String(getSelection())")
    button = button_of(page.locator(".card").first, "copy")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("String(getSelection())") == selected != ""
    expect(page.locator(".card").first.locator("[data-open-menu]")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{paper.title}\nAda Lovelace\nhttps://arxiv.org/abs/{paper.arxiv_id}\n")
    assert "We prove $O(n)$ bounds." in copied


def test_a_panel_that_cannot_be_loaded_shows_an_error(page: Page) -> None:
    paper = make_paper()
    open_cards(page, paper, make_paper())
    page.route(re.compile(r"/cite/"), lambda route: route.abort())
    button_of(page.locator(".card").first, "cite").click()
    expect(page.locator(f"#cite-{paper.pk} [role=alert]")).to_have_text("Loading failed. Try again.")
    trouble: Any = page.trouble  # type: ignore[attr-defined]
    trouble.errors[:] = [error for error in trouble.errors if "ERR_FAILED" not in error and "htmx:" not in error]


def test_without_javascript_every_button_leads_to_a_page(browser: Browser, live_server: LiveServer) -> None:
    paper = make_finished(markdown="### Why?\n\nBecause.\n").paper
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    plain = context.new_page()
    for action, text in (("summary", "Because."), ("cite", "@misc{lovelace"), ("copy", paper.title)):
        plain.goto(f"/arxiv/{paper.arxiv_id}")
        plain.locator(f"[data-action={action}]").click()
        expect(plain.locator("body")).to_contain_text(text)
    context.close()
