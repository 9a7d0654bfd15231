"""Request and write summaries.

A request is a row (:class:`coolpapers.reading.models.Summary`); :func:`work_once` claims the next one and writes it
with the summarizer of ``settings.SUMMARIZER``. Pages and tasks call these functions.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from coolpapers.papers.files.files import read_full_text
from coolpapers.papers.models import Paper, draw_revisions
from coolpapers.reading.errors import ClaimLost, QueueFull, SummaryError
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries import queue
from coolpapers.reading.summarizers import Summarizer, SummaryText, summarizers

logger = logging.getLogger(__name__)

# The shortest time between two saves of progress: each is a commit, and the page polls every half second.
SAVE_EVERY_S = 0.4


def current_summarizer() -> Summarizer | None:
    """The summarizer for requests of readers; None if ``settings.SUMMARIZER`` is ``off``."""
    if settings.SUMMARIZER in ("", "off"):
        return None
    summarizer = summarizers[settings.SUMMARIZER]
    return summarizer if summarizer.on_demand else None


def request_summary(paper: Paper, *, language: str, now: dt.datetime, again: bool = False) -> Summary:
    """Request a summary. Idempotent.

    A finished summary is kept; with ``again`` it stays readable until the new one is finished. A failed one is retried.

    Raises
    ------
    QueueFull
        If too many are queued.
    LookupError
        If no summarizer is configured.
    """
    if current_summarizer() is None:
        raise LookupError("COOLPAPERS_SUMMARIZER is off: this site shows imported summaries only")
    with transaction.atomic():
        summary = Summary.objects.select_for_update().filter(paper=paper, language=language).first()
        if summary and (summary.is_open or (summary.status == Summary.Status.DONE and not again)):
            return summary
        if queue.waiting(now=now).count() >= settings.SUMMARY_QUEUE_MAX:
            raise QueueFull(f"The queue is full: {settings.SUMMARY_QUEUE_MAX} summaries are waiting")
        queued = {
            "status": Summary.Status.QUEUED,
            "priority": _day_number(paper),
            "requested_at": now,
            "error": "",
            "attempts": 0,
            "n_done": 0,
        }
        summary, _ = Summary.objects.update_or_create(paper=paper, language=language, defaults=queued)
    return summary


def work_once(
    *, claim: str, clock: Callable[[], dt.datetime] = timezone.now, only: Summary | None = None
) -> Summary | None:
    """Claim the next summary (or ``only`` that one) and write it; None if the queue is empty.

    A failure is stored in the row for readers, not raised.
    """
    summary = queue.claim_next(claim=claim, now=clock(), only=only)
    if summary is None:
        return None
    try:
        with _heartbeat(summary, claim=claim, clock=clock):
            _write(summary, claim=claim, clock=clock)
    except ClaimLost:
        logger.warning("Another worker has claimed summary %s", summary.pk)
    except SummaryError as exc:
        logger.warning("The summary of %s failed: %s", summary.paper.key, exc.reason)
        _close_failed(summary, claim=claim, now=clock(), reason=exc.reason)
    except Exception:  # process edge: one paper must not stop the queue
        logger.exception("The summary of %s failed", summary.paper.key)
        _close_failed(summary, claim=claim, now=clock(), reason="Internal error; see the log of the server.")
    except BaseException:  # the process is being stopped: another worker continues
        with suppress(ClaimLost):
            queue.release(summary, claim=claim)
        raise
    return summary


def summary_text(paper: Paper, *, language: str) -> SummaryText:
    """The input of a summarizer for a paper."""
    return SummaryText(
        title=paper.title,
        authors=tuple(str(name) for name in paper.authors),
        abstract=paper.abstract,
        full_text=read_full_text(paper),
        language=language,
    )


def _write(summary: Summary, *, claim: str, clock: Callable[[], dt.datetime]) -> None:
    alias = settings.SUMMARIZER
    summarizer = current_summarizer()
    if summarizer is None:
        raise SummaryError("This site no longer writes summaries.")
    text = summary_text(summary.paper, language=summary.language)
    markdown = ""
    saved_at = time.monotonic()
    with closing(summarizer.write(text)) as steps:
        for progress in steps:
            markdown = progress.markdown
            if time.monotonic() - saved_at >= SAVE_EVERY_S:
                counts = {"n_done": progress.n_done, "n_total": progress.n_total}
                queue.save_progress(summary, claim=claim, now=clock(), partial=markdown, **counts)
                saved_at = time.monotonic()
    if not markdown.strip():
        raise SummaryError("The summarizer wrote an empty summary.")
    with transaction.atomic():
        queue.finish(summary, claim=claim, now=clock(), markdown=markdown, source=alias, label=summarizer.label()[:200])
        draw_paper_revisions([summary.paper_id])


def draw_paper_revisions(paper_pks: Sequence[int]) -> None:
    """Give each paper a new revision, so that the indexes see its new summary; call it inside a transaction."""
    first = draw_revisions(len(paper_pks)) if paper_pks else 0
    for revision, pk in enumerate(paper_pks, start=first):
        Paper.objects.filter(pk=pk).update(revision=revision)


def _close_failed(summary: Summary, *, claim: str, now: dt.datetime, reason: str) -> None:
    with suppress(ClaimLost):
        queue.fail(summary, claim=claim, now=now, reason=reason)


@contextmanager
def _heartbeat(summary: Summary, *, claim: str, clock: Callable[[], dt.datetime]) -> Iterator[None]:
    """Renew the claim from a separate thread: a model may be silent for longer than the lease."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(queue.LEASE.total_seconds() / 4):
            try:
                queue.renew(summary, claim=claim, now=clock())
            except ClaimLost:  # the writer gets the same error at its next save
                break
            except DatabaseError:  # three more heartbeats follow within the lease
                logger.warning("The heartbeat of summary %s failed", summary.pk, exc_info=True)
        connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{summary.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _day_number(paper: Paper) -> int:
    """The paper's day as a proleptic Gregorian ordinal; of a paper with a year only, the first day of the year."""
    day = paper.announced or paper.submitted
    return (day or dt.date(paper.year or 1, 1, 1)).toordinal()
