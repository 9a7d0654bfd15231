"""Building anchors in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from search.base.aliases import ShouldStop, never_stop
from search.neural.anchor_build import AnchorBuild, AnchorPaper, BuildReport
from search.neural.rerankers import AnchorReranker
from tests.search.concepts import ConceptRetriever

N_PAPERS = 40


def build_with(
    reranker: AnchorReranker,
    papers: Sequence[AnchorPaper],
    dense: ConceptRetriever,
    *,
    should_stop: ShouldStop = never_stop,
    progress: Any = None,
) -> BuildReport:
    """Six queries with twelve papers each, the same in every run."""
    rng = np.random.default_rng(0)
    build = AnchorBuild(reranker.anchors, dense, reranker.open_model(), n_queries=6, n_per_query=12, rng=rng)
    return build.run(papers, should_stop=should_stop, progress=progress)
