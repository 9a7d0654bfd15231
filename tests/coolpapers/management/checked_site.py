"""A site whose parts ``doctor`` checks, each well until a test breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coolpapers.management.findings import Finding


@pytest.fixture
def checked_site(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.SEARCH_MODE = "bm25"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.CrossEncoderReranker"}}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }


def assert_ill(finding: Finding, state: str, cure: str) -> None:
    assert (finding.state, cure in finding.cure) == (state, True), finding
