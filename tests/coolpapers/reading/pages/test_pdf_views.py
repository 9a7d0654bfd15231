from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from coolpapers.base.throttling import Rate
from coolpapers.papers.files.files import fetched_path, hash_file, keep_pdf
from coolpapers.papers.files.pdftext import read_pdf
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.names.permalinks import paper_name, paper_path
from coolpapers.reading.errors import FetchError
from coolpapers.reading.models import PdfFetch
from coolpapers.reading.pages import pdf_views
from coolpapers.reading.pdfs.fetching import PdfFetcher, Report
from coolpapers.reading.pdfs.requests import decide_fetching, fetch_next, request_fetch
from tests.coolpapers.papers.addresses import MALFORMED
from tests.coolpapers.reading.made import close, make_paper
from tests.local_servers import serve
from tests.pdf_files import make_paper_pdf

pytestmark = pytest.mark.django_db
PDF = make_paper_pdf()
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def own(tmp_path: Path) -> Paper:
    """An arXiv paper of which the reader has a PDF of their own."""
    path = tmp_path / "mine.pdf"
    path.write_bytes(PDF)
    ident = hash_file(path)
    keep_pdf(path, ident, read_pdf(path))
    paper = make_paper(arxiv_id="2601.09999", key="arxiv:2601.09999")
    PaperSource.objects.create(paper=paper, source="file", ident=ident, key=f"file:{ident}")
    return paper


def _ignore(n_bytes: int, *, n_total: int) -> None:
    pass


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_viewer_is_a_page_of_its_own(client: Client, own: Paper) -> None:
    page = client.get("/pdf/2601.09999").content.decode()
    assert 'data-file="/pdf/2601.09999/file"' in page
    assert "js/pdf/viewer.js" in page
    assert '<noscript><p class="viewer-message">' in page


def test_in_a_card_it_is_a_frame(client: Client, own: Paper) -> None:
    fragment = client.get("/pdf/2601.09999", headers=HTMX).content.decode()
    assert 'data-pdf-frame="/pdf/2601.09999"' in fragment
    assert "<html" not in fragment
    assert 'rel="noopener noreferrer"' in fragment


def test_a_paper_whose_pdf_is_elsewhere_leads_to_its_page(client: Client) -> None:
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    assert client.get("/pdf/2601.08888").headers["Location"] == "/arxiv/2601.08888#pdf"


def test_a_panel_says_that_there_is_no_copy_and_where_the_source_is(client: Client) -> None:
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    panel = client.get("/pdf/2601.08888", headers=HTMX).content.decode()
    assert "This site has no copy of this PDF." in panel
    link = (
        'href="https://arxiv.org/pdf/2601.08888" target="_blank" rel="noopener noreferrer">Open at arxiv.org (new tab)'
    )
    assert link in panel
    assert "data-pdf-frame" not in panel


@pytest.mark.parametrize("address", ["/pdf/2601.00000", "/pdf/nonsense", "/pdf/2601.00000/file"])
def test_an_unknown_paper_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_whole_file_is_sent_as_a_pdf(client: Client, own: Paper) -> None:
    response = client.get("/pdf/2601.09999/file")
    assert (response.status_code, body(response)) == (200, PDF)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert 'inline; filename="2601.09999.pdf"' in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "sent", "content_range"),
    [
        ("bytes=0-9", PDF[:10], f"bytes 0-9/{len(PDF)}"),
        ("bytes=10-", PDF[10:], f"bytes 10-{len(PDF) - 1}/{len(PDF)}"),
        ("bytes=-5", PDF[-5:], f"bytes {len(PDF) - 5}-{len(PDF) - 1}/{len(PDF)}"),
        (f"bytes=5-{len(PDF) * 2}", PDF[5:], f"bytes 5-{len(PDF) - 1}/{len(PDF)}"),
    ],
)
def test_a_range_is_sent_alone(client: Client, own: Paper, asked: str, sent: bytes, content_range: str) -> None:
    response = client.get("/pdf/2601.09999/file", headers={"Range": asked})
    assert (response.status_code, body(response)) == (206, sent)
    assert response.headers["Content-Range"] == content_range
    assert response.headers["Content-Length"] == str(len(sent))


