from __future__ import annotations

from typing import Any

import pytest

from search.base.backends import UnknownBackend
from search.engines.memory import MemoryBackend
from search.engines.registry import search_backend

MEMORY = {"BACKEND": "search.engines.memory.MemoryBackend"}


def test_the_engine_is_that_of_the_settings_and_is_built_once(settings: Any) -> None:
    settings.SEARCH_BACKENDS = {"memory": MEMORY, "other": MEMORY}
    settings.SEARCH_BACKEND = "memory"
    engine = search_backend()
    assert isinstance(engine, MemoryBackend)
    assert search_backend("memory") is engine
    assert search_backend("other") is not engine


def test_an_engine_that_no_setting_names_is_refused(settings: Any) -> None:
    settings.SEARCH_BACKENDS = {"memory": MEMORY}
    with pytest.raises(UnknownBackend, match="SEARCH_BACKENDS has no 'lucene'; it has: memory"):
        search_backend("lucene")
