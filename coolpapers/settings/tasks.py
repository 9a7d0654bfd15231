"""Celery: its broker, queues and what runs from time to time."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_str

# Message broker of Celery; empty: the web process does tasks itself. Example: redis://localhost:6379/0
CELERY_BROKER_URL = read_str("COOLPAPERS_BROKER_URL", "")
CELERY_TASK_IGNORE_RESULT = True
# A task whose worker dies is given to another; tasks may therefore run twice and are written for it.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}  # seconds until Redis hands a silent task out again
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Queues beside Celery's own: one that is slow must not hold up the others.
CELERY_TASK_ROUTES = {
    "coolpapers.reading.tasks.work_on_summaries": {"queue": "summaries"},
    "coolpapers.people.tasks.send_due_digests": {"queue": "mail"},  # a mail server may take its time
}
# name → task and seconds between runs
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Takes up summaries whose worker was killed, and those asked for while none was running.
    "work-on-summaries": {"task": "coolpapers.reading.tasks.work_on_summaries", "schedule": 30.0},
    # New papers are found by words and by meaning without a librarian's doing.
    "follow-library": {"task": "coolpapers.finding.tasks.follow_library", "schedule": 60.0},
    # The index is read once a day; what a disk has damaged is rebuilt.
    "verify-index": {"task": "coolpapers.finding.tasks.verify_index", "schedule": 86_400.0},
    # Stars and notes go along with a paper that is known by another key than before.
    "follow-papers": {"task": "coolpapers.people.tasks.follow_papers", "schedule": 3600.0},
    # Looks whose daily mail is due; see DIGEST_HOUR.
    "send-due-digests": {"task": "coolpapers.people.tasks.send_due_digests", "schedule": 600.0},
}
