"""Settings of a site in a folder of its own whose models take their time, for tests that stop a process.

The cross-encoder is expected in the folder's ``cross/model``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from search.neural.rerankers import AnchorReranker
from tests.search.concepts import ConceptEncoder, ConceptRetriever
from tests.settings import *  # noqa: F403


class SlowEncoder(ConceptEncoder):
    def encode(self, texts: Sequence[str]) -> Any:
        if len(texts) > 1:  # papers; a query is answered at once
            time.sleep(1.0)
        return super().encode(texts)


class SlowRetriever(ConceptRetriever):
    def __init__(self, *, path: Path) -> None:
        super().__init__(path=path)
        self.stub = SlowEncoder(self.hash_of_model)


class SlowReranker(AnchorReranker):
    """Takes a second for a tile of pairs."""

    def open_model(self) -> Any:
        scorer: Any = super().open_model()
        score_rows = scorer.score_rows

        def slowly(*arguments: Any) -> Any:
            time.sleep(1.0)
            return score_rows(*arguments)

        scorer.score_rows = slowly
        return scorer


RERANKERS = {
    "default": {
        "BACKEND": "tests.coolpapers.finding.slow_site.SlowReranker",
        "OPTIONS": {
            "anchors": DATA_DIR / "anchors",  # noqa: F405
            "model": DATA_DIR / "cross" / "model",  # noqa: F405
            "dtype": "float32",
        },
    }
}
DENSE_RETRIEVERS = {
    "default": {
        "BACKEND": "tests.coolpapers.finding.slow_site.SlowRetriever",
        "OPTIONS": {"path": DATA_DIR / "vectors"},  # noqa: F405
    }
}
