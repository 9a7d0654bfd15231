"""Celery tasks of feeding; each calls one service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from coolpapers.feeding.ondemand.requests import get_next
from coolpapers.feeding.scheduling import harvest_next
from coolpapers.feeding.uploads.running import take_upload
from coolpapers.feeding.uploads.storing import remove_orphans
from coolpapers.finding.tasks import follow_library


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def harvest_due_sources() -> int:
    """Run each source whose hour has come, once; return the number of papers written.

    New papers are indexed after each source: the index follows the library in its own queue.
    """
    harvested: set[int] = set()
    n_written = 0
    while (outcome := harvest_next(now=timezone.now, harvested=harvested)) is not None:
        n_written += outcome.n_written
        if outcome.n_written:
            follow_library.delay()
    return n_written


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def get_requested_papers() -> int:
    """Fetch the papers that readers asked for until none waits; return their number. Idempotent."""
    n_done = 0
    while get_next(now=timezone.now) is not None:
        n_done += 1
    if n_done:
        follow_library.delay()
    return n_done


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def read_uploads() -> int:
    """Read the files that readers uploaded until none waits; return their number. Idempotent."""
    n_done = 0
    while take_upload(now=timezone.now) is not None:
        n_done += 1
    if n_done:
        follow_library.delay()
    remove_orphans()
    return n_done
