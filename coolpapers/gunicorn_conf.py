"""How gunicorn serves the site, where it is preferred to ``manage.py serve``: one process with threads.

In a checkout: ``gunicorn --config coolpapers/gunicorn_conf.py coolpapers.wsgi``. Where the package is installed:
``gunicorn --config python:coolpapers.gunicorn_conf coolpapers.wsgi``.
"""

from __future__ import annotations

import os
from pathlib import Path

workers = int(os.environ.get("COOLPAPERS_WEB_WORKERS", "1"))
threads = int(os.environ.get("COOLPAPERS_WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 120  # seconds; a first search may have to load a model
# Bytes of an address: the most that gunicorn counts. 500 arXiv ids need 5,500, and gunicorn's default is 4,094.
limit_request_line = 8190
accesslog = None
loglevel = "warning"
_MEMORY = Path("/dev/shm")  # noqa: S108 # gunicorn makes files of its own there; a heartbeat must not wait for a disk
worker_tmp_dir = str(_MEMORY) if _MEMORY.is_dir() else None
