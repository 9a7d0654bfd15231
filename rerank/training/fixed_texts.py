"""Fixed vectors of texts, to train an encoder of queries against.

In query-side fine-tuning (Lee et al. 2021, "Learning Dense Representations of Phrases at Scale") only the encoder of
queries is trained, against the vectors that the library has already. No paper is embedded again, and each query can be
compared with thousands of texts by one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from rerank.arrays import Rows, Vectors
from rerank.artifacts import content_hash
from rerank.errors import ShapeError
from rerank.training.training_data import GradedList
from rerank.vectors.index import open_vectors
from rerank.vectors.vector_store import Encode


class FixedTexts:
    """Unit vectors of texts, by the hash of the text.

    Parameters
    ----------
    vectors : float32, shape (n_texts, dim)
    row_of : row of each text, by its content hash
    ends : the row after the last of each collection of texts; empty: all rows are one collection
    """

    def __init__(self, vectors: Vectors, row_of: dict[bytes, int], *, ends: Sequence[int] = ()) -> None:
        self.vectors = vectors
        self.row_of = row_of
        self._ranges = list(pairwise((0, *(ends or (len(vectors),)))))

    @classmethod
    def of(cls, lists: Iterable[GradedList], *, folders: Sequence[Path], encode: Encode, model_hash: str) -> FixedTexts:
        """All living vectors of the folders, and those of the lists' texts; texts in no folder are embedded.

        Raises
        ------
        ArtifactMissing, ArtifactBroken, ModelMismatch
            If a folder holds no vectors of this encoder.
        """
        parts: list[Vectors] = []
        row_of: dict[bytes, int] = {}
        ends: list[int] = []
        n_rows = 0
        for folder in folders:
            index = open_vectors(folder, model_hash=model_hash)
            alive = np.flatnonzero(index.alive)
            parts.append(np.asarray(index.vectors[alive]))
            row_of |= {digest.tobytes(): n_rows + position for position, digest in enumerate(index.hashes[alive])}
            n_rows += len(alive)
            ends.append(n_rows)
        texts = dict.fromkeys(text for item in lists for text in item.texts)
        missing = [text for text in texts if content_hash(text) not in row_of]
        if missing:
            parts.append(encode(missing))
            row_of |= {content_hash(text): n_rows + position for position, text in enumerate(missing)}
        return cls(np.concatenate(parts), row_of, ends=ends)

    def random_rows(self, n_rows: int) -> Rows:
        """About `n_rows` random rows, the same number from each collection, so that some are of the query's subject.

        Drawn by torch's generator, whose state is part of a checkpoint: a resumed run draws the same rows.
        """
        import torch

        size = n_rows // len(self._ranges)
        rows = [torch.randint(low, high, (size,)).numpy() for low, high in self._ranges if high > low]
        return np.concatenate(rows)

    def rows(self, texts: Sequence[str]) -> Rows:
        """Rows of texts, int64 (n_texts,).

        Raises
        ------
        ShapeError
            If a text has no vector here.
        """
        try:
            return np.array([self.row_of[content_hash(text)] for text in texts], dtype=np.int64)
        except KeyError as exc:
            raise ShapeError("A text is compared that was not among the training or development lists.") from exc

    def row(self, text: str) -> int:
        """Row of a text; −1 if it has no vector here."""
        return self.row_of.get(content_hash(text), -1)

    def excluded_rows(self, item: GradedList) -> list[int]:
        """Rows of the texts that a list excludes from comparisons; those without a vector here are ignored."""
        return [self.row_of[key] for key in item.without if key in self.row_of]
