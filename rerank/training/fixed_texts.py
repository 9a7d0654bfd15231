"""Vectors of texts that stay as they are while the encoder of queries is trained.

A library of papers is embedded once; what is asked changes daily. So the cheap way to better search is to train the
side of the queries alone against the vectors as they stand (query-side fine-tuning, Lee et al. 2021, "Learning Dense
Representations of Phrases at Scale"): no paper is embedded again, and a query can be compared with thousands of texts
in one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from rerank.arrays import Rows, Vectors
from rerank.artifacts import content_hash
from rerank.errors import ShapeError
from rerank.training.training_data import GradedList
from rerank.vectors.index import open_vectors

Encode = Callable[[Sequence[str]], Vectors]


class FixedTexts:
    """Texts by their content, and their unit vectors.

    Parameters
    ----------
    vectors : float32, shape (n_texts, dim)
    row_of : row of each text by the hash of its content
    ends : where each collection of texts ends among the rows; none: they are one collection
    """

    def __init__(self, vectors: Vectors, row_of: dict[bytes, int], *, ends: Sequence[int] = ()) -> None:
        self.vectors = vectors
        self.row_of = row_of
        self._ranges = list(pairwise((0, *(ends or (len(vectors),)))))

    @classmethod
    def of(cls, lists: Iterable[GradedList], *, folders: Sequence[Path], encode: Encode, model_hash: str) -> FixedTexts:
        """All texts of some lists: vectors of folders are taken as they are, the others are embedded now.

        The folders' other vectors come along: any of them can be drawn as a random text.

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
            kept = open_vectors(folder, model_hash=model_hash)
            alive = np.flatnonzero(kept.alive)
            parts.append(np.asarray(kept.vectors[alive]))
            row_of |= {bytes(kept.hashes[row]): n_rows + at for at, row in enumerate(alive.tolist())}
            n_rows += len(alive)
            ends.append(n_rows)
        texts = dict.fromkeys(text for item in lists for text in item.texts)
        missing = [text for text in texts if content_hash(text) not in row_of]
        if missing:
            parts.append(encode(missing))
            row_of |= {content_hash(text): n_rows + at for at, text in enumerate(missing)}
        return cls(np.concatenate(parts), row_of, ends=ends)

    def random_rows(self, n_rows: int) -> Rows:
        """Rows to compare every query with: as many of each collection, since far subjects are told apart too easily.

        Drawn by torch's generator, whose state is in a checkpoint: a resumed run draws what a whole one draws.
        """
        import torch

        size = n_rows // len(self._ranges)
        drawn = [torch.randint(low, high, (size,)).numpy() for low, high in self._ranges if high > low]
        return np.concatenate(drawn)

    def rows(self, texts: Sequence[str]) -> Rows:
        """Where texts are, int64 (n_texts,).

        Raises
        ------
        ShapeError
            If one of them is not among those this was made of.
        """
        try:
            return np.array([self.row_of[content_hash(text)] for text in texts], dtype=np.int64)
        except KeyError as exc:
            raise ShapeError("A text is compared that was not among the training or development lists.") from exc

    def row(self, text: str) -> int:
        """Where a text is; −1 if it is none of these."""
        return self.row_of.get(content_hash(text), -1)

    def hidden(self, item: GradedList) -> list[int]:
        """Rows of what a list leaves out of comparisons; texts that are not here need not be left out."""
        return [self.row_of[key] for key in item.without if key in self.row_of]
