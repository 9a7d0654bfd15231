"""The score one expects before any call: a ridge regression on cheap features of (query, paper).

The features come from the bi-encoder's cosine and from BM25, all known without the cross-encoder. Levels are fitted
within queries (each query's mean is taken out), because what a budget is spent on is an order, not a level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rerank.arrays import Float32s, Float64s, Floats
from rerank.errors import ShapeError
from rerank.lexical import Matches

FEATURES = (
    "similarity",
    "similarity²",
    "similarity³",
    "bm25",
    "bm25²",
    "title bm25",
    "title coverage",
    "text coverage",
    "text coverage²",
    "similarity × bm25",
    "similarity × title coverage",
    "similarity × text coverage",
    "title coverage × text coverage",
    "log rank by similarity",
    "log rank by bm25",
    "fused rank",
)
RRF_K = 60  # Cormack, Clarke & Büttcher 2009
PENALTY = 0.003  # on standardised features, a share of the observations; a tenth or three times it changes little


@dataclass(frozen=True, slots=True)
class RidgePrior:
    """Weights of the features, and of the products of the two embeddings' coordinates.

    ``products`` is the diagonal of a bilinear form ``Σ_d w_d q_d k_d``; all zero if it was not fitted.
    """

    weights: Floats
    products: Floats

    def predict(self, features: Floats, query_vector: Floats, vectors: Floats) -> Float32s:
        """Expected scores up to a level of the query, shape (n_rows,).

        Parameters
        ----------
        features : (n_rows, n_features), from :func:`pair_features`
        query_vector : (dim,)
        vectors : (n_rows, dim)
        """
        if features.shape[1] != len(self.weights) or vectors.shape[1] != len(self.products):
            raise ShapeError(
                f"The prior wants {len(self.weights)} features and vectors of {len(self.products)},"
                f" got {features.shape[1]} and {vectors.shape[1]}."
            )
        expected = features @ self.weights + vectors @ (self.products * query_vector)
        return np.asarray(expected, dtype=np.float32)


def pair_features(
    similarity: Floats, matches: Matches, *, soft: Floats | None = None, length_share: float = 1.0
) -> Float32s:
    """Cheap features of one query's candidates, shape (n_rows, n_features).

    The columns of :data:`FEATURES`, those of a soft word match if given, and all of them again times the length of the
    query: a title and a word or two weigh the same evidence differently. BM25 is divided by its largest value among the
    candidates; ranks are within them.

    Parameters
    ----------
    similarity : (n_rows,)
        Cosines of the bi-encoder.
    soft : (n_rows, n_columns)
        From :meth:`rerank.research.soft_match.SoftIndex.match`.
    length_share
        From :func:`rerank.research.soft_match.query_length_share`.
    """
    best = max(float(matches.bm25.max(initial=0.0)), 1e-9)
    best_title = max(float(matches.title_bm25.max(initial=0.0)), 1e-9)
    bm25, title_bm25 = matches.bm25 / best, matches.title_bm25 / best_title
    title, text = matches.title_coverage, matches.text_coverage
    by_similarity, by_bm25 = ranks(similarity), ranks(matches.bm25)
    columns = (
        similarity,
        similarity**2,
        similarity**3,
        bm25,
        bm25**2,
        title_bm25,
        title,
        text,
        text**2,
        similarity * bm25,
        similarity * title,
        similarity * text,
        title * text,
        -np.log(by_similarity),
        -np.log(by_bm25),
        fused_ranks(by_similarity, by_bm25),
    )
    found = np.stack(columns, axis=1)
    if soft is not None:
        found = np.concatenate([found, soft], axis=1)
    return np.concatenate([found, found * length_share], axis=1).astype(np.float32)


def fused_ranks(*ranks: Floats) -> Floats:
    """Reciprocal rank fusion: ``Σ 1 / (60 + rank)``, ranks from 1."""
    return np.asarray(np.sum([1.0 / (RRF_K + rank) for rank in ranks], axis=0))


def ranks(values: Floats) -> Float64s:
    """Ranks from 1, best first; equal values by position."""
    found = np.empty(len(values))
    found[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return found


@dataclass(frozen=True, slots=True)
class Observed:
    """Scores of one anchor query, with what was known of the papers."""

    features: Floats  # (n_rows, n_features)
    query_vector: Floats  # (dim,)
    vectors: Floats  # (n_rows, dim)
    scores: Floats  # (n_rows,)


def fit_prior(observed: Iterable[Observed], *, penalty: float = PENALTY, with_products: bool = True) -> RidgePrior:
    """Ridge regression of the scores on the features, every query's means taken out.

    Parameters
    ----------
    penalty
        On standardised columns, as a share of the observations. The products of coordinates get a penalty that grows
        with their number, so that they cannot outweigh the few named features on little data.

    Raises
    ------
    ShapeError
        Without any anchor query.
    """
    gram: Floats | None = None
    moment = total = None
    n_rows, dim = 0, 0
    for item in observed:
        columns = [item.features]
        if with_products:
            columns.append(item.vectors * item.query_vector)
        x = np.concatenate(columns, axis=1).astype(np.float64)  # (n_rows, p)
        x -= x.mean(axis=0)
        y = item.scores - item.scores.mean()
        gram = x.T @ x if gram is None else gram + x.T @ x
        moment = x.T @ y if moment is None else moment + x.T @ y
        total = len(item.features[0])
        n_rows, dim = n_rows + len(y), item.vectors.shape[1]
    if gram is None or moment is None or total is None:
        raise ShapeError("A prior is fitted to the scores of at least one anchor query.")
    scale = np.sqrt(np.diag(gram) / n_rows) + 1e-9  # (p,) standard deviation within queries
    ridge = np.full(len(scale), penalty * n_rows)
    ridge[total:] *= np.sqrt(max(1, len(scale) - total))
    standard = gram / np.outer(scale, scale) + np.diag(ridge)
    weights = np.linalg.solve(standard, moment / scale) / scale
    products = weights[total:] if with_products else np.zeros(dim)
    return RidgePrior(weights=weights[:total], products=products)
