"""Methods of spending a budget of calls, by name: published ones and ours.

Each method is an estimate and a number of rounds for :func:`rerank.budget.retrieval.retrieve`. The tables in
docs/reference/rerank.md compare them; :data:`DEFAULT` is the best.
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

RCOND = 0.03  # of ANNCUR and ADACUR; recall is the same from 0.01 to 0.1
AXN_VARIANCE, AXN_NOISE = 0.08, 0.25  # of the regression, times the squared slope of the bi-encoder; best of a grid
OUR_ROUNDS = Rounds(first=0.3, more=4)  # with 5 to 10 rounds and first shares of 20 to 50 %, recall differs by < 0.01


@dataclass(frozen=True)
class Pool:
    """One query's candidates, and what is known of them before any call.

    Attributes
    ----------
    rows : int64, (n,)
        Row numbers of the papers in the calibration's tables.
    query_vector, vectors : (dim,), (n, dim)
        Of the bi-encoder.
    matches
        Lexical match of the papers with the query.
    features : (n, n_features)
        The features that the prior was fitted to.
    anchor_scores : (n_anchors, n)
        Raw scores of the anchor queries; only the CUR methods use them.
    """

    rows: Rows
    query_vector: Floats
    vectors: Floats
    matches: Matches
    features: Floats | None = None
    anchor_scores: Floats | None = None

    @property
    def similarity(self) -> Floats:
        """Cosines of the query with the papers, (n,)."""
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
    """The best papers of a pool, by one of :data:`METHODS`.

    Parameters
    ----------
    score_rows
        The cross-encoder: exact scores of rows of the pool (0 to n - 1).
    calibration
        Required by ``axn``, ``prior``, ``anchors`` and ``posterior``.
    rng
        Used by ``anncur`` and ``adacur``, which start with random papers; None: seeded with 0.

    Raises
    ------
    ShapeError
        If the name is unknown, or an input that the method requires is missing.
    """
    if name not in METHODS:
        raise ShapeError(f"Unknown method {name!r}; known are {', '.join(METHODS)}.")
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
    nearest = top_rows(pool.similarity, k=n_first // 2)
    others = np.setdiff1d(np.arange(len(pool.rows)), nearest)
    sampled = rng.choice(others, size=min(n_first - len(nearest), len(others)), replace=False)
    return _cur(pool), Rounds(first=0.2, more=4, start=np.concatenate([nearest, sampled]).astype(np.int64))


def _axn(pool: Pool, calibration: Calibration | None, _budget: int, _rng: Any) -> Setting:
    if calibration is None:
        raise ShapeError("AXN requires a calibration, for the slope of scores on cosines.")
    # The paper mixes the regressed query with the bi-encoder's. Here the bi-encoder's query is the prior of the
    # regression, which had a higher recall at every budget measured.
    variance = calibration.slope**2
    phi = (pool.vectors - pool.vectors.mean(axis=0)) * np.sqrt(AXN_VARIANCE * variance)
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
    "embedding": _embedding,  # retrieve-and-rerank in the bi-encoder's order, as every library has it
    "bm25": _bm25,  # retrieve-and-rerank in BM25's order
    "rrf": _rrf,  # retrieve-and-rerank in the order of both, by reciprocal rank fusion (Cormack et al. 2009)
    "anncur": _anncur,  # random fixed anchors, then the best by CUR (arXiv:2210.12579)
    "anncur-qr": _anncur_qr,  # anchors by pivoted QR, then the best by CUR
    "adacur": _adacur,  # every scored paper becomes an anchor, five rounds (arXiv:2305.02996)
    "axn": _axn,  # regression of the scores on embeddings, nine rounds (arXiv:2405.03651)
    "prior": _prior,  # in the order of the fitted prior
    "anchors": _anchors,  # prior and residuals of similar anchor queries, one round
    "posterior": _posterior,  # prior, anchors, and the posterior given the scores so far, five rounds
}
DEFAULT = "posterior"


def _cur(pool: Pool) -> CURColumns:
    return CURColumns(_anchor_scores(pool), order_scores=pool.similarity, rcond=RCOND)


def _anchor_scores(pool: Pool) -> Floats:
    if pool.anchor_scores is None or not np.isfinite(pool.anchor_scores).all():
        raise ShapeError("The CUR methods require the scores of all anchor queries with all papers of the pool.")
    return pool.anchor_scores


def _fitted(pool: Pool, calibration: Calibration | None) -> tuple[Calibration, Floats]:
    if calibration is None or pool.features is None:
        raise ShapeError("This method requires a calibration, and the features that it was fitted to.")
    return calibration, pool.features
