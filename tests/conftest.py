"""What every test gets."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from coolpapers.base.throttling import COUNTS
from coolpapers.papers.lookup.cached_counts import clear as clear_cached_counts
from coolpapers.papers.pages.page_cache import PAGES

# A runner started in the background ignores SIGINT and hands that down; tests of clean stops must not depend on it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Hypothesis gives an example 200 ms: a machine that is busy or paused is no defect of what is tested.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers share the tests, begin with the slow ones, so that none ends alone. Else all is random."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Counts are remembered by the library's revision, which starts again with every test's empty database.

    How often somebody asked is kept for all processes; each test is a new visitor.
    """
    clear_cached_counts()
    caches[COUNTS].clear()
    caches[PAGES].clear()
    yield
    clear_cached_counts()


@pytest.fixture(autouse=True)
def _no_kept_pages(settings: Any) -> None:
    """Tests change what has no revision, such as settings, and expect to see it at once."""
    settings.PAGE_CACHE = 0


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """The language a page was asked for stays with the thread until its next request, which a test may not make."""
    translation.deactivate()
    yield
    translation.deactivate()
