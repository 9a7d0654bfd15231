"""The site: a Django project with the apps papers, reading, finding, people, api and operating."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

# Tasks declared with ``shared_task`` need the Celery application wherever they are called.
from coolpapers.celery import app as celery_app

try:
    __version__ = version("coolpapers")
except PackageNotFoundError:  # a checkout that is on the path without being installed
    __version__ = "0+unknown"

__all__ = ["__version__", "celery_app"]
