"""The queue of summaries, by short conditional updates of the table.

A worker claims a free row by writing its token into it, conditional on the row being unchanged. So two workers never
claim the same row, on SQLite and PostgreSQL alike and without long locks. While it writes, the worker renews
``heartbeat``; a row whose heartbeat is older than :data:`LEASE` belonged to a killed worker and is free again. Every
later write is conditional on the token, so a worker that resumes cannot overwrite another's summary.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from coolpapers.reading.errors import ClaimLost
from coolpapers.reading.models import Summary

# A heartbeat is sent every LEASE / 4, so a lease survives three late ones (a busy disk, a paused laptop).
LEASE = dt.timedelta(seconds=60)
# Lost workers in a row after which the summary counts as the cause, such as a text that exhausts memory.
MAX_ATTEMPTS = 3

_Status = Summary.Status


def waiting(*, now: dt.datetime) -> QuerySet[Summary]:
    """Rows that can be claimed, in order: new papers first, then by time of request."""
    free = Q(status=_Status.QUEUED) | Q(status=_Status.RUNNING, heartbeat__lt=now - LEASE)
    return Summary.objects.filter(free).order_by("-priority", "requested_at", "pk")


def claim_next(*, claim: str, now: dt.datetime, only: Summary | None = None) -> Summary | None:
    """Claim the next summary (or ``only`` that one) for the worker ``claim``; None if the queue is empty.

    A row that has lost MAX_ATTEMPTS workers is marked as failed instead.
    """
    candidates = waiting(now=now) if only is None else waiting(now=now).filter(pk=only.pk)
    while (row := candidates.all().first()) is not None:
        unchanged = Summary.objects.filter(pk=row.pk, status=row.status, claim=row.claim, heartbeat=row.heartbeat)
        if row.attempts >= MAX_ATTEMPTS:
            reason = f"The worker stopped {row.attempts} times while writing it; see the log of the server."
            unchanged.update(status=_Status.FAILED, error=reason, claim="", partial="", finished_at=now)
            continue
        changes = {"status": _Status.RUNNING, "claim": claim, "heartbeat": now, "attempts": row.attempts + 1}
        if unchanged.update(**changes, partial="", n_done=0, error=""):
            return Summary.objects.select_related("paper").get(pk=row.pk)
    return None


def renew(summary: Summary, *, claim: str, now: dt.datetime) -> None:
    """Renew the heartbeat. Raises ClaimLost if another worker has claimed the row."""
    _update(summary, claim, heartbeat=now)


def save_progress(summary: Summary, *, claim: str, now: dt.datetime, partial: str, n_done: int, n_total: int) -> None:
    """Store the text so far. Raises ClaimLost."""
    _update(summary, claim, heartbeat=now, partial=partial, n_done=n_done, n_total=n_total)


def finish(summary: Summary, *, claim: str, now: dt.datetime, markdown: str, source: str, label: str) -> None:
    """Store the finished text in place of an older one. Raises ClaimLost."""
    _update(
        summary,
        claim,
        status=_Status.DONE,
        markdown=markdown,
        source=source,
        label=label,
        kind="",
        partial="",
        error="",
        claim="",
        attempts=0,
        finished_at=now,
    )


def fail(summary: Summary, *, claim: str, now: dt.datetime, reason: str) -> None:
    """Mark it as failed with the reason; an older finished text stays. Raises ClaimLost."""
    _update(summary, claim, status=_Status.FAILED, error=reason, partial="", claim="", attempts=0, finished_at=now)


def release(summary: Summary, *, claim: str) -> None:
    """Return it to the queue, because the worker is being stopped; the attempt does not count. Raises ClaimLost."""
    _update(summary, claim, status=_Status.QUEUED, claim="", partial="", attempts=max(0, summary.attempts - 1))


def place_in_queue(summary: Summary) -> int:
    """The number of summaries ahead of this one, running ones included; 0 if it is running itself."""
    if summary.status != _Status.QUEUED:
        return 0
    is_ahead = (
        Q(priority__gt=summary.priority)
        | Q(priority=summary.priority, requested_at__lt=summary.requested_at)
        | Q(priority=summary.priority, requested_at=summary.requested_at, pk__lt=summary.pk)
    )
    return Summary.objects.filter(Q(status=_Status.RUNNING) | Q(is_ahead, status=_Status.QUEUED)).count()


def _update(summary: Summary, own_claim: str, /, **changes: object) -> None:
    own = Summary.objects.filter(pk=summary.pk, status=_Status.RUNNING, claim=own_claim)
    if not own.update(**changes):
        raise ClaimLost(f"Worker {own_claim} has lost its claim on summary {summary.pk}.")
