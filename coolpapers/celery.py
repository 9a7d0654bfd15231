"""The Celery application: tasks, their queues and their times.

``celery -A coolpapers worker -Q celery,summaries,mail`` and ``celery -A coolpapers beat`` run it against a broker;
without one the web process does the work (see :mod:`coolpapers.base.background`).
"""

from __future__ import annotations

import os
from functools import partial

from celery import Celery
from django.conf import settings

from coolpapers.base.background import queue_of, threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

app = Celery("coolpapers", task_cls="coolpapers.base.background:BackgroundTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def start_background_threads() -> None:
    """Called by the web server: do tasks in this process from now on, and run the periodic ones.

    Does nothing with a broker, whose workers and beat do both, and nothing the second time.
    """
    if settings.CELERY_BROKER_URL or not threads.start():
        return
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = app.tasks[entry["task"]]
        lane = threads.lane(queue_of(entry["task"]))
        lane.repeat(partial(task.apply, throw=True), every_s=float(entry["schedule"]))
