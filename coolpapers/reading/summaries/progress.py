"""Stream a summary while it is written, as server-sent events read from the table.

The writer may be any process, so the stream polls the table, every half second. A stream ends after
:data:`MAX_STREAM_S` and the browser reconnects, so that no thread stays occupied by a closed page.
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

POLL_EVERY_S = 0.5
MAX_STREAM_S = 25.0
# A comment is sent after so long without a change: only a failed write reveals a closed connection.
KEEPALIVE_S = 3.0
RECONNECT_MS = 1000


class StreamSlots:
    """Limits the open streams of this process; each occupies a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    def acquire(self, limit: int) -> bool:
        with self._lock:
            if self._open >= limit:
                return False
            self._open += 1
            return True

    @property
    def n_open(self) -> int:
        return self._open

    def release(self) -> None:
        with self._lock:
            self._open -= 1


streams = StreamSlots()


def describe_state(summary: Summary) -> str:
    """One line for the reader: the place in the queue, or the progress."""
    if summary.status == Summary.Status.QUEUED:
        n_ahead = place_in_queue(summary)
        if not n_ahead:
            return _("Next in the queue.")
        return ngettext(
            "Waiting: %(n)d summary ahead in the queue.", "Waiting: %(n)d summaries ahead in the queue.", n_ahead
        ) % {"n": n_ahead}
    if summary.status == Summary.Status.RUNNING:
        if not summary.n_total:
            return _("Being written …")
        number = min(summary.n_done + 1, summary.n_total)
        return _("Being written: question %(number)d of %(total)d …") % {"number": number, "total": summary.n_total}
    return ""


class SummaryEvents:
    """The events of one stream: ``progress`` with state and HTML on each change, then ``done``.

    ``release`` is called once, when the stream ends or the connection closes.
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
        """Called by Django at the end of the response, even if it was never iterated."""
        if not self._closed:
            self._closed = True
            self._events.close()
            self._release()

    def _watch(self) -> Generator[str, None, None]:
        yield f"retry: {RECONNECT_MS}\n\n"
        end = self._clock() + MAX_STREAM_S
        last: dict[str, str] | None = None
        sent_at = self._clock()
        while self._clock() < end:
            summary = Summary.objects.filter(pk=self._pk).first()
            if summary is None or not summary.is_open:
                yield _event("done", {})
                return
            now = {"state": describe_state(summary), "html": render_markdown(summary.partial, partial=True)}
            if now != last:
                yield _event("progress", now)
                last, sent_at = now, self._clock()
            elif self._clock() - sent_at >= KEEPALIVE_S:
                yield ":\n\n"
                sent_at = self._clock()
            self._sleep(POLL_EVERY_S)


def _event(name: str, data: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
