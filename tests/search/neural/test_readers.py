"""Vectors in files keep the contract of all stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.search.concepts import ConceptRetriever
from tests.search.neural.vector_contract import VectorContract


class TestFolder(VectorContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "vectors"

    @pytest.fixture
    def small_chunks(self, monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setattr("rerank.vectors.vector_store.CHUNK_TEXTS", 10)
        return 10

    def make(self, **options: Any) -> ConceptRetriever:
        return ConceptRetriever(path=self.path, min_similarity=-1.0, **options)
