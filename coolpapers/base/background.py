"""Celery tasks without a broker: threads of the web process run them.

With a broker (``COOLPAPERS_BROKER_URL``) tasks go to Celery workers as usual. Without one, the web server calls
:func:`coolpapers.celery.start_background_threads` when it starts, and from then on ``task.delay()`` passes the task to
a thread of this process. Each queue has its own thread, so that a summary that takes minutes does not delay the index.
In any other process (a management command, a test) the task runs at once in the caller's thread.

The threads hold no state that matters: work that must survive a kill is a row in a table, and periodic tasks
(``CELERY_BEAT_SCHEDULE``) take up rows that were left behind.
"""

from __future__ import annotations

import fcntl
import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from celery import Task
from django.conf import settings
from django.db import close_old_connections
from kombu.exceptions import OperationalError as BrokerError

from coolpapers.base.outages import degraded, find_outage

logger = logging.getLogger(__name__)

DEFAULT_QUEUE = "celery"  # Celery's name of the default queue


@dataclass(order=True)
class _Job:
    due: float  # on the monotonic clock
    number: int
    run: Callable[[], None] = field(compare=False)


class QueueThread:
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
        """Discard waiting jobs and wait for the running one."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def repeat(self, run: Callable[[], None], *, every_s: float) -> None:
        """Run repeatedly, ``every_s`` after the end of each run; a failure does not stop the repetition."""

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
            except Exception as exc:  # process edge: the thread must survive any task
                if find_outage(exc) is None:
                    logger.exception("A background task failed")
                else:  # tasks are repeated every few seconds, so an outage is logged once
                    degraded.count("tasks", exc)
            else:
                degraded.succeed("tasks")
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
    """The queue threads of one process, each started when its queue is first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue_threads: dict[str, QueueThread] = {}
        self._pid = 0  # of the process that started them; threads do not survive a fork

    @property
    def running(self) -> bool:
        return self._pid == os.getpid()

    def start(self) -> bool:
        """Accept tasks in this process; False if it did already."""
        with self._lock:
            if self.running:
                return False
            self._pid = os.getpid()
            self._queue_threads = {}
        return True

    def stop(self) -> None:
        """Accept no more tasks; running ones are finished when this returns."""
        with self._lock:
            queue_threads, self._queue_threads, self._pid = list(self._queue_threads.values()), {}, 0
        for queue_thread in queue_threads:
            queue_thread.stop()

    def of_queue(self, name: str) -> QueueThread:
        with self._lock:
            if name not in self._queue_threads:
                self._queue_threads[name] = QueueThread(name)
            return self._queue_threads[name]


class ProcessLock:
    """A lock that one process of the site holds until it ends, however it ends. All its threads hold it together."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._pid = 0

    def take(self) -> bool:
        """Whether this process holds it, now or already. Without a folder to lock in, every process does."""
        with self._lock:
            if self._file is not None and self._pid == os.getpid():
                return True
            try:
                self._path().parent.mkdir(parents=True, exist_ok=True)
                file = self._path().open("ab")
            except OSError as exc:
                logger.warning("Cannot lock %s; periodic tasks may run more than once: %s", self._path(), exc)
                return True
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._file, self._pid = file, os.getpid()
            return True

    def release(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


threads = BackgroundThreads()
# Of several web processes the holder runs the periodic tasks.
periodic_lock = ProcessLock(lambda: Path(settings.DATA_DIR) / ".periodic.lock")


def queue_of(task_name: str) -> str:
    """The queue of a task by ``CELERY_TASK_ROUTES``."""
    return str(settings.CELERY_TASK_ROUTES.get(task_name, {}).get("queue", DEFAULT_QUEUE))


class BackgroundTask(Task):  # type: ignore[misc]  # celery ships no types
    """A Celery task that also runs without a broker."""

    abstract = True

    def apply_async(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        if settings.CELERY_BROKER_URL:
            return self._send(args, kwargs, options)
        if not threads.running:
            return self.apply(args, kwargs, throw=True)
        threads.of_queue(options.get("queue") or queue_of(self.name)).put(
            lambda: self.apply(args, kwargs, throw=True), delay_s=float(options.get("countdown") or 0)
        )
        return None

    def _send(self, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        """Give the task to the broker. Without an answer the next periodic run takes up what is left behind."""
        try:
            result = super().apply_async(args, kwargs, **options)
        except BrokerError as exc:
            degraded.count("broker", exc)
            return None
        degraded.succeed("broker")
        return result