def test_a_range_past_the_end_cannot_be_met(client: Client, own: Paper) -> None:
    response = client.get("/pdf/2601.09999/file", headers={"Range": f"bytes={len(PDF)}-"})
    assert (response.status_code, response.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")


@pytest.mark.parametrize("asked", ["bytes=a-b", "bytes=-", "items=0-1", "bytes=0-1,5-6", ""])
def test_a_range_we_do_not_read_gets_the_whole_file(client: Client, own: Paper, asked: str) -> None:
    response = client.get("/pdf/2601.09999/file", headers={"Range": asked})
    assert (response.status_code, len(body(response))) == (200, len(PDF))


def test_an_unchanged_file_is_not_sent_again(client: Client, own: Paper) -> None:
    first = client.get("/pdf/2601.09999/file")
    close(first)
    again = client.get("/pdf/2601.09999/file", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 304


def test_without_leave_to_fetch_there_is_no_file(client: Client) -> None:
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    response = client.get("/pdf/2601.08888/file")
    assert (response.status_code, response.content) == (404, b"This paper has no PDF here.")


def test_with_leave_it_is_fetched_from_the_papers_own_link_and_kept(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FETCH_PDFS = True
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    asked: list[str] = []

    def fetch(self: PdfFetcher, url: str, target: Path, **_: object) -> None:
        asked.append(url)
        target.parent.mkdir(parents=True)
        target.write_bytes(PDF)

    monkeypatch.setattr(PdfFetcher, "fetch", fetch)
    assert "data-file" in client.get("/pdf/2601.08888").content.decode()
    for _ in range(2):
        assert body(client.get("/pdf/2601.08888/file")) == PDF
    assert asked == ["https://arxiv.org/pdf/2601.08888"]
    assert fetched_path("https://arxiv.org/pdf/2601.08888").is_file()


def test_a_source_that_does_not_give_it_is_named_in_a_sentence(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FETCH_PDFS = True
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")

    def fail(self: PdfFetcher, url: str, target: Path, **_: object) -> None:
        raise FetchError("The source of the PDF answered with HTTP 403.")

    monkeypatch.setattr(PdfFetcher, "fetch", fail)
    response = client.get("/pdf/2601.08888/file")
    assert (response.status_code, response.content) == (502, b"The source of the PDF answered with HTTP 403.")


def test_many_clicks_fetch_once(tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    n_fetched: list[int] = []
    together = threading.Barrier(pdf_views.MAX_FETCHES)

    class Slow(PdfFetcher):
        def fetch(self, url: str, target: Path, *, report: Report = _ignore) -> None:
            n_fetched.append(1)
            target.write_bytes(PDF)

    def click() -> None:
        together.wait(10)
        pdf_views.fetch_once("https://example.org/a.pdf", target, Slow(max_bytes=1, hosts=["*"]))

    threads = [threading.Thread(target=click) for _ in range(pdf_views.MAX_FETCHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_fetched == [1]


def test_fetching_never_takes_all_threads(tmp_path: Path) -> None:
    fetching, go_on = threading.Semaphore(0), threading.Event()

    class Stalling(PdfFetcher):
        def fetch(self, url: str, target: Path, *, report: Report = _ignore) -> None:
            fetching.release()
            go_on.wait(10)

    def click(number: int) -> None:
        pdf_views.fetch_once(
            f"https://example.org/{number}", tmp_path / str(number), Stalling(max_bytes=1, hosts=["*"])
        )

    threads = [threading.Thread(target=click, args=(n,)) for n in range(pdf_views.MAX_FETCHES)]
    for thread in threads:
        thread.start()
        assert fetching.acquire(timeout=10)
    with pytest.raises(FetchError, match="Too many"):
        click(99)
    go_on.set()
    for thread in threads:
        thread.join()
    click(100)


def test_a_link_that_is_no_web_address_is_not_offered(client: Client, settings: Settings) -> None:
    settings.FETCH_PDFS = True
    make_paper(arxiv_id="", key="file:x", pdf_url="javascript:alert(1)")
    assert client.get("/pdf/file:x@File/file").status_code == 404


def test_the_librarian_is_asked_and_then_readers_can_get_a_pdf(client: Client) -> None:
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    stranger = Client(REMOTE_ADDR="151.101.131.42")
    panel = client.get("/pdf/2601.08888", headers=HTMX).content.decode()
    assert 'action="/site/fetch-pdfs"' in panel
    assert "/site/fetch-pdfs" in client.get("/").content.decode()
    for page in ("/pdf/2601.08888", "/"):
        assert "/site/fetch-pdfs" not in stranger.get(page, headers=HTMX).content.decode()
    assert "Get it" not in panel
    assert stranger.post("/site/fetch-pdfs", {"allow": "1"}).status_code == 403
    answer = client.post("/site/fetch-pdfs", {"allow": "1", "next": "/arxiv/cs.DS"})
    assert answer.headers["Location"] == "/arxiv/cs.DS"
    panel = stranger.get("/pdf/2601.08888", headers=HTMX).content.decode()
    assert 'hx-post="/pdf/2601.08888/get"' in panel
    assert "/site/fetch-pdfs" not in client.get("/").content.decode()


def test_the_answer_leads_to_pages_of_this_site_only(client: Client) -> None:
    answer = client.post("/site/fetch-pdfs", {"allow": "0", "next": "https://example.org/"})
    assert answer.headers["Location"] == "/"


def test_a_pdf_is_fetched_on_request_and_then_shown(client: Client, settings: Settings) -> None:
    decide_fetching(is_on=True)
    with serve(lambda exchange: exchange.answer(200, PDF, Content_Type="application/pdf")) as server:
        settings.FETCH_PDFS_HOSTS = ["127.0.0.1", "localhost"]
        url = f"{server.url}/a.pdf"
        make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888", pdf_url=url)
        panel = client.post("/pdf/2601.08888/get", headers=HTMX).content.decode()
        assert 'hx-trigger="load delay:1s"' in panel  # the panel looks again until the file is there
        assert "Get it" not in panel
        fetcher = PdfFetcher(max_bytes=100_000, hosts=["*"], is_allowed=lambda _: True, any_port=True)
        fetch_next(fetcher, now=timezone.now)
    panel = client.get("/pdf/2601.08888", headers=HTMX).content.decode()
    assert 'data-pdf-frame="/pdf/2601.08888"' in panel
    assert body(client.get("/pdf/2601.08888/file")) == PDF


def test_a_pdf_that_cannot_be_fetched_says_why(client: Client) -> None:
    decide_fetching(is_on=True)
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    fetch = request_fetch("https://arxiv.org/pdf/2601.08888", now=timezone.now())
    PdfFetch.objects.filter(pk=fetch.pk).update(status="failed", error="The source <b> answered with HTTP 403.")
    panel = client.get("/pdf/2601.08888", headers=HTMX).content.decode()
    assert "The source &lt;b&gt; answered with HTTP 403." in panel
    assert "Try again" in panel


def test_no_pdf_is_fetched_without_leave_or_from_an_unknown_host(client: Client) -> None:
    make_paper(arxiv_id="2601.08888", key="arxiv:2601.08888")
    make_paper(arxiv_id="2601.07777", key="arxiv:2601.07777", pdf_url="https://example.org/a.pdf")
    assert client.post("/pdf/2601.08888/get").status_code == 403
    decide_fetching(is_on=True)
    assert client.post("/pdf/2601.07777/get").status_code == 403
    assert client.get("/pdf/2601.08888/get").status_code == 405
    assert PdfFetch.objects.count() == 0


def test_one_reader_asks_for_so_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_fetching(is_on=True)
    monkeypatch.setattr(pdf_views, "REQUEST_RATE", Rate(1, per_s=3600))
    monkeypatch.setattr(pdf_views, "notify_fetcher", lambda: None)
    reader = Client(REMOTE_ADDR="198.51.100.7")
    for number in ("2601.08888", "2601.07777"):
        make_paper(arxiv_id=number, key=f"arxiv:{number}")
    assert reader.post("/pdf/2601.08888/get").status_code == 302
    assert reader.post("/pdf/2601.07777/get").status_code == 429
    panel = reader.post("/pdf/2601.07777/get", headers=HTMX).content.decode()
    assert "You have asked for many PDFs; try again later." in panel


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_address_breaks_no_page(client: Client, settings: Settings, url: str) -> None:
    """Libraries hold such addresses from before imports dropped them."""
    settings.FETCH_PDFS = True
    urls = {"pdf_url": url, "page_url": url, "code_url": url}
    paper = make_paper(key="lab:1", arxiv_id="", title="A paper of the lab", **urls)
    paper.sources.update(page_url=url, pdf_url=url)
    name = paper_name(paper)
    pages = (paper_path(paper), f"/pdf/{name}", f"/pdf/{name}/file", f"/cite/{name}", "/")
    for page in pages:
        for headers in ({}, HTMX):
            assert client.get(page, headers=headers).status_code < 500, page
    assert client.post(f"/pdf/{name}/get").status_code < 500
    assert client.get(f"/api/papers/{name}").status_code < 500
