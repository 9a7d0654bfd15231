"""PDFs that readers ask for where the site has none: who may ask, the queue, and the worker that fetches them.

The librarian decides once whether this site fetches PDFs (:func:`fetching_decision`). A request is a row of
:class:`~coolpapers.reading.models.PdfFetch`; workers take the rows in the order of their requests, with a pause between
two files of one host (:data:`HOST_RATE`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable

from django.conf import settings
from django.db.models import Q

from coolpapers.base.throttling import Rate, check_rate
from coolpapers.papers.files.files import fetched_path
from coolpapers.papers.names.permalinks import host_of
from coolpapers.reading.errors import FetchError, QueueFull
from coolpapers.reading.models import PdfFetch, SitePreference
from coolpapers.reading.pdfs.fetching import PdfFetcher, is_known

QUEUE_MAX = 200
HOST_RATE = Rate(1, per_s=4)  # arXiv asks programs for at most one request in three seconds
LEASE = dt.timedelta(seconds=180)  # longer than a transfer may take without a report
REPORT_S = 0.5
_Status = PdfFetch.Status


def fetching_decision() -> bool | None:
    """Whether readers may have PDFs fetched; None while nobody has decided. The setting decides for all."""
    if settings.FETCH_PDFS:
        return True
    return SitePreference.objects.filter(pk=SitePreference.Name.FETCH_PDFS).values_list("is_on", flat=True).first()


def decide_fetching(*, is_on: bool) -> None:
    """Store the librarian's decision."""
    SitePreference.objects.update_or_create(pk=SitePreference.Name.FETCH_PDFS, defaults={"is_on": is_on})


def can_fetch(url: str) -> bool:
    """Whether a reader may have this address fetched: the site fetches PDFs, and knows its host."""
    host = host_of(url)
    return bool(host and is_known(host, settings.FETCH_PDFS_HOSTS) and fetching_decision())


def find_fetch(url: str) -> PdfFetch | None:
    return PdfFetch.objects.filter(pk=_hash_url(url)).first()


def request_fetch(url: str, *, now: dt.datetime) -> PdfFetch:
    """Put an address into the queue, also again after a failure. Idempotent. Raises QueueFull."""
    fetch = find_fetch(url)
    if fetch is not None and fetch.is_open:
        return fetch
    if PdfFetch.objects.filter(status__in=[_Status.QUEUED, _Status.RUNNING]).count() >= QUEUE_MAX:
        raise QueueFull
    fresh = {"url": url, "status": _Status.QUEUED, "n_bytes": 0, "n_total": 0, "error": "", "requested_at": now}
    return PdfFetch.objects.update_or_create(pk=_hash_url(url), defaults={**fresh, "heartbeat": None})[0]


def fetch_next(
    fetcher: PdfFetcher, *, now: Callable[[], dt.datetime], wait: Callable[[float], None] = time.sleep
) -> PdfFetch | None:
    """Fetch the PDF that waits longest; None if none waits. A failure is stored with its reason for the reader."""
    fetch = _claim(now())
    if fetch is None:
        return None
    row = PdfFetch.objects.filter(pk=fetch.pk)
    while pause_s := check_rate("pdf-host", host_of(fetch.url), HOST_RATE):
        wait(pause_s)
    path, reported_at = fetched_path(fetch.url), -REPORT_S

    def report(n_bytes: int, *, n_total: int) -> None:
        nonlocal reported_at
        if time.monotonic() - reported_at >= REPORT_S:
            reported_at = time.monotonic()
            row.update(n_bytes=n_bytes, n_total=n_total, heartbeat=now())

    try:
        if not path.is_file():
            fetcher.fetch(fetch.url, path, report=report)
    except FetchError as exc:
        row.update(status=_Status.FAILED, error=exc.reason)
    else:
        row.update(status=_Status.DONE, n_bytes=path.stat().st_size, error="")
    fetch.refresh_from_db()
    return fetch


def _claim(now: dt.datetime) -> PdfFetch | None:
    """Take the next row by a conditional update, so that no two workers have the same one."""
    free = Q(status=_Status.QUEUED) | Q(status=_Status.RUNNING, heartbeat__lt=now - LEASE)
    while (fetch := PdfFetch.objects.filter(free).order_by("requested_at").first()) is not None:
        unchanged = PdfFetch.objects.filter(pk=fetch.pk, status=fetch.status, heartbeat=fetch.heartbeat)
        if unchanged.update(status=_Status.RUNNING, heartbeat=now):
            return fetch
    return None


def _hash_url(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
