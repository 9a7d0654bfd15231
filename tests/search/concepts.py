"""A tiny encoder with hand-made vectors, so that tests know which papers are similar to which words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.artifacts import Manifest
from rerank.encoders.lazy_model import LazyModel
from search.neural.dense import VectorRetriever
from search.neural.former import FormerEncoder

# Words of one line mean the same.
CONCEPTS = (
    ("car", "cars", "automobile", "vehicle"),
    ("tree", "trees", "forest", "oak"),
    ("graph", "graphs", "network", "networks"),
    ("cat", "cats", "feline"),
    ("ocean", "sea", "water"),
)
DIM = 16


class ConceptEncoder:
    """Each concept is an axis; words of no concept share the other axes, thinly.

    Encoders whose hash begins with ``wide`` have more and other axes: their vectors do not fit those of the others.
    """

    name = "concepts"

    def __init__(self, model_hash: str = "concepts-1") -> None:
        self.model_hash = self.query_hash = model_hash
        self.n_texts = 0

    def encode(self, texts: Sequence[str]) -> Any:
        self.n_texts += len(texts)
        is_wide = self.model_hash.startswith("wide")
        vectors = np.zeros((len(texts), DIM + 8 * is_wide), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                axis, size = _axis(word.strip(".,;:"))
                vectors[row, axis + 8 * is_wide] += size
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, 1)

    def encode_queries(self, texts: Sequence[str]) -> Any:
        return self.encode(texts)


class ConceptRetriever(VectorRetriever):
    """A retriever with this encoder and real vectors, files and search."""

    def __init__(
        self, *, path: Path, hash_of_model: str = "concepts-1", installed: Collection[str] = (), **options: Any
    ) -> None:
        super().__init__(path=path, model="concepts", **options)
        self.hash_of_model = hash_of_model
        self.installed = installed  # hashes of the other encoders that can be loaded
        self.stub = ConceptEncoder(hash_of_model)

    def open_encoder(self) -> Any:
        return self.stub

    def model_hash(self) -> str:
        return self.hash_of_model

    def query_hash(self) -> str:
        return self.hash_of_model

    def former_of(self, manifest: Manifest) -> FormerEncoder | None:
        known = manifest.model_hash
        if known not in self.installed:
            return None
        resident: LazyModel[Any] = LazyModel(lambda: ConceptEncoder(known))
        return FormerEncoder(f"model {known}", known, known, resident)


def _axis(word: str) -> tuple[int, float]:
    for axis, words in enumerate(CONCEPTS):
        if word in words:
            return axis, 1.0
    return len(CONCEPTS) + hashlib.blake2b(word.encode(), digest_size=1).digest()[0] % (DIM - len(CONCEPTS)), 0.1
