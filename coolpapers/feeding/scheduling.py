"""When sources are harvested, and one run of one source. Start at :func:`harvest_next`.

A source is due when its hour has come since its last complete harvest. A site that was off for a week harvests at once
when it is back: each kind goes on from the day, token or file where it stopped. Of several workers one takes a source,
by a claim that ends when the worker is killed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from coolpapers.feeding.errors import FeedingError
from coolpapers.feeding.kinds.base import Harvest
from coolpapers.feeding.kinds.registry import KINDS
from coolpapers.feeding.models import FeedSource
from coolpapers.papers.errors import PapersError
from coolpapers.papers.harvesting.fetching import PoliteClient, Stopped, Timing

logger = logging.getLogger(__name__)

RUN_S = 900.0  # a run ends after so many seconds, so that other sources have their turn; the next one goes on
CLAIM = timedelta(minutes=10)  # longer than a run goes without saving
_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(hours=6)
_TRIES = 3  # of a request; the next run tries again


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one run. ``error`` is empty where it went well."""

    source: FeedSource
    n_written: int
    is_complete: bool
    error: str = ""


def last_due(source: FeedSource, now: datetime) -> datetime:
    """The last moment at which the source should have been harvested."""
    local = timezone.localtime(now)
    if source.kind == FeedSource.Kind.FOLDER:
        return now
    if source.hour is None:
        return local.replace(minute=0, second=0, microsecond=0)
    due = local.replace(hour=source.hour, minute=0, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


def is_due(source: FeedSource, now: datetime) -> bool:
    if not source.is_active or (source.retry_at is not None and source.retry_at > now):
        return False
    return source.finished_at is None or source.finished_at < last_due(source, now)


def harvest_next(*, now: Callable[[], datetime], harvested: set[int]) -> Outcome | None:
    """Run the due source that waits longest, without those in ``harvested``; None if there is none."""
    moment = now()
    waiting = FeedSource.objects.filter(is_active=True).exclude(pk__in=harvested)
    due = [source for source in waiting if is_due(source, moment)]
    due.sort(key=lambda source: source.started_at or datetime.min.replace(tzinfo=UTC))
    for source in due:
        harvested.add(source.pk)
        if claim(source, moment):
            return run_source(source, now=now)
    return None


def claim(source: FeedSource, now: datetime) -> bool:
    """Take the source for this worker."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    is_free = FeedSource.objects.filter(free, pk=source.pk).update(claimed_until=now + CLAIM, started_at=now)
    if is_free:
        source.refresh_from_db()
    return bool(is_free)


def run_source(source: FeedSource, *, now: Callable[[], datetime], run_s: float = RUN_S) -> Outcome:
    """Harvest a claimed source, and store what became of it."""
    end = time.monotonic() + run_s
    timing = Timing(clock=time.monotonic, sleep=time.sleep, now=lambda: datetime.now(UTC))

    def should_stop() -> bool:
        return time.monotonic() > end

    def save_cursor() -> None:
        FeedSource.objects.filter(pk=source.pk).update(cursor=source.cursor, claimed_until=now() + CLAIM)

    started = now()
    client = PoliteClient(timing=timing, interval_s=source.interval_s, n_tries=_TRIES, should_stop=should_stop)
    with client:
        run = Harvest(source=source, client=client, now=started, should_stop=should_stop, save_cursor=save_cursor)
        error = _run(run)
    _store(run, error=error, started=started, now=now())
    return Outcome(
        source=source,
        n_written=run.report.added + run.report.changed,
        is_complete=run.is_complete and not error,
        error=error,
    )


def _run(run: Harvest) -> str:
    """Run the kind; return what went wrong."""
    try:
        KINDS[run.source.kind](run)
    except Stopped:
        run.is_complete = False
    except (FeedingError, PapersError, OSError) as exc:
        logger.warning("The source %s cannot be harvested: %s", run.source.name, exc)
        return str(exc) or type(exc).__name__
    except Exception as exc:  # process edge: a fault in one kind must not stop the other sources
        logger.exception("The source %s cannot be harvested", run.source.name)
        return f"{type(exc).__name__}: {exc}"
    return ""


def _store(run: Harvest, *, error: str, started: datetime, now: datetime) -> None:
    source = run.source
    source.claimed_until = None
    source.error = error[:2000]
    if error:
        source.n_failures += 1
        source.retry_at = now + min(_FIRST_RETRY * 2 ** min(source.n_failures - 1, 8), _LONGEST_RETRY)
    else:
        source.n_failures, source.retry_at = 0, None
        source.n_added, source.n_changed = run.report.added, run.report.changed
        source.n_refused, source.refusals = run.report.refused, run.refusals
        if run.is_complete:
            source.finished_at = started  # what came up during the run is due next time
    source.save()
