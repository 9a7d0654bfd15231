"""The PDF viewer in a card and in a tab of its own, in a real Chromium."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import CDPSession, Page, expect
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Fit
from pytest_django import Settings

from coolpapers.base.throttling import Rate
from coolpapers.papers.files.files import hash_file, keep_pdf
from coolpapers.papers.files.pdftext import PdfText, read_pdf
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.reading import tasks
from coolpapers.reading.pdfs import requests
from coolpapers.reading.pdfs.fetching import PdfFetcher
from tests.browser.waiting import wait_for, wait_for_frames
from tests.coolpapers.reading.made import make_paper
from tests.local_servers import serve
from tests.pdf_files import make_paper_pdf, make_pdf

SCREENS = Path(__file__).parents[3] / "build" / "screens"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def keep(tmp_path: Path, content: bytes, *, text: PdfText | None = None) -> Paper:
    """An arXiv paper with an imported PDF."""
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    ident = hash_file(path)
    keep_pdf(path, ident, text or read_pdf(path))
    paper = make_paper()
    PaperSource.objects.create(paper=paper, source="file", ident=ident, key=f"file:{ident}")
    return paper


def make_own_paper(tmp_path: Path, number: int, *, n_pages: int = 12) -> Paper:
    title = (f"Paper Number {number} About", "the Shapes of Small Things")
    return keep(tmp_path, make_paper_pdf(title, n_pages=n_pages))


def read_pdf_of(content: bytes) -> PdfText:
    """The text of an intact file, recorded for a file that cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.pdf"
        path.write_bytes(content)
        return read_pdf(path)


def open_cards(page: Page, *papers: Paper) -> None:
    page.goto("/arxiv/" + ",".join(paper.arxiv_id for paper in papers))
    expect(page.locator("[data-panel][role=button]").first).to_be_visible()


def open_viewer(page: Page, paper: Paper, fragment: str = "") -> None:
    page.goto(f"/pdf/{paper.arxiv_id}{fragment}")


