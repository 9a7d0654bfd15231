"""The Celery application: tasks, queues and schedule.

``celery -A coolpapers worker -Q celery,summaries,mail,pdfs,backups,harvests`` and ``celery -A coolpapers beat`` run it
with a broker; without one the web process runs the tasks (see :mod:`coolpapers.base.background`).
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_process_init
from django.conf import settings

from coolpapers.base.background import periodic_lock, queue_of, threads
from coolpapers.operating.periodic.following import CHECK_S, note_run, run_if_overdue
from coolpapers.operating.serving import return_free_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

app = Celery("coolpapers", task_cls="coolpapers.base.background:BackgroundTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

CHOICES_S = 10.0  # until the other processes of a site follow a choice
CHOICES = "choices"  # thread that follows what administrators choose on pages
TRIM_S = 60.0  # between two times that free memory is returned
FOLLOWING = "following"  # thread of the tasks that each machine does for itself


def start_background_threads() -> None:
    """Run tasks in this process from now on, periodic ones included; called by the web server. Idempotent.

    With a broker, workers and beat run the tasks; this process runs those that its machine does for itself where no
    worker does (see :mod:`coolpapers.operating.periodic.following`).
    """
    if not threads.start():
        return
    app.loader.import_default_modules()
    threads.of_queue(CHOICES).repeat(_use_choices, every_s=CHOICES_S)
    threads.of_queue(CHOICES).repeat(return_free_memory, every_s=TRIM_S)
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task, every_s = app.tasks[entry["task"]], float(entry["schedule"])
        if not settings.CELERY_BROKER_URL:
            queue_thread = threads.of_queue(queue_of(entry["task"]))
            queue_thread.repeat(partial(_run_in_one_process, task), every_s=every_s)
        elif entry["task"] in settings.TASKS_OF_EACH_MACHINE:
            follow = partial(_run_if_overdue, task, every_s=every_s)
            threads.of_queue(FOLLOWING).repeat(follow, every_s=min(CHECK_S, every_s))


def _run_in_one_process(task: Any) -> None:
    """Run a periodic task, unless another web process of this machine does, or another machine of the site."""
    from coolpapers.operating.periodic.leader import is_leader  # its table needs the apps

    is_ours = periodic_lock.take() if task.name in settings.TASKS_OF_EACH_MACHINE else is_leader()
    if is_ours:
        task.apply(throw=True)


def _run_if_overdue(task: Any, *, every_s: float) -> None:
    run_if_overdue(task, every_s=every_s)


def _use_choices(**_signal: object) -> None:
    from coolpapers.operating.choices import use_choices  # its table needs the apps

    use_choices()


def _note_run(sender: Any, **_: Any) -> None:
    if sender.name in settings.TASKS_OF_EACH_MACHINE:
        note_run(sender.name)


task_prerun.connect(_note_run)
task_postrun.connect(_note_run)
worker_process_init.connect(_use_choices)
