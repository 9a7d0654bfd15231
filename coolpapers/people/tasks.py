"""Celery tasks of people; each calls one service."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from coolpapers.people.alerts.digests import last_due
from coolpapers.people.alerts.sending import send_digests
from coolpapers.people.state.renamed_keys import move_items

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def follow_papers() -> int:
    """Move what accounts keep under keys that papers had before or elsewhere; how many items."""
    return move_items()


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def send_due_digests() -> int:
    """Mail the readers whose searches have not been looked at since DIGEST_HOUR last struck; return how many mails.

    A reader whose mail failed is tried again by the next run.
    """
    due = last_due(timezone.now(), hour=settings.DIGEST_HOUR, zone=timezone.get_default_timezone())
    report = send_digests(clock=timezone.now, due_before=due)
    for failure in report.failures:
        logger.warning("Mail with new papers: %s", failure)
    return report.n_mails
