"""What several teachers know together: the weighted mean of their standardised similarities.

The cosines of two encoders have different means and deviations, so each teacher's are standardised by those of random
pairs before they are averaged: a similarity of 3 is three deviations above a random pair. Start at :func:`make_panel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rerank.arrays import AnyArray, Float32s, Mask, Rows
from rerank.errors import ShapeError, TrainingDataError
from rerank.teaching.text_vectors import TextVectors

N_RANDOM_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and deviation of the cosines of random pairs."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, cosines: Float32s) -> Scale:
        """Scale of a sample of cosines.

        Raises
        ------
        TrainingDataError
            If all are equal.
        """
        mean, deviation = float(cosines.mean()), float(cosines.std())
        if not deviation > 0:
            raise TrainingDataError("All similarities of a teacher are equal; it cannot teach an order.")
        return cls(mean, deviation)


@dataclass(frozen=True, slots=True)
class TaughtTexts:
    """The papers and queries that all teachers of a panel have embedded.

    ``paper_of`` is the row of the paper that a query was made of, int64 (n_queries,); −1 for a query of a reader.
    """

    papers: tuple[str, ...]
    queries: tuple[str, ...]
    paper_of: Rows


@dataclass(frozen=True, slots=True)
class _Member:
    papers: AnyArray  # float16 (n_papers, dim)
    queries: AnyArray  # float16 (n_queries, dim)
    of_papers: Scale
    of_queries: Scale
    weight: float


class Panel:
    """Several teachers, asked together. Make one with :func:`make_panel`."""

    def __init__(self, members: Sequence[_Member]) -> None:
        total = sum(member.weight for member in members)
        if not total > 0:
            raise ShapeError("A panel needs at least one teacher with a weight above zero.")
        self._members = [(member, member.weight / total) for member in members if member.weight > 0]

    def between_papers(self, left: Rows, right: Rows) -> Float32s:
        """Standardised similarity of papers with papers, float32 (n_left, n_right)."""
        parts = [
            weight * _standard(member.papers[left], member.papers[right], member.of_papers)
            for member, weight in self._members
        ]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

    def of_queries(self, queries: Rows, papers: Rows) -> Float32s:
        """Standardised similarity of queries with papers, float32 (n_queries, n_papers)."""
        parts = [
            weight * _standard(member.queries[queries], member.papers[papers], member.of_queries)
            for member, weight in self._members
        ]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)


def make_panel(
    stores: Sequence[TextVectors],
    texts: TaughtTexts,
    *,
    weights: Sequence[float] = (),
    seed: int = 0,
) -> Panel:
    """A panel of the teachers whose vectors `stores` hold.

    Parameters
    ----------
    weights
        Of the teachers; empty: equal ones.

    Raises
    ------
    TrainingDataError
        If a teacher lacks one of the texts (:func:`embedded_by_all` selects those that none lacks).
    ShapeError
        If there is not one weight per teacher.
    """
    shares = tuple(weights) or (1.0,) * len(stores)
    if len(shares) != len(stores) or min(shares, default=0.0) < 0:
        raise ShapeError(f"{len(stores)} teachers need as many weights of at least 0, got {list(shares)}.")
    rng = np.random.default_rng(seed)
    return Panel([_member(store, texts, weight, rng) for store, weight in zip(stores, shares, strict=True)])


def embedded_by_all(stores: Sequence[TextVectors], texts: Sequence[str], *, is_query: bool = False) -> Mask:
    """Which texts have a vector by every teacher, (n_texts,)."""
    masks = [store.rows(texts, is_query=is_query) >= 0 for store in stores]
    return np.logical_and.reduce(masks) if masks else np.zeros(len(texts), dtype=bool)


def _member(store: TextVectors, texts: TaughtTexts, weight: float, rng: np.random.Generator) -> _Member:
    papers, queries = store.rows(texts.papers), store.rows(texts.queries, is_query=True)
    n_missing = int((papers < 0).sum() + (queries < 0).sum())
    if n_missing or len(papers) < 2 or not len(queries):
        raise TrainingDataError(
            f"{store.folder} lacks {n_missing} of {len(papers)} papers and {len(queries)} queries; embed them first."
        )
    of_papers, of_queries = np.asarray(store.vectors[papers]), np.asarray(store.vectors[queries])
    left, right = rng.integers(len(papers), size=(2, N_RANDOM_PAIRS))
    asked = rng.integers(len(queries), size=N_RANDOM_PAIRS)
    is_other = left != right
    return _Member(
        of_papers,
        of_queries,
        Scale.of(_row_cosines(of_papers[left[is_other]], of_papers[right[is_other]])),
        Scale.of(_row_cosines(of_queries[asked], of_papers[right])),
        weight,
    )


def _row_cosines(left: AnyArray, right: AnyArray) -> Float32s:
    return np.asarray(np.einsum("nd,nd->n", left.astype(np.float32), right.astype(np.float32)))


def _standard(left: AnyArray, right: AnyArray, scale: Scale) -> Float32s:
    cosines: Float32s = left.astype(np.float32) @ right.astype(np.float32).T
    return (cosines - np.float32(scale.mean)) / np.float32(scale.deviation)
