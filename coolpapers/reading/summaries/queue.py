"""The queue of summaries: claiming, keeping, giving back. All of it is short conditional updates of the table.

A worker claims a row by writing its own token into it where the row is still free, so two workers never get
the same one, on SQLite and PostgreSQL alike and without long locks. While it writes it renews ``heartbeat``;
a row whose heartbeat is older than :data:`LEASE` belonged to a worker that was killed and is free again. Every
later write asks for the token, so a worker that comes back to life cannot write into another's summary.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from coolpapers.reading.errors import ClaimLost
from coolpapers.reading.models import Summary

# A heartbeat comes every LEASE / 4, so a lease survives three that are late (a busy disk, a paused laptop).
LEASE = dt.timedelta(seconds=60)
# Workers lost in a row over one summary before it counts as the cause: a text that exhausts memory, say.
MAX_ATTEMPTS = 3

_Status = Summary.Status


def waiting(*, now: dt.datetime) -> QuerySet[Summary]:
    """Rows free to be claimed, the next one first: new papers before old, then first come, first served."""
    free = Q(status=_Status.QUEUED) | Q(status=_Status.RUNNING, heartbeat__lt=now - LEASE)
    return Summary.objects.filter(free).order_by("-priority", "requested_at", "pk")


def claim_next(*, claim: str, now: dt.datetime, only: Summary | None = None) -> Summary | None:
    """Take the next summary (or ``only`` that one) for the worker ``claim``, or None where nothing waits.

    A row that has lost MAX_ATTEMPTS workers is closed as failed instead.
    """
    candidates = waiting(now=now) if only is None else waiting(now=now).filter(pk=only.pk)
    while (row := candidates.all().first()) is not None:
        still_free = Summary.objects.filter(pk=row.pk, status=row.status, claim=row.claim, heartbeat=row.heartbeat)
        if row.attempts >= MAX_ATTEMPTS:
            reason = f"The worker stopped {row.attempts} times while writing it; see the server's log."
            still_free.update(status=_Status.FAILED, error=reason, claim="", partial="", finished_at=now)
            continue
        changes = {"status": _Status.RUNNING, "claim": claim, "heartbeat": now, "attempts": row.attempts + 1}
        if still_free.update(**changes, partial="", n_done=0, error=""):
            return Summary.objects.select_related("paper").get(pk=row.pk)
    return None


def renew(summary: Summary, *, claim: str, now: dt.datetime) -> None:
    """Say that the worker lives. Raises ClaimLost where the row is no longer its own."""
    _update(summary, claim, heartbeat=now)


def save_progress(summary: Summary, *, claim: str, now: dt.datetime, partial: str, n_done: int, n_total: int) -> None:
    """Show what is written so far. Raises ClaimLost."""
    _update(summary, claim, heartbeat=now, partial=partial, n_done=n_done, n_total=n_total)


def finish(summary: Summary, *, claim: str, now: dt.datetime, markdown: str, source: str, label: str) -> None:
    """Put the finished text in place of whatever was there. Raises ClaimLost."""
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
    """Close it with the reason; an older finished text stays. Raises ClaimLost."""
    _update(summary, claim, status=_Status.FAILED, error=reason, partial="", claim="", attempts=0, finished_at=now)


def give_back(summary: Summary, *, claim: str) -> None:
    """Return it to the queue: the worker is being stopped and has done nothing wrong. Raises ClaimLost."""
    _update(summary, claim, status=_Status.QUEUED, claim="", partial="", attempts=max(0, summary.attempts - 1))


def place_in_queue(summary: Summary) -> int:
    """How many summaries come before this one, those being written included; 0 where it is running itself."""
    if summary.status != _Status.QUEUED:
        return 0
    before = (
        Q(priority__gt=summary.priority)
        | Q(priority=summary.priority, requested_at__lt=summary.requested_at)
        | Q(priority=summary.priority, requested_at=summary.requested_at, pk__lt=summary.pk)
    )
    return Summary.objects.filter(Q(status=_Status.RUNNING) | Q(before, status=_Status.QUEUED)).count()


def _update(summary: Summary, own_claim: str, /, **changes: object) -> None:
    own = Summary.objects.filter(pk=summary.pk, status=_Status.RUNNING, claim=own_claim)
    if not own.update(**changes):
        raise ClaimLost(f"summary {summary.pk} is not {own_claim}'s any more")
