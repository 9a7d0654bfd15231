"""A small library with vectors made by hand, and a reranker with a real cross-encoder of two layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.neural.anchor_build import AnchorPaper
from search.neural.rerankers import AnchorReranker
from tests.search.concepts import CONCEPTS, ConceptRetriever
from tests.search.neural.anchored import N_PAPERS
from tests.search.neural.test_rerankers import tiny_cross_encoder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def papers() -> list[AnchorPaper]:
    rng = np.random.default_rng(1)
    words = [word for line in CONCEPTS for word in line]
    return [
        AnchorPaper(f"p:{number:02}", " ".join(rng.choice(words, size=4)).title() + f" {number}", "Some text.")
        for number in range(N_PAPERS)
    ]


@pytest.fixture
def dense(papers: list[AnchorPaper], tmp_path: Path) -> ConceptRetriever:
    retriever = ConceptRetriever(path=tmp_path / "vectors", min_similarity=-1.0)
    retriever.update([paper.key for paper in papers], [paper.title for paper in papers], removed=(), revision=1)
    return retriever


@pytest.fixture
def reranker(model: Path, tmp_path: Path) -> AnchorReranker:
    return AnchorReranker(anchors=tmp_path / "anchors", model=model, budget=8, dtype="float32", weight=1.0)
