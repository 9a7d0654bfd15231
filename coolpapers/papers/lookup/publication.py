"""Datestamps: which changes of the library other sites could see at which moment.

A change is dated by when it was published, not by when it was made: an import that runs for an hour commits changes
that a site which asked half an hour ago has not seen. Start at :func:`publish`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from coolpapers.papers.models import PublishedRevision, latest_revision

logger = logging.getLogger(__name__)


def publish(now: datetime) -> int:
    """Date all committed changes that have no date yet; return the newest published revision.

    Where the database cannot be written, newer changes wait; what was published stays readable.
    """
    last = PublishedRevision.objects.order_by("-revision").first()
    published = last.revision if last else 0
    latest = latest_revision()
    if latest <= published:
        return published
    moment = now.replace(microsecond=0)
    if last is not None:
        moment = max(moment, last.published_at)  # the clock may have been set back
    try:
        with transaction.atomic():
            PublishedRevision.objects.get_or_create(revision=latest, defaults={"published_at": moment})
    except DatabaseError as exc:
        logger.warning("Changes up to revision %d wait to be published: %s", latest, exc)
        return published
    return latest


def with_datestamps(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with a ``revision``, annotated with ``datestamp``."""
    moments = PublishedRevision.objects.filter(revision__gte=OuterRef("revision")).order_by("revision")
    annotated: QuerySet[Any] = rows.annotate(datestamp=Subquery(moments.values("published_at")[:1]))
    return annotated


def revision_before(moment: datetime) -> int:
    """The newest revision that was published before the moment; 0 where none was."""
    return _newest(PublishedRevision.objects.filter(published_at__lt=moment))


def revision_until(moment: datetime) -> int:
    """The newest revision that was published up to the end of the second of ``moment``."""
    return _newest(PublishedRevision.objects.filter(published_at__lt=moment + timedelta(seconds=1)))


def _newest(rows: QuerySet[PublishedRevision]) -> int:
    return rows.order_by("-published_at", "-revision").values_list("revision", flat=True).first() or 0


def first_published() -> datetime | None:
    """The earliest datestamp; None for a library that nobody has harvested."""
    return PublishedRevision.objects.order_by("revision").values_list("published_at", flat=True).first()
