"""A library of hand-made meanings, for tests of pools and candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from search.engines.memory import MemoryBackend
from search.ranking.stages import Stages
from tests.search.meanings import BackwardsReranker, make_engine, make_library, make_retriever, make_stages


@pytest.fixture
def engine() -> MemoryBackend:
    return make_engine(make_library())


@pytest.fixture
def stages(tmp_path: Path, settings: Any) -> Stages:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    documents = make_library()
    return make_stages(documents, make_retriever(tmp_path, documents), BackwardsReranker())
