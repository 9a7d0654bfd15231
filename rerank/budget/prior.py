"""Prior of the cross-encoder's score: a ridge regression on cheap features of (query, paper).

The features are made of the bi-encoder's cosine and of BM25, so no cross-encoder call is needed. The regression is
fitted within queries, with each query's mean subtracted: the budget is spent by order, and a level does not change it.
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
PENALTY = 0.003  # on standardised features, times the observations; 0.1 to 3 times as much makes little difference


@dataclass(frozen=True, slots=True)
class RidgePrior:
    """Weights of the features, and of the products of the two vectors' coordinates.

    ``products`` holds the ``w_d`` of the diagonal bilinear form ``Σ_d w_d q_d k_d``; all zero if it was not fitted.
    """

    weights: Floats
    products: Floats

    def predict(self, features: Floats, query_vector: Floats, vectors: Floats) -> Float32s:
        """Expected scores up to a constant of the query, shape (n_rows,).

        Parameters
        ----------
        features : (n_rows, n_features), from :func:`pair_features`
        query_vector : (dim,)
        vectors : (n_rows, dim)
        """
        if features.shape[1] != len(self.weights) or vectors.shape[1] != len(self.products):
            raise ShapeError(
                f"The prior was fitted to {len(self.weights)} features and vectors of dimension {len(self.products)},"
                f" got {features.shape[1]} features and dimension {vectors.shape[1]}."
            )
        expected = features @ self.weights + vectors @ (self.products * query_vector)
        return np.asarray(expected, dtype=np.float32)


def pair_features(
    similarity: Floats, matches: Matches, *, soft: Floats | None = None, length_share: float = 1.0
) -> Float32s:
    """Cheap features of one query's candidates, shape (n_rows, n_features).

    The columns of :data:`FEATURES`, those of a soft word match if given, and all of them a second time, multiplied by
    `length_share`: for a whole title, the same feature values mean something else than for one or two words. BM25 is
    divided by its maximum over the candidates; ranks are ranks among the candidates.

    Parameters
    ----------
    similarity : (n_rows,)
        Cosines of the bi-encoder.
    soft : (n_rows, n_columns)
        Of :meth:`rerank.research.soft_match.SoftIndex.match`.
    length_share
        Of :func:`rerank.research.soft_match.query_length_share`.
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
    features = np.stack(columns, axis=1)
    if soft is not None:
        features = np.concatenate([features, soft], axis=1)
    return np.concatenate([features, features * length_share], axis=1).astype(np.float32)


def fused_ranks(*ranks: Floats) -> Floats:
    """Reciprocal rank fusion, ``Σ 1 / (60 + rank)``; ranks count from 1."""
    return np.asarray(np.sum([1.0 / (RRF_K + rank) for rank in ranks], axis=0))


def ranks(values: Floats) -> Float64s:
    """Ranks from 1, by falling value; ties by position."""
    result = np.empty(len(values))
    result[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return result


@dataclass(frozen=True, slots=True)
class Observed:
    """Scores of one anchor query with some papers, and the inputs of the prior."""

    features: Floats  # (n_rows, n_features)
    query_vector: Floats  # (dim,)
    vectors: Floats  # (n_rows, dim)
    scores: Floats  # (n_rows,)


def fit_prior(observed: Iterable[Observed], *, penalty: float = PENALTY, with_products: bool = True) -> RidgePrior:
    """Ridge regression of the scores on the features, with the means of every query subtracted.

    Parameters
    ----------
    penalty
        On standardised columns, times the number of observations. The penalty of the products grows with the square
        root of their number, so that with little data they cannot outweigh the few named features.

    Raises
    ------
    ShapeError
        If there is no anchor query.
    """
    gram: Floats | None = None
    moment = n_features = None
    n_rows, dim = 0, 0
    for item in observed:
        columns = [item.features]
        if with_products:
            columns.append(item.vectors * item.query_vector)
        x = np.concatenate(columns, axis=1).astype(np.float64)  # (n_rows, n_columns)
        x -= x.mean(axis=0)
        y = item.scores - item.scores.mean()
        gram = x.T @ x if gram is None else gram + x.T @ x
        moment = x.T @ y if moment is None else moment + x.T @ y
        n_features = len(item.features[0])
        n_rows, dim = n_rows + len(y), item.vectors.shape[1]
    if gram is None or moment is None or n_features is None:
        raise ShapeError("A prior is fitted to the scores of at least one anchor query, got none.")
    scale = np.sqrt(np.diag(gram) / n_rows) + 1e-9  # (n_columns,) standard deviation within queries
    ridge = np.full(len(scale), penalty * n_rows)
    ridge[n_features:] *= np.sqrt(max(1, len(scale) - n_features))
    standardised = gram / np.outer(scale, scale) + np.diag(ridge)
    weights = np.linalg.solve(standardised, moment / scale) / scale
    products = weights[n_features:] if with_products else np.zeros(dim)
    return RidgePrior(weights=weights[:n_features], products=products)