def test_a_pdf_opens_in_its_card_and_can_be_paged_and_enlarged(page: Page, tmp_path: Path) -> None:
    open_cards(page, make_own_paper(tmp_path, 1), make_paper())
    page.locator("[data-action=pdf]").first.click()
    viewer = page.frame_locator(".pdf-frame iframe")
    expect(viewer.locator(".viewer-count")).to_have_text("/ 12")
    expect(viewer.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes of Small Things")
    assert viewer.locator("canvas").count() <= 4
    width = viewer.locator("canvas").first.evaluate("canvas => canvas.clientWidth")
    viewer.locator("[data-viewer=larger]").click()
    expect(viewer.locator("canvas").first).to_be_visible()
    assert viewer.locator("canvas").first.evaluate("canvas => canvas.clientWidth") > width
    viewer.locator(".viewer-page").fill("12")
    viewer.locator(".viewer-page").press("Enter")
    expect(viewer.locator(".page[data-page-number='12'] .textLayer")).to_contain_text("Page 11 line 3")


def memory_of(page: Page, session: CDPSession) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


def test_thirty_open_pdfs_use_the_memory_of_one(
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
        page.locator(f"#paper-{paper.pk} [data-action=pdf]").click()
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
    expect(box.frame_locator("iframe").locator(".page[data-page-number='7'] canvas")).to_be_visible()


def test_a_pdf_that_cannot_be_fetched_shows_the_reason(page: Page, settings: Settings) -> None:
    settings.FETCH_PDFS = True
    settings.FETCH_PDFS_HOSTS = ["127.0.0.1"]
    # A record with a local address: the guard refuses it.
    paper = make_paper(pdf_url="http://127.0.0.1/secret.pdf")
    open_cards(page, paper, make_paper())
    page.locator("[data-action=pdf]").first.click()
    viewer = page.frame_locator(".pdf-frame iframe")
    expect(viewer.locator("#viewer-failed")).to_contain_text("its address is not public")
    # The browser itself logs the expected 502.
    trouble: Any = page.trouble  # type: ignore[attr-defined]
    trouble.errors[:] = [error for error in trouble.errors if "502" not in error]


def with_outline_and_links(content: bytes) -> bytes:
    """The document with an outline of two levels, an internal link and an external one."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    chapter = writer.add_outline_item(title="Shapes", page_number=2)
    writer.add_outline_item(title="Small shapes", page_number=6, parent=chapter)
    writer.add_annotation(0, Link(rect=(70, 470, 300, 500), target_page_index=4, fit=Fit.fit()))
    writer.add_annotation(0, Link(rect=(70, 600, 300, 640), url="https://example.org/paper"))
    writer.add_outline_item(title="Shapes again", page_number=6, fit=Fit.xyz(top=700))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_words_are_found_counted_and_all_marked(page: Page, tmp_path: Path) -> None:
    open_viewer(page, make_own_paper(tmp_path, 1))
    expect(page.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes")
    page.keyboard.press("Control+f")
    field = page.locator("#viewer-find input[type=search]")
    expect(field).to_be_focused()
    field.fill("line 3 goes")
    expect(page.locator("#viewer-find output")).to_have_text("1 / 11")
    expect(page.locator(".page[data-page-number='2'] .highlight.selected")).to_have_count(1)
    field.press("Enter")
    expect(page.locator("#viewer-find output")).to_have_text("2 / 11")
    field.press("Shift+Enter")
    expect(page.locator("#viewer-find output")).to_have_text("1 / 11")
    field.fill("goes on")
    expect(page.locator("#viewer-find output")).to_contain_text("/ 440")
    assert page.locator(".page[data-page-number='2'] .highlight").count() == 40
    page.get_by_label("Highlight all").uncheck()
    expect(page.locator(".highlight:not(.selected)")).to_have_count(0)
    field.fill("no such words")
    expect(page.locator("#viewer-find output")).to_have_text("Not found")
    field.press("Escape")
    expect(page.locator("#viewer-find")).to_be_hidden()


def test_control_f_inside_the_frame_of_a_card_opens_its_find_bar(page: Page, tmp_path: Path) -> None:
    open_cards(page, make_own_paper(tmp_path, 1), make_paper())
    page.locator("[data-action=pdf]").first.click()
    viewer = page.frame_locator(".pdf-frame iframe")
    expect(viewer.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes")
    viewer.locator("#viewer-container").press("Control+f")
    field = viewer.locator("#viewer-find input[type=search]")
    expect(field).to_be_focused()
    field.fill("Small Things")
    expect(viewer.locator("#viewer-find output")).to_have_text("1 / 2")


def test_a_document_from_right_to_left_is_read_and_found(page: Page, tmp_path: Path) -> None:
    page.set_content("<html lang='he' dir='rtl'><body><h1>שלום עולם</h1><p>טענה ראשונה</p></body></html>")
    paper = keep(tmp_path, page.pdf(), text=read_pdf_of(make_paper_pdf()))
    open_viewer(page, paper)
    text = page.locator(".page[data-page-number='1'] .textLayer")
    # Chromium may print the words of a line as separate texts, in the order from left to right.
    expect(text).to_contain_text("שלום")
    expect(text).to_contain_text("עולם")
    expect(text.locator("span[dir=rtl]").first).to_be_attached()
    page.keyboard.press("Control+f")
    page.locator("#viewer-find input[type=search]").fill("טענה")
    expect(page.locator("#viewer-find output")).to_have_text("1 / 1")
    expect(text.locator(".highlight.selected")).to_contain_text("טענה")
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / "pdf-right-to-left.png")


def test_an_address_names_a_page_and_a_phrase(page: Page, tmp_path: Path) -> None:
    open_viewer(page, make_own_paper(tmp_path, 1), "#page=7&search=Page+6+line+20+goes")
    expect(page.locator(".viewer-page")).to_have_value("7")
    expect(page.locator(".page[data-page-number='7'] .highlight.selected")).to_contain_text("Page 6 line 20 goes")
    expect(page.locator("#viewer-find output")).to_have_text("1 / 1")


def test_outline_thumbnails_and_links_lead_to_their_pages(page: Page, tmp_path: Path) -> None:
    open_viewer(page, keep(tmp_path, with_outline_and_links(make_paper_pdf(n_pages=12))))
    expect(page.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes")
    page.locator("[data-sidebar]").click()
    expect(page.locator(".viewer-thumbnail")).to_have_count(12)
    expect(page.locator(".viewer-thumbnail[data-page='1'] canvas")).to_be_visible()
    page.locator(".viewer-thumbnail[data-page='3']").click()
    expect(page.locator(".viewer-page")).to_have_value("3")
    page.get_by_role("button", name="Outline", exact=True).click()
    page.get_by_role("link", name="Small shapes").click()
    expect(page.locator(".viewer-page")).to_have_value("7")
    page.locator(".viewer-page").fill("1")
    page.locator(".viewer-page").press("Enter")
    outside = page.locator(".annotationLayer a[href^='https://example.org']")
    expect(outside).to_have_attribute("target", "_blank")
    assert "noopener" in (outside.get_attribute("rel") or "")
    page.locator(".annotationLayer a:not([href^='https'])").first.click()
    expect(page.locator(".viewer-page")).to_have_value("5")


def test_a_jump_leaves_the_focus_to_a_reader_who_types(page: Page, tmp_path: Path) -> None:
    # PDF.js focuses the page of a jump when its text is next drawn, however late: here after the width has changed.
    open_viewer(page, keep(tmp_path, with_outline_and_links(make_paper_pdf(n_pages=12))), "#page=7")
    text = page.locator(".page[data-page-number='7'] .textLayer")
    expect(text).to_contain_text("Page 6 line 3")
    page.locator("[data-sidebar]").click()
    page.get_by_role("button", name="Outline", exact=True).click()
    page.get_by_role("link", name="Shapes again").click()
    expect(page.locator(".viewer-page")).to_have_value("7")
    field = page.locator(".viewer-page")
    field.fill("2")
    width = text.evaluate("text => text.clientWidth")
    page.set_viewport_size({"width": 900, "height": 900})
    wait_for(page, "w => document.querySelector(\".page[data-page-number='7'] .textLayer\").clientWidth < w", width)
    wait_for(page, "!document.querySelector(\".page[data-page-number='7'] .textLayer\").hidden")
    expect(field).to_be_focused()
    expect(field).to_have_value("2")
    page.keyboard.press("Enter")
    expect(page.locator(".page[data-page-number='2'] .textLayer")).to_contain_text("Page 1 line 3")
    wait_for_frames(page)
    expect(field).to_have_value("2")


def test_pages_can_be_rotated(page: Page, tmp_path: Path) -> None:
    open_viewer(page, make_own_paper(tmp_path, 1))
    first = page.locator(".page[data-page-number='1']")
    expect(first.locator("canvas")).to_be_visible()
    assert first.evaluate("page => page.clientHeight > page.clientWidth")
    page.get_by_role("button", name="Rotate").click()
    expect(first.locator("canvas")).to_be_visible()
    assert first.evaluate("page => page.clientHeight < page.clientWidth")


def test_forty_pages_are_printed(page: Page, tmp_path: Path) -> None:
    page.add_init_script("window.print = () => document.body.setAttribute('data-printed', '')")
    open_viewer(page, make_own_paper(tmp_path, 1, n_pages=40))
    expect(page.locator(".viewer-count")).to_have_text("/ 40")
    page.keyboard.press("Control+p")
    expect(page.locator("body[data-printed]")).to_have_count(1, timeout=60_000)
    printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=False))
    try:
        assert len(printed) == 40
    finally:
        printed.close()


def test_a_document_of_1200_pages_shows_its_first_page_soon(page: Page, tmp_path: Path) -> None:
    paper = keep(tmp_path, make_paper_pdf(n_pages=1_200))
    began = time.monotonic()
    open_viewer(page, paper)
    expect(page.locator(".page[data-page-number='1'] canvas")).to_be_visible()
    print(f"first of 1,200 pages after {time.monotonic() - began:.2f} s")  # noqa: T201 - a figure, not a bar
    expect(page.locator(".viewer-count")).to_have_text("/ 1200")
    assert page.locator("canvas").count() <= 6


def test_a_protected_file_asks_for_its_password(page: Page, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(make_paper_pdf(n_pages=2))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    paper = keep(tmp_path, out.getvalue(), text=read_pdf_of(make_paper_pdf()))
    open_viewer(page, paper)
    field = page.locator("#viewer-password input")
    field.fill("wrong")
    field.press("Enter")
    expect(page.get_by_text("That password is wrong.")).to_be_visible()
    field.fill("secret")
    field.press("Enter")
    expect(page.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "The file is empty."), (b"%PDF-1.4 and then nothing of it", "The file is damaged or is no PDF.")],
    ids=["empty", "damaged"],
)
def test_a_file_that_is_none_says_what_it_is(page: Page, tmp_path: Path, content: bytes, message: str) -> None:
    paper = keep(tmp_path, content, text=read_pdf_of(make_paper_pdf()))
    open_viewer(page, paper)
    expect(page.locator("#viewer-failed")).to_contain_text(message)
    page.trouble.errors.clear()  # type: ignore[attr-defined] # the browser notes the failure that the message is about


def test_a_scan_without_text_shows_a_message(page: Page, tmp_path: Path) -> None:
    open_viewer(page, keep(tmp_path, make_pdf([[], []]), text=read_pdf_of(make_paper_pdf())))
    expect(page.locator("#viewer-scanned")).to_be_visible()
    open_viewer(page, make_own_paper(tmp_path, 1))
    expect(page.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("Shapes")
    expect(page.locator("#viewer-scanned")).to_be_hidden()


def test_the_toolbar_is_whole_on_a_phone(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    open_viewer(page, make_own_paper(tmp_path, 1))
    expect(page.locator(".page[data-page-number='1'] canvas")).to_be_visible()
    boxes = [button.bounding_box() for button in page.locator(".viewer-bar :is(button, a)").all()]
    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("#viewer-find input[type=search]")).to_be_focused()
    boxes = [part.bounding_box() for part in page.locator("#viewer-find :is(input, button, output)").all()]
    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / "pdf-phone.png")


def test_a_pdf_that_is_elsewhere_is_fetched_on_request_and_read_in_the_list(
    page: Page, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source is a server on this machine, so the check for public addresses is off."""
    content = make_paper_pdf(("A Fetched", "Paper"), n_pages=2)
    fetcher = PdfFetcher(max_bytes=1_000_000, hosts=["*"], is_allowed=lambda _: True, any_port=True)
    monkeypatch.setattr(tasks, "site_fetcher", lambda: fetcher)
    monkeypatch.setattr(requests, "HOST_RATE", Rate(0))
    settings.FETCH_PDFS_HOSTS = ["127.0.0.1", "localhost"]
    send = lambda exchange: exchange.answer(200, content, Content_Type="application/pdf")  # noqa: E731
    with serve(lambda exchange: exchange.answer(503), send) as source:
        open_cards(page, make_paper(pdf_url=f"{source.url}/a.pdf"), make_paper())
        address = page.url
        page.keyboard.press("j")
        page.keyboard.press("p")
        panel = page.locator(".panel .pdf")
        expect(panel).to_contain_text("This site has no copy of this PDF.")
        expect(panel.get_by_role("link", name="(new tab)")).to_have_attribute("target", "_blank")
        panel.get_by_role("button", name="Yes, fetch PDFs").click()
        expect(page.locator("[data-panel][role=button]").first).to_be_visible()
        assert page.url.partition("#")[0] == address
        page.keyboard.press("j")
        page.keyboard.press("p")
        panel.get_by_role("button", name="Get it").click()
        expect(panel).to_contain_text("answered with HTTP 503")
        panel.get_by_role("button", name="Try again").click()
        viewer = page.frame_locator(".pdf-frame iframe")
        expect(viewer.locator(".page[data-page-number='1'] .textLayer")).to_contain_text("A Fetched")
    assert page.url.partition("#")[0] == address
