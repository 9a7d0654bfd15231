"""Celery tasks without a broker: threads inside the web process do them.

With a broker (``COOLPAPERS_BROKER_URL``) tasks go to Celery workers as usual. Without one, the web server calls
:func:`coolpapers.celery.start_background_threads` when it starts, and from then on ``task.delay()`` hands the
task to a thread of this process: one a queue, so that a summary of minutes does not hold up the index. In any
other process (a management command, a test) the task is done at once, in the caller's thread.

Nothing that matters lives in these threads' memory: work that must survive a kill is a row in a table, and
periodic tasks (``CELERY_BEAT_SCHEDULE``) look for rows left behind.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery import Task
from django.conf import settings
from django.db import close_old_connections

logger = logging.getLogger(__name__)

DEFAULT_QUEUE = "celery"  # Celery's own name for it


@dataclass(order=True)
class _Job:
    due: float  # on the monotonic clock
    number: int
    run: Callable[[], None] = field(compare=False)


class Lane:
    """A thread that runs jobs one after the other, the earliest due first."""

    def __init__(self, name: str) -> None:
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=f"tasks-{name}", daemon=True)
        self._thread.start()

    def put(self, run: Callable[[], None], *, delay_s: float = 0.0) -> None:
        with self._changed:
            heapq.heappush(self._jobs, _Job(time.monotonic() + delay_s, next(self._numbers), run))
            self._changed.notify()

    def stop(self) -> None:
        """Leave what has not begun and wait for what has."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def repeat(self, run: Callable[[], None], *, every_s: float) -> None:
        """Run now and then, ``every_s`` after each end; a failure does not end the row."""

        def again() -> None:
            try:
                run()
            finally:
                self.put(again, delay_s=every_s)

        self.put(again)

    def _work(self) -> None:
        while (job := self._take()) is not None:
            close_old_connections()
            try:
                job.run()
            except Exception:  # a process edge: the thread must outlive any task
                logger.exception("a background task failed")
            close_old_connections()

    def _take(self) -> _Job | None:
        with self._changed:
            while not self._stopped:
                wait_s = self._jobs[0].due - time.monotonic() if self._jobs else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._jobs)
                self._changed.wait(wait_s)
            return None


class BackgroundThreads:
    """The lanes of one process, made as queues are first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._pid = 0  # of the process that started them; threads do not survive a fork

    @property
    def running(self) -> bool:
        return self._pid == os.getpid()

    def start(self) -> bool:
        """Begin to take tasks in this process; False where it had begun."""
        with self._lock:
            if self.running:
                return False
            self._pid = os.getpid()
            self._lanes = {}
        return True

    def stop(self) -> None:
        """Take no more tasks; those that have begun are done when this returns."""
        with self._lock:
            lanes, self._lanes, self._pid = list(self._lanes.values()), {}, 0
        for lane in lanes:
            lane.stop()

    def lane(self, name: str) -> Lane:
        with self._lock:
            if name not in self._lanes:
                self._lanes[name] = Lane(name)
            return self._lanes[name]


threads = BackgroundThreads()


def queue_of(task_name: str) -> str:
    """The queue that ``CELERY_TASK_ROUTES`` gives a task."""
    return str(settings.CELERY_TASK_ROUTES.get(task_name, {}).get("queue", DEFAULT_QUEUE))


class BackgroundTask(Task):  # type: ignore[misc]  # celery ships no types
    """A Celery task that knows what to do without a broker."""

    abstract = True

    def apply_async(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        if settings.CELERY_BROKER_URL:
            return super().apply_async(args, kwargs, **options)
        if not threads.running:
            return self.apply(args, kwargs, throw=True)
        threads.lane(options.get("queue") or queue_of(self.name)).put(
            lambda: self.apply(args, kwargs, throw=True), delay_s=float(options.get("countdown") or 0)
        )
        return None
