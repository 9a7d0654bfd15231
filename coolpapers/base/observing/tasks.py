"""Times background tasks, in Celery's workers and in threads of the web process, and shares what workers count."""

from __future__ import annotations

import threading
import time
from typing import Any

from celery import signals
from django.conf import settings

from coolpapers.base.observing.metrics import time_task
from coolpapers.base.observing.sharing import start_sharing, write_now

# None: a task that was called here has failed, and its error goes on to the caller.
_OUTCOMES = {"SUCCESS": "ok", "FAILURE": "failed", "RETRY": "retried", None: "failed"}
_running = threading.local()


def watch_tasks() -> None:
    """Connect to Celery's signals; once a process."""
    signals.task_prerun.connect(_begin, dispatch_uid="coolpapers-metrics")
    signals.task_postrun.connect(_end, dispatch_uid="coolpapers-metrics")
    signals.worker_ready.connect(_share, dispatch_uid="coolpapers-metrics")
    signals.worker_process_init.connect(_share, dispatch_uid="coolpapers-metrics")
    signals.worker_process_shutdown.connect(_write, dispatch_uid="coolpapers-metrics")


def _begin(**_signal: Any) -> None:
    started = getattr(_running, "started", None) or []
    _running.started = [*started, time.perf_counter()]  # a task may run another one


def _end(task: Any = None, state: str | None = None, **_signal: Any) -> None:
    started = getattr(_running, "started", None) or [time.perf_counter()]
    _running.started = started[:-1]
    time_task(str(getattr(task, "name", "")), _OUTCOMES.get(state, "other"), time.perf_counter() - started[-1])


def _share(**_signal: Any) -> None:
    start_sharing(settings.METRICS_DIR)


def _write(**_signal: Any) -> None:
    write_now()
