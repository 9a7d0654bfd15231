"""Following a summary while it is written: server-sent events read from the table.

The writer may be any process, so the table is what is watched; a change is seen within half a second. A stream ends
after :data:`LONGEST_S` and the browser connects again by itself, so that no thread is held for a page that is
long closed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coolpapers.reading.markup.markdown import render_markdown
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.queue import place_in_queue

LOOK_EVERY_S = 0.5
LONGEST_S = 25.0
# A comment is sent after so long without a change: only writing shows that the page is gone.
KEEPALIVE_S = 3.0
RECONNECT_MS = 1000


class StreamSlots:
    """How many streams this process has open; each of them keeps a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    def take(self, limit: int) -> bool:
        with self._lock:
            if self._open >= limit:
                return False
            self._open += 1
            return True

    @property
    def n_open(self) -> int:
        return self._open

    def give(self) -> None:
        with self._lock:
            self._open -= 1


streams = StreamSlots()


def describe_state(summary: Summary) -> str:
    """One line for the reader: its place in the queue, or how far it is."""
    if summary.status == Summary.Status.QUEUED:
        n_before = place_in_queue(summary)
        if not n_before:
            return _("Next in the queue.")
        return ngettext(
            "Waiting: %(n)d summary ahead in the queue.", "Waiting: %(n)d summaries ahead in the queue.", n_before
        ) % {"n": n_before}
    if summary.status == Summary.Status.RUNNING:
        if not summary.n_total:
            return _("Being written …")
        number = min(summary.n_done + 1, summary.n_total)
        return _("Being written: question %(number)d of %(total)d …") % {"number": number, "total": summary.n_total}
    return ""


class SummaryEvents:
    """The events of one stream: ``progress`` with state and HTML when something changed, then ``done``.

    ``release`` is called once when the stream ends or the page goes away.
    """

    def __init__(
        self,
        summary_pk: int,
        *,
        release: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pk = summary_pk
        self._release = release
        self._clock, self._sleep = clock, sleep
        self._closed = False
        self._events = self._watch()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._events)

    def close(self) -> None:
        """Called by Django when the response is over, also where it was never read."""
        if not self._closed:
            self._closed = True
            self._events.close()
            self._release()

    def _watch(self) -> Generator[str, None, None]:
        yield f"retry: {RECONNECT_MS}\n\n"
        end = self._clock() + LONGEST_S
        last: dict[str, str] | None = None
        told_at = self._clock()
        while self._clock() < end:
            summary = Summary.objects.filter(pk=self._pk).first()
            if summary is None or not summary.is_open:
                yield _event("done", {})
                return
            now = {"state": describe_state(summary), "html": render_markdown(summary.partial, partial=True)}
            if now != last:
                yield _event("progress", now)
                last, told_at = now, self._clock()
            elif self._clock() - told_at >= KEEPALIVE_S:
                yield ":\n\n"
                told_at = self._clock()
            self._sleep(LOOK_EVERY_S)


def _event(name: str, data: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
