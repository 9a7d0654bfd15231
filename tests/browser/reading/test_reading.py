"""Summary, citation, copy and PDF inside a card, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from coolpapers.papers.files.files import hash_file, keep_pdf
from coolpapers.papers.files.pdftext import read_pdf
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries import progress
from tests.browser.waiting import wait_for, wait_until
from tests.coolpapers.reading.made import make_finished, make_paper, make_summary
from tests.pdf_files import make_paper_pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture(autouse=True)
def _no_stream_left(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Streams notice a closed page by writing to it; they must be over before the database goes."""
    monkeypatch.setattr(progress, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(progress, "KEEPALIVE_S", 0.1)
    yield
    wait_until(lambda: not progress.streams.n_open, message="a stream outlived its page")


def make_own_paper(tmp_path: Path, number: int, *, n_pages: int = 12) -> Paper:
    """An arXiv paper with a PDF of the reader's own."""
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
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".summary")).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")
    assert page.url.endswith(other.arxiv_id)


def test_the_built_in_digest_appears_with_one_press(page: Page) -> None:
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


def test_a_summary_asked_for_and_closed_costs_the_page_nothing(page: Page) -> None:
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
    page.locator("[data-action=cite]").first.click()
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
    button = page.locator("[data-action=copy]").first
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    assert page.evaluate("String(getSelection())") == selected != ""
    expect(button).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{paper.title}\nAda Lovelace\nhttps://arxiv.org/abs/{paper.arxiv_id}\n")
    assert "We prove $O(n)$ bounds." in copied
    expect(button).to_have_text("Copy abstract")


def test_a_pdf_opens_in_its_card_and_can_be_paged_and_enlarged(page: Page, tmp_path: Path) -> None:
    open_cards(page, make_own_paper(tmp_path, 1), make_paper())
    page.locator("[data-action=pdf]").first.click()
    viewer = page.frame_locator(".pdf-frame iframe")
    expect(viewer.locator(".viewer-count")).to_have_text("/ 12")
    expect(viewer.locator(".viewer-sheet[data-page='1'] .textLayer")).to_contain_text("Shapes of Small Things")
    assert viewer.locator("canvas").count() <= 4
    width = viewer.locator("canvas").first.evaluate("canvas => canvas.clientWidth")
    viewer.locator("[data-zoom=in]").click()
    expect(viewer.locator("canvas").first).to_be_visible()
    assert viewer.locator("canvas").first.evaluate("canvas => canvas.clientWidth") > width
    viewer.locator(".viewer-page").fill("12")
    viewer.locator(".viewer-page").press("Enter")
    expect(viewer.locator(".viewer-sheet[data-page='12'] .textLayer")).to_contain_text("Page 11 line 3")


def memory_of(page: Page, session: CDPSession) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


def test_thirty_open_pdfs_cost_the_memory_of_one(
    page: Page, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    # Regression 19: opening 30 PDFs in one list keeps memory flat.
    papers = [make_own_paper(tmp_path, number) for number in range(30)]
    open_cards(page, *papers)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    used: list[dict[str, float]] = []
    for number, button in enumerate(page.locator("[data-action=pdf]").all(), start=1):
        button.click()
        box = page.locator(f"#pdf-{papers[number - 1].pk} .pdf-frame")
        box.scroll_into_view_if_needed()
        expect(box.frame_locator("iframe").locator("canvas").first).to_be_visible()
        assert page.locator("iframe").count() == 1
        if number in (3, 30):
            used.append(memory_of(page, session))
    assert page.locator(".pdf-frame").count() == 30
    early, late = used
    for name in ("JSHeapUsedSize", "Documents", "Frames", "Nodes"):  # published in bench/figures.toml
        record_property(name, f"{early[name]:.0f} {late[name]:.0f}")
    assert late["Frames"] <= early["Frames"]
    assert late["Documents"] <= early["Documents"] + 2
    # 27 more boxes and their panels in the page itself, but not 27 more viewers of some 5 MB each.
    assert late["JSHeapUsedSize"] < early["JSHeapUsedSize"] * 1.5


def test_a_pdf_scrolled_away_and_back_is_at_the_same_page(page: Page, tmp_path: Path) -> None:
    first, second = make_own_paper(tmp_path, 1), make_own_paper(tmp_path, 2)
    open_cards(page, first, second)
    for paper in (first, second):
        page.locator(f"[aria-controls=pdf-{paper.pk}]").click()
    box = page.locator(f"#pdf-{first.pk} .pdf-frame")
    box.scroll_into_view_if_needed()
    viewer = box.frame_locator("iframe")
    expect(viewer.locator(".viewer-count")).to_have_text("/ 12")
    viewer.locator(".viewer-page").fill("7")
    viewer.locator(".viewer-page").press("Enter")
    expect(box).to_have_attribute("data-page", "7")
    page.locator(f"#pdf-{second.pk} .pdf-frame").scroll_into_view_if_needed()
    page.mouse.wheel(0, 5000)
    expect(box.locator("iframe")).to_have_count(0)
    box.scroll_into_view_if_needed()
    expect(box.frame_locator("iframe").locator(".viewer-sheet[data-page='7'] canvas")).to_be_visible()


def test_a_pdf_that_cannot_be_had_says_why(page: Page, settings: Settings) -> None:
    settings.FETCH_PDFS = True
    # A public-looking record whose address is this machine's: the guard refuses it.
    paper = make_paper(pdf_url="http://127.0.0.1/secret.pdf")
    open_cards(page, paper, make_paper())
    page.locator("[data-action=pdf]").first.click()
    viewer = page.frame_locator(".pdf-frame iframe")
    expect(viewer.locator("[role=alert]")).to_contain_text("an address that is not public")
    # The browser itself notes the 502 that the message is about.
    trouble: Any = page.trouble  # type: ignore[attr-defined]
    trouble.errors[:] = [error for error in trouble.errors if "502" not in error]


def test_a_panel_that_cannot_be_loaded_says_so(page: Page) -> None:
    paper = make_paper()
    open_cards(page, paper, make_paper())
    page.route(re.compile(r"/cite/"), lambda route: route.abort())
    page.locator("[data-action=cite]").first.click()
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
