"""What every test gets."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from django.core.cache import caches

from coolpapers.papers.remembering import forget_all
from coolpapers.throttling import COUNTS

# A runner started in the background ignores SIGINT and hands that down; tests of clean stops must not depend on it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Counts are remembered by the library's revision, which starts again with every test's empty database.

    How often somebody asked is kept for all processes; each test is a new visitor.
    """
    forget_all()
    caches[COUNTS].clear()
    yield
    forget_all()
