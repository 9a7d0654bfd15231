"""Settings of a site in a folder of its own with an encoder that takes its time, for tests that stop a process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.search.concepts import ConceptEncoder, ConceptRetriever
from tests.settings import *  # noqa: F403


class SlowEncoder(ConceptEncoder):
    def encode(self, texts: Sequence[str]) -> Any:
        time.sleep(1.0)
        return super().encode(texts)


class SlowRetriever(ConceptRetriever):
    def __init__(self, *, path: Path) -> None:
        super().__init__(path=path)
        self.stub = SlowEncoder(self.hash_of_model)


DENSE_RETRIEVERS = {
    "default": {
        "BACKEND": "tests.search.slow_site.SlowRetriever",
        "OPTIONS": {"path": DATA_DIR / "vectors"},  # noqa: F405
    }
}
