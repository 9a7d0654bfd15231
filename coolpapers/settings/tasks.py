"""Celery: broker, queues and periodic tasks."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_bool, read_hour, read_int, read_str

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
    "coolpapers.operating.tasks.back_up": {"queue": "backups"},
    "coolpapers.operating.tasks.harvest_day": {"queue": "pdfs"},  # it pauses between two requests, too
    "coolpapers.operating.tasks.audit_library": {"queue": "pdfs"},
    "coolpapers.feeding.tasks.get_requested_papers": {"queue": "pdfs"},  # readers wait
    "coolpapers.feeding.tasks.read_uploads": {"queue": "pdfs"},  # readers wait
    "coolpapers.feeding.tasks.harvest_due_sources": {"queue": "harvests"},  # it pauses between requests
}
# Of several beats one starts the tasks.
CELERY_BEAT_SCHEDULER = "coolpapers.operating.periodic.beat:OneBeat"
# Tasks for the files in the data folder of each machine; all others run once for a site.
TASKS_OF_EACH_MACHINE = frozenset(
    f"coolpapers.finding.tasks.{name}" for name in ("follow_library", "verify_index", "follow_anchors")
)
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
    # Deletes expired sessions and records of used invitations.
    "delete-expired": {"task": "coolpapers.people.tasks.delete_expired", "schedule": 3600.0},
    # Sends the daily e-mail alerts that are due; see DIGEST_HOUR.
    "send-due-digests": {"task": "coolpapers.people.tasks.send_due_digests", "schedule": 600.0},
    # Fetches papers that readers asked for, whose worker was killed.
    "get-requested-papers": {"task": "coolpapers.feeding.tasks.get_requested_papers", "schedule": 300.0},
    # Reads uploads whose worker was killed.
    "read-uploads": {"task": "coolpapers.feeding.tasks.read_uploads", "schedule": 300.0},
    # Harvests the sources whose hour has come.
    "harvest-due-sources": {"task": "coolpapers.feeding.tasks.harvest_due_sources", "schedule": 120.0},
    # Makes the day's backup after BACKUP_HOUR, where BACKUP_DIR names a folder.
    "back-up": {"task": "coolpapers.operating.tasks.back_up", "schedule": 900.0},
    # Asks the repositories what they list, where AUDIT_DAYS says so.
    "audit-library": {"task": "coolpapers.operating.tasks.audit_library", "schedule": 3600.0},
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # A run that no worker took before the next one is due is dropped: none pile up while the workers are down.
    _entry["options"] = {"expires": _entry["schedule"]}

# ---- scheduled backups ------------------------------------------------------------------------------
# Folder for daily backups; empty: none are made. Example: /srv/backups
BACKUP_DIR = read_str("COOLPAPERS_BACKUP_DIR", "")
# Hour of the day, in the site's time zone, after which the day's backup is made.
BACKUP_HOUR = read_hour("COOLPAPERS_BACKUP_HOUR", 3)
# Backups to keep: the newest ones, and the newest of each week.
BACKUP_DAILY = read_int("COOLPAPERS_BACKUP_DAILY", 7)
BACKUP_WEEKLY = read_int("COOLPAPERS_BACKUP_WEEKLY", 4)
# Include index and vectors, which a restored site can compute again.
BACKUP_DERIVED = read_bool("COOLPAPERS_BACKUP_DERIVED", False)

# ---- audits -----------------------------------------------------------------------------------------
# Days before today that are compared with the harvested repositories, once a day; 0: none. Missing papers are mailed to
# staff.
AUDIT_DAYS = read_int("COOLPAPERS_AUDIT_DAYS", 0)
# Hour of the day, in the site's time zone, after which that is done.
AUDIT_HOUR = read_hour("COOLPAPERS_AUDIT_HOUR", 5)
