"""Celery tasks of running a site."""

from __future__ import annotations

import logging
import os
from datetime import date, timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from coolpapers import __version__
from coolpapers.operating.backups.making import Contents, Site, make_backup
from coolpapers.operating.backups.rotation import Keeping, backup_path, delete_superfluous, is_due
from coolpapers.operating.errors import OperatingError
from coolpapers.operating.models import AuditedDay
from coolpapers.operating.watching.mails import mail_missing
from coolpapers.operating.watching.repositories import (
    Repository,
    audit_days,
    harvest_again,
    harvested_repositories,
    polite_client,
)
from coolpapers.papers.errors import PapersError

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]  # celery ships no types
def back_up() -> bool:
    """Make the day's backup in BACKUP_DIR if it is due, and delete superfluous ones; return whether one was made.

    The next run tries again after a failure, which is logged.
    """
    if not settings.BACKUP_DIR:
        return False
    folder, now = Path(settings.BACKUP_DIR), timezone.localtime()
    if not is_due(folder, now, hour=settings.BACKUP_HOUR):
        return False
    contents = Contents(index=settings.BACKUP_DERIVED, vectors=settings.BACKUP_DERIVED)
    site = Site(version=__version__, data=settings.DATA_DIR, environment=os.environ)
    try:
        report = make_backup(backup_path(folder, now.date()), site, now=now, contents=contents)
    except (OperatingError, OSError) as exc:
        logger.error("The scheduled backup failed: %s", exc)  # the sentence says it all
        return False
    logger.info("Backup %s: %d rows, %d bytes", report.path, report.n_rows, report.n_bytes)
    delete_superfluous(folder, Keeping(n_daily=settings.BACKUP_DAILY, n_weekly=settings.BACKUP_WEEKLY))
    return True


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]
def harvest_day(day: str) -> int:
    """Ask every repository that was harvested again for a day (``2026-11-30``); return the number of new papers.

    One that gives no answer is logged, and the others are asked.
    """
    n_added = 0
    for repository in harvested_repositories():
        with polite_client() as client:
            try:
                report = harvest_again(repository, date.fromisoformat(day), client=client, now=timezone.now())
            except (PapersError, OSError) as exc:
                logger.error("%s was not harvested again for %s: %s", repository.location, day, exc)
                continue
        n_added += report.added
        _audit(repository, date.fromisoformat(day), date.fromisoformat(day))
    return n_added


@shared_task(ignore_result=True, time_limit=6 * 3600)  # type: ignore[untyped-decorator]
def audit_library() -> int:
    """Compare the last AUDIT_DAYS days with the repositories, once a day after AUDIT_HOUR; mail what is missing.

    Returns the number of missing papers. Today is left out: its papers may be on their way.
    """
    now = timezone.localtime()
    last_check = AuditedDay.objects.aggregate(last=Max("checked_at"))["last"]
    is_done = last_check is not None and timezone.localtime(last_check).date() == now.date()
    if settings.AUDIT_DAYS <= 0 or now.hour < settings.AUDIT_HOUR or is_done:
        return 0
    last = now.date() - timedelta(days=1)
    days: list[AuditedDay] = []
    for repository in harvested_repositories():
        days += _audit(repository, last - timedelta(days=settings.AUDIT_DAYS - 1), last)
    mail_missing(days)
    return sum(day.n_missing for day in days)


def _audit(repository: Repository, first: date, last: date) -> list[AuditedDay]:
    """A repository that gives no answer is logged and left out."""
    with polite_client() as client:
        try:
            return audit_days(repository, first, last, client=client, now=timezone.now())
        except (PapersError, OSError) as exc:
            logger.error("%s was not audited: %s", repository.location, exc)
            return []
