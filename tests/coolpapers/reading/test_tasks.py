from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from coolpapers.reading.models import PdfFetch, Summary
from coolpapers.reading.pdfs.requests import request_fetch
from coolpapers.reading.summaries.services import request_summary
from coolpapers.reading.tasks import fetch_pdfs, notify_worker, work_on_summaries
from tests.coolpapers.reading.made import NOW, make_paper

pytestmark = pytest.mark.django_db


def test_the_task_writes_all_that_waits() -> None:
    for _ in range(3):
        request_summary(make_paper(), language="en", now=NOW)
    assert work_on_summaries() == 3
    assert set(Summary.objects.values_list("status", flat=True)) == {"done"}
    assert work_on_summaries() == 0


def test_a_worker_is_called_only_once_the_request_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    request_summary(make_paper(), language="en", now=NOW)
    with django_capture_on_commit_callbacks() as callbacks:
        notify_worker()
    assert Summary.objects.get().status == "queued"
    callbacks[0]()
    assert Summary.objects.get().status == "done"


def test_the_fetcher_works_until_no_pdf_waits(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    request_fetch("https://example.org/a.pdf", now=NOW)  # not a host that PDFs are fetched from
    assert fetch_pdfs() == 1
    assert PdfFetch.objects.get().error == "This site fetches no PDFs from example.org."
    assert fetch_pdfs() == 0
