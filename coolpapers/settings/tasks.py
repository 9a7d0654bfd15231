"""Celery: broker, queues and periodic tasks."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_str

# Message broker of Celery; empty: the web process runs the tasks. Example: redis://localhost:6379/0
CELERY_BROKER_URL = read_str("COOLPAPERS_BROKER_URL", "")
CELERY_TASK_IGNORE_RESULT = True
# A task whose worker dies is given to another worker; tasks may run twice and are idempotent.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}  # seconds until Redis redelivers an unacknowledged task
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Further queues: a slow task must not delay the others.
CELERY_TASK_ROUTES = {
    "coolpapers.reading.tasks.work_on_summaries": {"queue": "summaries"},
    "coolpapers.reading.tasks.fetch_pdfs": {"queue": "pdfs"},  # it pauses between two files of a host
    "coolpapers.people.tasks.send_due_digests": {"queue": "mail"},  # a mail server may be slow
}
# name → task and seconds between runs
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Writes summaries whose worker was killed, and those requested while none was running.
    "work-on-summaries": {"task": "coolpapers.reading.tasks.work_on_summaries", "schedule": 30.0},
    # Fetches PDFs whose worker was killed.
    "fetch-pdfs": {"task": "coolpapers.reading.tasks.fetch_pdfs", "schedule": 300.0},
    # Indexes and embeds new papers.
    "follow-library": {"task": "coolpapers.finding.tasks.follow_library", "schedule": 60.0},
    # The index is read once a day; what a disk has damaged is rebuilt.
    "verify-index": {"task": "coolpapers.finding.tasks.verify_index", "schedule": 86_400.0},
    # Anchors that are damaged or too old are rebuilt, a minute of scoring at a time.
    "follow-anchors": {"task": "coolpapers.finding.tasks.follow_anchors", "schedule": 900.0},
    # Moves stars and notes of papers whose key has changed.
    "follow-papers": {"task": "coolpapers.people.tasks.follow_papers", "schedule": 3600.0},
    # Sends the daily e-mail alerts that are due; see DIGEST_HOUR.
    "send-due-digests": {"task": "coolpapers.people.tasks.send_due_digests", "schedule": 600.0},
}
