"""What every test gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Counts are remembered by the library's revision, which starts again with every test's empty database."""
    cache.clear()
    yield
    cache.clear()
