"""How gunicorn serves the site: one process with threads, so that models and indexes are in memory once."""

from __future__ import annotations

import os

workers = int(os.environ.get("COOLPAPERS_WEB_WORKERS", "1"))
threads = int(os.environ.get("COOLPAPERS_WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 120  # seconds; a first search may have to load a model
accesslog = None
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112 - heartbeats must not wait for a disk
