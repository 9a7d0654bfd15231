"""Celery tasks of readers' state; each calls one service."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from coolpapers.people.accounts.invitations import delete_expired_records
from coolpapers.people.alerts.sections import last_due
from coolpapers.people.alerts.sending import send_digests
from coolpapers.people.state.renamed_keys import rename_items

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def follow_papers() -> int:
    """Move items under former keys of papers to their present keys; return the number of moved items."""
    return rename_items()


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def send_due_digests() -> int:
    """Mail the readers whose searches were not checked since the last DIGEST_HOUR; return the number of mails.

    The next run retries readers whose mail failed.
    """
    due = last_due(timezone.now(), hour=settings.DIGEST_HOUR, zone=timezone.get_default_timezone())
    report = send_digests(clock=timezone.now, due_before=due)
    for failure in report.failures:
        logger.warning("E-mail alert failed: %s", failure)
    return report.n_mails


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def delete_expired() -> int:
    """Delete expired sessions and records of used invitations; return their number."""
    n_sessions, _by_table = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return n_sessions + delete_expired_records()
