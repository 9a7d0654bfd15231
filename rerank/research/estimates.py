"""Estimates of the published methods, to compare :class:`rerank.budget.calibration.PosteriorEstimate` with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rerank.arrays import Floats, Rows


@dataclass(frozen=True)
class FixedOrder:
    """Retrieve-and-rerank: the first stage's order, which exact scores do not change."""

    order_scores: Floats

    def before(self) -> Floats:
        """The first stage's scores."""
        return self.order_scores

    def after(self, rows: Rows, scores: Floats) -> Floats:  # noqa: ARG002 (the contract's arguments)
        """The first stage's scores, unchanged."""
        return self.order_scores


@dataclass(frozen=True)
class CURColumns:
    """CUR (ANNCUR, ADACUR): a query's scores as a combination of the anchor queries' rows, fitted to its exact scores.

    ``C · pinv(R[:, A]) · R``, without the singular values below `rcond` times the largest.
    """

    rows: Floats  # (n_anchor_queries, n_papers), R
    order_scores: Floats  # (n_papers,), the order of the first round
    rcond: float

    def before(self) -> Floats:
        """The order of the first round."""
        return self.order_scores

    def after(self, rows: Rows, scores: Floats) -> Floats:
        """``c · pinv(R[:, A], rcond) · R``."""
        weights = scores @ np.linalg.pinv(self.rows[:, rows], rcond=self.rcond)  # (n_anchor_queries,)
        return np.asarray(weights @ self.rows)
