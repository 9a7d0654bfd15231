"""Asking for summaries, writing them, bringing them in.

A request is a row (:class:`coolpapers.reading.models.Summary`); :func:`work_once` claims the next one and writes it.
Pages and tasks call these; what writes is chosen by ``settings.SUMMARIZER``.
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

# Progress is written at most so often: each write is a commit, and no reader sees more than a few a second.
SAVE_EVERY_S = 0.4


def current_summarizer() -> Summarizer | None:
    """What writes summaries for readers who ask; None where ``settings.SUMMARIZER`` is ``off``."""
    if settings.SUMMARIZER in ("", "off"):
        return None
    summarizer = summarizers[settings.SUMMARIZER]
    return summarizer if summarizer.on_demand else None


def request_summary(paper: Paper, *, language: str, now: dt.datetime, again: bool = False) -> Summary:
    """Ask for a summary; the same request twice is one.

    A finished summary is kept unless ``again``; then it stays to be read until the new one is done. A failed one is
    tried anew.

    Raises
    ------
    QueueFull
        If too many wait already.
    LookupError
        If nothing here writes summaries.
    """
    if current_summarizer() is None:
        raise LookupError("COOLPAPERS_SUMMARIZER is off: summaries are imported only")
    with transaction.atomic():
        summary = Summary.objects.select_for_update().filter(paper=paper, language=language).first()
        if summary and (summary.is_open or (summary.status == Summary.Status.DONE and not again)):
            return summary
        if queue.waiting(now=now).count() >= settings.SUMMARY_QUEUE_MAX:
            raise QueueFull(f"{settings.SUMMARY_QUEUE_MAX} summaries are waiting")
        fresh = {
            "status": Summary.Status.QUEUED,
            "priority": _day_number(paper),
            "requested_at": now,
            "error": "",
            "attempts": 0,
            "n_done": 0,
        }
        summary, _ = Summary.objects.update_or_create(paper=paper, language=language, defaults=fresh)
    return summary


def work_once(
    *, claim: str, clock: Callable[[], dt.datetime] = timezone.now, only: Summary | None = None
) -> Summary | None:
    """Claim the next summary (or ``only`` that one) and write it; None where nothing waits.

    A failure is written into the row for its readers, not raised.
    """
    summary = queue.claim_next(claim=claim, now=clock(), only=only)
    if summary is None:
        return None
    try:
        with _heartbeat(summary, claim=claim, clock=clock):
            _write(summary, claim=claim, clock=clock)
    except ClaimLost:
        logger.warning("summary %s was taken over by another worker", summary.pk)
    except SummaryError as exc:
        logger.warning("summary of %s failed: %s", summary.paper.key, exc.reason)
        _close_failed(summary, claim=claim, now=clock(), reason=exc.reason)
    except Exception:  # a process edge: one bad paper must not stop the queue
        logger.exception("summary of %s failed", summary.paper.key)
        _close_failed(
            summary, claim=claim, now=clock(), reason="Something went wrong here; the server's log says what."
        )
    except BaseException:  # the process is told to stop: somebody else shall do it
        with suppress(ClaimLost):
            queue.give_back(summary, claim=claim)
        raise
    return summary


def summary_text(paper: Paper, *, language: str) -> SummaryText:
    """What a summarizer is given of a paper."""
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
        raise SummaryError("Nothing here writes summaries any more.")
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
        raise SummaryError("The summary came out empty.")
    with transaction.atomic():
        queue.finish(summary, claim=claim, now=clock(), markdown=markdown, source=alias, label=summarizer.label()[:200])
        note_changes([summary.paper_id])


def note_changes(paper_pks: Sequence[int]) -> None:
    """Give each paper a new revision, so that indexes learn that it has a summary now; inside a transaction."""
    first = draw_revisions(len(paper_pks)) if paper_pks else 0
    for revision, pk in enumerate(paper_pks, start=first):
        Paper.objects.filter(pk=pk).update(revision=revision)


def _close_failed(summary: Summary, *, claim: str, now: dt.datetime, reason: str) -> None:
    with suppress(ClaimLost):
        queue.fail(summary, claim=claim, now=now, reason=reason)


@contextmanager
def _heartbeat(summary: Summary, *, claim: str, clock: Callable[[], dt.datetime]) -> Iterator[None]:
    """Renew the claim from a thread of its own: a model may be silent for longer than a lease."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(queue.LEASE.total_seconds() / 4):
            try:
                queue.renew(summary, claim=claim, now=clock())
            except ClaimLost:  # the writer finds out at its next save
                break
            except DatabaseError:  # three more follow within the lease
                logger.warning("heartbeat of summary %s failed", summary.pk, exc_info=True)
        connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{summary.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _day_number(paper: Paper) -> int:
    """Day of the paper, as a proleptic Gregorian ordinal; papers with a year only count from its first day."""
    day = paper.announced or paper.submitted
    return (day or dt.date(paper.year or 1, 1, 1)).toordinal()
