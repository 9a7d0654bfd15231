"""The queue of PDFs that readers ask for, with a real server on this machine as their source."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from coolpapers.base.throttling import Rate
from coolpapers.papers.files.files import fetched_path
from coolpapers.reading.errors import QueueFull
from coolpapers.reading.models import PdfFetch
from coolpapers.reading.pdfs import requests
from coolpapers.reading.pdfs.fetching import PdfFetcher
from tests.coolpapers.reading.made import NOW
from tests.local_servers import Exchange, serve
from tests.pdf_files import make_paper_pdf

pytestmark = pytest.mark.django_db
PDF = make_paper_pdf()


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def send_pdf(exchange: Exchange) -> None:
    exchange.answer(200, PDF, Content_Type="application/pdf")


def fetch_next(**options: Any) -> PdfFetch | None:
    fetcher = PdfFetcher(max_bytes=100_000, hosts=["127.0.0.1", "localhost"], is_allowed=lambda _: True, any_port=True)
    return requests.fetch_next(fetcher, now=lambda: NOW, **{"wait": lambda _: None, **options})


def test_a_request_is_fetched_once_and_stored() -> None:
    with serve(send_pdf) as server:
        url = f"{server.url}/a.pdf"
        requests.request_fetch(url, now=NOW)
        requests.request_fetch(url, now=NOW)
        done = fetch_next()
        assert fetch_next() is None
    assert done is not None
    assert (done.status, done.n_bytes, done.percent) == ("done", len(PDF), 100)
    assert fetched_path(url).read_bytes() == PDF
    assert len(server.asked) == 1


def test_a_failure_says_why_and_can_be_tried_again() -> None:
    with serve(lambda exchange: exchange.answer(503), send_pdf) as server:
        url = f"{server.url}/a.pdf"
        requests.request_fetch(url, now=NOW)
        failed = fetch_next()
        assert failed is not None
        assert (failed.status, failed.error) == ("failed", "The source of the PDF answered with HTTP 503.")
        again = requests.request_fetch(url, now=NOW)
        assert (again.status, again.error) == ("queued", "")
        done = fetch_next()
    assert done is not None
    assert done.status == "done"


def test_requests_are_served_in_their_order() -> None:
    with serve(send_pdf, send_pdf) as server:
        later = requests.request_fetch(f"{server.url}/later.pdf", now=NOW + dt.timedelta(seconds=1))
        first = requests.request_fetch(f"{server.url}/first.pdf", now=NOW)
        assert [fetch_next(), fetch_next()] == [first, later]


def test_between_two_files_of_a_host_there_is_a_pause() -> None:
    pauses: list[float] = []

    def wait(pause_s: float) -> None:
        pauses.append(pause_s)
        requests.HOST_RATE = Rate(0)  # the pause is over

    before = requests.HOST_RATE
    try:
        with serve(send_pdf, send_pdf) as server:
            for name in "ab":
                requests.request_fetch(f"{server.url}/{name}.pdf", now=NOW)
                fetch_next(wait=wait)
    finally:
        requests.HOST_RATE = before
    assert len(server.asked) == 2
    assert pauses
    assert 0 < pauses[0] <= 2 * before.per_s


def test_what_a_killed_worker_held_is_fetched_by_the_next_one() -> None:
    with serve(send_pdf) as server:
        fetch = requests.request_fetch(f"{server.url}/a.pdf", now=NOW)
        held = PdfFetch.objects.filter(pk=fetch.pk)
        held.update(status="running", heartbeat=NOW)
        assert fetch_next() is None  # its worker may be alive
        held.update(heartbeat=NOW - 2 * requests.LEASE)
        done = fetch_next()
    assert done is not None
    assert done.status == "done"


def test_the_progress_of_a_transfer_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "REPORT_S", 0.0)
    seen: list[int | None] = []
    update = type(PdfFetch.objects.all()).update

    def note(self: Any, **changes: Any) -> int:
        n_changed = update(self, **changes)
        if "n_bytes" in changes and "status" not in changes:
            seen.append(PdfFetch.objects.get().percent)
        return n_changed

    monkeypatch.setattr(type(PdfFetch.objects.all()), "update", note)
    with serve(send_pdf) as server:
        requests.request_fetch(f"{server.url}/a.pdf", now=NOW)
        fetch_next()
    assert seen
    assert seen[-1] == 100


def test_the_queue_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "QUEUE_MAX", 1)
    first = requests.request_fetch("https://arxiv.org/pdf/1", now=NOW)
    with pytest.raises(QueueFull):
        requests.request_fetch("https://arxiv.org/pdf/2", now=NOW)
    assert requests.request_fetch("https://arxiv.org/pdf/1", now=NOW) == first


def test_pdfs_are_fetched_only_after_a_yes_and_from_known_hosts(settings: Settings) -> None:
    url = "https://arxiv.org/pdf/2601.00001"
    assert requests.fetching_decision() is None
    assert not requests.can_fetch(url)
    requests.decide_fetching(is_on=False)
    assert requests.fetching_decision() is False
    assert not requests.can_fetch(url)
    requests.decide_fetching(is_on=True)
    assert requests.can_fetch(url)
    assert requests.can_fetch("https://export.arxiv.org/pdf/1")
    for other in ("https://arxiv.org.example/a.pdf", "https://notarxiv.org/a.pdf", "http://127.0.0.1/a.pdf", ""):
        assert not requests.can_fetch(other)
    settings.FETCH_PDFS_HOSTS = ["*"]
    assert requests.can_fetch("https://example.org/a.pdf")
