"""What every test gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coolpapers.papers.remembering import forget_all


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Counts are remembered by the library's revision, which starts again with every test's empty database."""
    forget_all()
    yield
    forget_all()
