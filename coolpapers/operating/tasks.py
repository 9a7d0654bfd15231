"""Celery tasks of running a site."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from coolpapers import __version__
from coolpapers.operating.backups.making import Contents, Site, make_backup
from coolpapers.operating.backups.rotation import Keeping, backup_path, delete_superfluous, is_due
from coolpapers.operating.errors import OperatingError

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
