"""Celery tasks of reading; each calls one service."""

from __future__ import annotations

import os
import secrets
import socket

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from coolpapers.reading.pdfs.fetching import site_fetcher
from coolpapers.reading.pdfs.requests import fetch_next
from coolpapers.reading.summaries.services import work_once

# A task ends after so many summaries, so that Celery can recycle its worker; the next run continues.
SUMMARIES_PER_TASK = 50


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def work_on_summaries() -> int:
    """Write queued summaries until none is left; return their number. Idempotent.

    The message carries no summary: the table decides which comes next, so new papers come first whatever the order of
    the messages, and superfluous messages have no effect.
    """
    claim = f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"
    n_written = 0
    while n_written < SUMMARIES_PER_TASK and work_once(claim=claim) is not None:
        n_written += 1
    return n_written


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def fetch_pdfs() -> int:
    """Fetch the PDFs that readers asked for until none waits; return their number. Idempotent."""
    fetcher, n_done = site_fetcher(), 0
    while fetch_next(fetcher, now=timezone.now) is not None:
        n_done += 1
    return n_done


def notify_fetcher() -> None:
    """Send a task to the worker that fetches PDFs after the current transaction is committed."""
    transaction.on_commit(fetch_pdfs.delay)


def notify_worker() -> None:
    """Send a task to a worker after the current transaction is committed."""
    transaction.on_commit(work_on_summaries.delay)
