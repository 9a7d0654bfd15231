"""The Celery application: tasks, queues and schedule.

``celery -A coolpapers worker -Q celery,summaries,mail,pdfs,backups`` and ``celery -A coolpapers beat`` run it with a
broker; without one the web process runs the tasks (see :mod:`coolpapers.base.background`).
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from celery import Celery
from django.conf import settings

from coolpapers.base.background import periodic_lock, queue_of, threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

app = Celery("coolpapers", task_cls="coolpapers.base.background:BackgroundTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def start_background_threads() -> None:
    """Run tasks in this process from now on, periodic ones included; called by the web server. Idempotent.

    Does nothing with a broker, whose workers and beat run the tasks.
    """
    if settings.CELERY_BROKER_URL or not threads.start():
        return
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = app.tasks[entry["task"]]
        queue_thread = threads.of_queue(queue_of(entry["task"]))
        queue_thread.repeat(partial(_run_in_one_process, task), every_s=float(entry["schedule"]))


def _run_in_one_process(task: Any) -> None:
    """Run a periodic task, unless another web process of this site does."""
    if periodic_lock.take():
        task.apply(throw=True)
