"""The methods of spending a budget, by name, over one description of a pool: published ones and ours.

Each is a setting of :func:`rerank.budget.retrieval.retrieve`: what is believed at first, what it learns from scores,
in how
many rounds. The table in docs/reference/rerank.md says what each finds and where it loses; :data:`DEFAULT` is the one
that wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rerank.arrays import Floats, Rows
from rerank.budget.calibration import Calibration, PosteriorEstimate
from rerank.budget.prior import fused_ranks, ranks
from rerank.budget.retrieval import Estimate, Retrieved, Rounds, ScoreRows, retrieve
from rerank.errors import ShapeError
from rerank.evaluation import top_rows
from rerank.lexical import Matches
from rerank.research.column_selection import pivoted_qr
from rerank.research.estimates import CURColumns, FixedOrder

RCOND = 0.03  # of ANNCUR and ADACUR; 0.01 to 0.1 do equally well
AXN_SPREAD, AXN_NOISE = 0.08, 0.25  # of the regression, in squares of the bi-encoder's slope; the best of a grid
OUR_ROUNDS = Rounds(first=0.3, more=4)  # 5 to 10 rounds and first shares of 20 to 50 % differ by less than 0.01


@dataclass(frozen=True)
class Pool:
    """What is known of one query's candidates before any call.

    Attributes
    ----------
    rows : int64, (n,)
        Which papers of the calibration these are.
    query_vector, vectors : (dim,), (n, dim)
        Of the bi-encoder.
    matches
        How the papers match the query's words.
    features : (n, n_features)
        For the prior, as it was fitted on.
    anchor_scores : (n_anchors, n)
        Raw scores of the anchor queries; only the CUR methods look at them.
    """

    rows: Rows
    query_vector: Floats
    vectors: Floats
    matches: Matches
    features: Floats | None = None
    anchor_scores: Floats | None = None

    @property
    def similarity(self) -> Floats:
        """Cosines, (n,)."""
        return np.asarray(self.vectors @ self.query_vector)


Setting = tuple[Estimate, Rounds]
Method = Callable[[Pool, Calibration | None, int, np.random.Generator], Setting]


def spend(
    name: str,
    pool: Pool,
    score_rows: ScoreRows,
    *,
    budget: int,
    top_k: int,
    calibration: Calibration | None = None,
    rng: np.random.Generator | None = None,
) -> Retrieved:
    """Answer the best papers of a pool by one of :data:`METHODS`.

    Parameters
    ----------
    score_rows
        The cross-encoder: exact scores of rows of the pool (0 to n - 1).
    calibration
        Needed by ``prior``, ``anchors`` and ``posterior``.
    rng
        Needed by ``anncur`` and ``adacur``, which begin with random papers.

    Raises
    ------
    ShapeError
        For a name that is not there, or a method without what it needs.
    """
    if name not in METHODS:
        raise ShapeError(f"The method {name!r} is not one of {', '.join(METHODS)}.")
    estimate, rounds = METHODS[name](pool, calibration, budget, rng or np.random.default_rng(0))
    return retrieve(estimate, score_rows, budget=budget, top_k=top_k, rounds=rounds)


def _embedding(pool: Pool, _calibration: Any, _budget: int, _rng: Any) -> Setting:
    return FixedOrder(pool.similarity), Rounds()


def _bm25(pool: Pool, _calibration: Any, _budget: int, _rng: Any) -> Setting:
    return FixedOrder(pool.matches.bm25), Rounds()


def _rrf(pool: Pool, _calibration: Any, _budget: int, _rng: Any) -> Setting:
    return FixedOrder(fused_ranks(ranks(pool.similarity), ranks(pool.matches.bm25))), Rounds()


def _anncur(pool: Pool, _calibration: Any, budget: int, rng: np.random.Generator) -> Setting:
    n_anchors = min(budget // 2, len(pool.rows))
    start = rng.choice(len(pool.rows), size=n_anchors, replace=False).astype(np.int64)
    return _cur(pool), Rounds(first=0.5, more=1, start=start)


def _anncur_qr(pool: Pool, _calibration: Any, budget: int, _rng: Any) -> Setting:
    scores = _anchor_scores(pool)
    n_anchors = min(budget // 2, *scores.shape)
    start = pivoted_qr(scores, n_anchors=n_anchors) if n_anchors else np.empty(0, dtype=np.int64)
    return _cur(pool), Rounds(first=0.5, more=1, start=start)


def _adacur(pool: Pool, _calibration: Any, budget: int, rng: np.random.Generator) -> Setting:
    n_first = max(2, budget // 5)
    best = top_rows(pool.similarity, k=n_first // 2)
    others = np.setdiff1d(np.arange(len(pool.rows)), best)
    drawn = rng.choice(others, size=min(n_first - len(best), len(others)), replace=False)
    return _cur(pool), Rounds(first=0.2, more=4, start=np.concatenate([best, drawn]).astype(np.int64))


def _axn(pool: Pool, calibration: Calibration | None, _budget: int, _rng: Any) -> Setting:
    if calibration is None:
        raise ShapeError("AXN wants a calibration, for the slope of scores on cosines.")
    # The regression is drawn towards the bi-encoder's own query instead of mixed with it afterwards: the same two
    # parts, and better at every budget measured.
    variance = calibration.slope**2
    phi = (pool.vectors - pool.vectors.mean(axis=0)) * np.sqrt(AXN_SPREAD * variance)
    expected = calibration.slope * pool.similarity
    return PosteriorEstimate(expected, phi.astype(np.float32), AXN_NOISE * variance), Rounds(first=0.2, more=8)


def _prior(pool: Pool, calibration: Calibration | None, _budget: int, _rng: Any) -> Setting:
    fitted, features = _fitted(pool, calibration)
    return FixedOrder(fitted.prior.predict(features, pool.query_vector, pool.vectors)), Rounds()


def _anchors(pool: Pool, calibration: Calibration | None, _budget: int, _rng: Any) -> Setting:
    fitted, features = _fitted(pool, calibration)
    return FixedOrder(fitted.estimate(features, pool.query_vector, pool.vectors, pool.rows).expected), Rounds()


def _posterior(pool: Pool, calibration: Calibration | None, _budget: int, _rng: Any) -> Setting:
    fitted, features = _fitted(pool, calibration)
    return fitted.estimate(features, pool.query_vector, pool.vectors, pool.rows), OUR_ROUNDS


METHODS: Mapping[str, Method] = {
    "embedding": _embedding,  # retrieve-and-rerank in the bi-encoder's order: what every library ships
    "bm25": _bm25,  # retrieve-and-rerank in BM25's order
    "rrf": _rrf,  # retrieve-and-rerank in the order of both, fused (Cormack et al. 2009)
    "anncur": _anncur,  # random fixed anchors, then the best by CUR (arXiv:2210.12579)
    "anncur-qr": _anncur_qr,  # anchors by pivoted QR, then the best by CUR
    "adacur": _adacur,  # every scored paper becomes an anchor, five rounds (arXiv:2305.02996)
    "axn": _axn,  # regression of the scores on embeddings, nine rounds (arXiv:2405.03651)
    "prior": _prior,  # in the order of the fitted prior
    "anchors": _anchors,  # prior and anchor queries like this one, no rounds
    "posterior": _posterior,  # prior, anchors, and what the scores seen say about the others, five rounds
}
DEFAULT = "posterior"


def _cur(pool: Pool) -> CURColumns:
    return CURColumns(_anchor_scores(pool), order_scores=pool.similarity, rcond=RCOND)


def _anchor_scores(pool: Pool) -> Floats:
    if pool.anchor_scores is None or not np.isfinite(pool.anchor_scores).all():
        raise ShapeError("The CUR methods want the scores of all anchor queries with all papers of the pool.")
    return pool.anchor_scores


def _fitted(pool: Pool, calibration: Calibration | None) -> tuple[Calibration, Floats]:
    if calibration is None or pool.features is None:
        raise ShapeError("This method wants a calibration, and the features that it was fitted on.")
    return calibration, pool.features
