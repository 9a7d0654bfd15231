"""Settings of the tests: the site's own, with state in a throw-away folder."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Each worker of pytest-xdist has a folder of its own, although it inherits the environment of the process that started
# it. Processes that a test starts keep the folder that the test gives them.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if "COOLPAPERS_DATA_DIR" not in os.environ or os.environ.get("COOLPAPERS_TEST_WORKER", "") != _WORKER:
    os.environ["COOLPAPERS_DATA_DIR"] = tempfile.mkdtemp(prefix="coolpapers-test-")
    os.environ["COOLPAPERS_TEST_WORKER"] = _WORKER
    atexit.register(shutil.rmtree, os.environ["COOLPAPERS_DATA_DIR"], ignore_errors=True)
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Before anything imports torch or faiss. On the small arrays of tests threads mostly wait for each other, and workers
# that run beside each other have no cores to spare.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from coolpapers.settings import *  # noqa: E402, F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "for tests only"
# Serve static files from where they lie, without collecting them first.
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# A file, as on a site: threads share the one connection of a database in memory, so that two requests at once would
# find themselves in one transaction. Nothing in it outlives the run, so nothing waits for a disk.
if DATABASES["default"]["ENGINE"] == "coolpapers.base.sqlite":  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
