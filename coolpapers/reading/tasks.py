"""Celery tasks of reading; each calls one service."""

from __future__ import annotations

import os
import secrets
import socket

from celery import shared_task
from django.db import transaction

from coolpapers.reading.summaries.services import work_once

# A task ends after so many summaries so that Celery can recycle its worker; the next tick goes on.
SUMMARIES_A_TASK = 50


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def work_on_summaries() -> int:
    """Write summaries until none waits; return how many.

    The task says only that there is work: what comes next is the table's to say, so new papers overtake old ones
    whatever order the messages came in, and a message too many does nothing.
    """
    claim = f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"
    n_written = 0
    while n_written < SUMMARIES_A_TASK and work_once(claim=claim) is not None:
        n_written += 1
    return n_written


def call_worker() -> None:
    """Let a worker look at the queue once the current transaction is committed."""
    transaction.on_commit(work_on_summaries.delay)
