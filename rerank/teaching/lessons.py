"""Batches that a student learns from: near papers with their queries, and random papers. Start at :class:`Lessons`.

Near papers by the teachers are hard to order, and random ones keep the whole of the space in order. In the first
passes, the papers whose neighbours the student orders least like the teachers come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rerank.arrays import Float32s, Float64s, Rows
from rerank.errors import ShapeError
from rerank.teaching.similarities import Panel, TaughtTexts

STUDENT_SCALE = 20.0  # on cosines of the student, as in CoSENT
TEACHER_SCALE = 1.5  # on standardised similarities of the teachers
N_NEAR = 8  # a paper of a batch and its neighbours
_CHUNK = 256  # papers whose neighbours are searched at once


@dataclass(frozen=True, slots=True)
class Lesson:
    """One batch: rows of papers and queries, and what the teachers say of them.

    ``between_papers`` has shape (n_papers, n_papers), ``of_queries`` (n_queries, n_papers): standardised similarities.
    """

    papers: Rows
    queries: Rows
    between_papers: Float32s
    of_queries: Float32s


class Lessons:
    """Makes batches of a panel's papers.

    Parameters
    ----------
    n_papers
        Papers of a batch; half of them are neighbours of each other.
    n_queries
        Queries of a batch in addition to one of each paper: of readers, if there are any, else of any papers.

    Raises
    ------
    ShapeError
        If there are fewer papers than a batch has, or a batch has fewer than two groups of neighbours.
    """

    def __init__(self, panel: Panel, texts: TaughtTexts, *, n_papers: int = 64, n_queries: int = 8) -> None:
        if n_papers < 2 * N_NEAR or len(texts.papers) < n_papers:
            raise ShapeError(
                f"A batch needs at least {2 * N_NEAR} papers and not more than there are; got {n_papers} of"
                f" {len(texts.papers)}."
            )
        self.panel, self.texts = panel, texts
        self.n_papers, self.n_queries = n_papers, n_queries
        self._near = _neighbours(panel, len(texts.papers))
        by_paper: dict[int, list[int]] = {}
        for query, paper in enumerate(texts.paper_of.tolist()):
            by_paper.setdefault(paper, []).append(query)
        readers = by_paper.pop(-1, [])
        self._queries_of = by_paper
        self._others = np.array(readers or range(len(texts.queries)), dtype=np.int64)

    def batches(self, *, seed: int, start: int = 0, first: Float64s | None = None) -> Iterator[Lesson]:
        """Batches without end, from number `start` on; they depend only on the seed and the texts.

        Parameters
        ----------
        first : float64, shape (n_papers,)
            The higher, the earlier a paper is the centre of a group in each pass; None: random order.
        """
        n_groups = self.n_papers // (2 * N_NEAR)
        number = epoch = 0
        while True:
            rng = np.random.default_rng([seed, epoch])
            centres = rng.permutation(len(self.texts.papers))
            if first is not None:
                centres = centres[np.argsort(-first[centres], kind="stable")]
            for position in range(0, len(centres) - n_groups + 1, n_groups):
                state = np.random.default_rng([seed, epoch, position])
                if number >= start:
                    yield self._lesson(centres[position : position + n_groups], state)
                number += 1
            epoch += 1

    def of_queries(self, *, seed: int, start: int = 0) -> Iterator[Lesson]:
        """Batches of `n_queries` random queries with all papers, for a student whose papers' vectors are fixed."""
        everything = np.arange(len(self.texts.papers))
        n_batches = max(1, len(self.texts.queries) // self.n_queries)
        number = epoch = 0
        while True:
            order = np.random.default_rng([seed, epoch]).permutation(len(self.texts.queries))
            for rows in np.array_split(order, n_batches):
                if number >= start:
                    nothing = np.zeros((0, 0), dtype=np.float32)
                    yield Lesson(everything, rows, nothing, self.panel.of_queries(rows, everything))
                number += 1
            epoch += 1

    def difficulty(self, papers: Float32s) -> Float64s:
        """How far a student's order of each paper's neighbours is from the teachers', float64 (n_papers,).

        The divergence of both softmax distributions over the neighbours.

        Parameters
        ----------
        papers : float32, shape (n_papers, dim)
            The student's unit vectors, or those of the model that it starts from.
        """
        values = np.empty(len(papers))
        for row, near in enumerate(self._near):
            others = near[near != row]
            ours = STUDENT_SCALE * (papers[others] @ papers[row])
            theirs = TEACHER_SCALE * self.panel.between_papers(np.array([row]), others)[0]
            log_ours, log_theirs = ours - np.logaddexp.reduce(ours), theirs - np.logaddexp.reduce(theirs)
            values[row] = float(np.exp(log_theirs) @ (log_theirs - log_ours))
        return values

    def _lesson(self, centres: Rows, rng: np.random.Generator) -> Lesson:
        near = np.unique(self._near[centres])
        far = rng.permutation(np.setdiff1d(rng.permutation(len(self.texts.papers))[: 2 * self.n_papers], near))
        papers = np.concatenate([near, far[: self.n_papers - len(near)]])
        own = [self._queries_of[paper] for paper in papers.tolist() if paper in self._queries_of]
        queries = [int(rng.choice(of_paper)) for of_paper in own]
        others = rng.permutation(self._others)[: self.n_queries].tolist()
        rows = np.array(list(dict.fromkeys([*queries, *others])), dtype=np.int64)
        return Lesson(papers, rows, self.panel.between_papers(papers, papers), self.panel.of_queries(rows, papers))


def _neighbours(panel: Panel, n_papers: int) -> Rows:
    """The nearest papers of each paper by the panel, itself included, int64 (n_papers, N_NEAR)."""
    everything = np.arange(n_papers)
    parts = []
    for start in range(0, n_papers, _CHUNK):
        similarities = panel.between_papers(everything[start : start + _CHUNK], everything)
        parts.append(np.argpartition(-similarities, N_NEAR - 1, axis=1)[:, :N_NEAR])
    return np.concatenate(parts)
