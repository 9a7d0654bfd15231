"""The project: settings, addresses and three apps (papers, reading, people)."""

from __future__ import annotations

# Tasks declared with ``shared_task`` belong to the current application: it must exist wherever they are called.
from coolpapers.celery import app as celery_app

__all__ = ["celery_app"]
