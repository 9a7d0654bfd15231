"""Papers in the order of a reader's taste: keywords and starred papers. Start at :func:`order_by_taste`.

Orders what it is given and leaves nothing out. Nothing of a reader is kept: a taste comes with a request and goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.base.aliases import Ranking, Rankings
from search.engines.base import SearchBackend
from search.engines.results import Request
from search.engines.streams import ABSTRACT, TITLE
from search.errors import DenseUnavailable, IndexDamaged, IndexMissing
from search.fusion import reciprocal_rank_fusion
from search.language.query import And, Everything, Keys, Node, Or, Term
from search.neural.dense import VectorRetriever
from search.ranking.keywords import is_telling
from search.text.analysis import query_tokens

if TYPE_CHECKING:
    from search.base.aliases import Floats

# Bounds on what one request may bring: the newest stars, the first keywords. A query has at most 256 terms.
MAX_STARRED = 500
MAX_KEYWORDS = 40
MAX_WEIGHT = 3
# Ridge of the linear model, as a share of the mean variance of a dimension, and from how many stars it orders better
# than the mean of the starred vectors: chosen by bench_preference on half of its sections. Both optima are flat.
RIDGE = 1.0
LINEAR_FROM = 8
# Papers that stand for "the rest" beside the list itself: enough for the covariance of 384 dimensions.
REST_SIZE = 4_000


@dataclass(frozen=True, slots=True)
class Taste:
    """What a reader likes: words with weights (1 to 3), and keys of starred papers, the newest first."""

    keywords: Mapping[str, float] = field(default_factory=dict)
    starred: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not self.keywords and not self.starred


@dataclass(frozen=True, slots=True)
class Tasted:
    """All the keys given, in order, and notes about what could not be used."""

    keys: list[str]
    notes: tuple[str, ...] = ()


def order_by_taste(keys: Sequence[str], taste: Taste, *, engine: SearchBackend, dense: VectorRetriever) -> Tasted:
    """The papers of a list by a reader's taste; those that it says nothing about stay behind, as they stood.

    Keywords order by BM25, starred papers by vectors; with both, the two orders are fused by rank.
    """
    notes = []
    rankings: dict[str, Ranking] = {}
    if taste.keywords:
        try:
            rankings["keywords"] = by_keywords(keys, taste.keywords, engine)
        except (IndexMissing, IndexDamaged):
            notes.append(_("Your keywords were not used: there is no search index."))
    if taste.starred:
        try:
            rankings["stars"] = by_stars(keys, taste.starred, dense)
        except DenseUnavailable:
            notes.append(_("Your stars were not used: the papers have no embeddings."))
    fused = [key for key, _score in reciprocal_rank_fusion(rankings)] if len(rankings) > 1 else _only(rankings)
    known = set(fused)
    return Tasted([*fused, *(key for key in keys if key not in known)], tuple(notes))


def by_keywords(keys: Sequence[str], keywords: Mapping[str, float], engine: SearchBackend) -> Ranking:
    """Those of the papers that have any of the words, by BM25; a word of weight 2 counts twice."""
    root = _keywords_root(keywords)
    if isinstance(root, Everything) or not keys:
        return []
    found = engine.search(And((root, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False)).hits
    return [(hit.key, hit.score) for hit in found]


def by_stars(keys: Sequence[str], starred: Sequence[str], dense: VectorRetriever) -> Ranking:
    """Those of the papers that have a vector, by likeness to the starred ones.

    Raises
    ------
    DenseUnavailable
        If there are no vectors.
    """
    _liked, positives = dense.vectors_of(list(starred)[:MAX_STARRED])
    known, vectors = dense.vectors_of(list(keys))
    if not len(positives) or not known:
        return []
    is_linear = len(positives) >= LINEAR_FROM
    scores = vectors @ (linear_direction(positives, _rest_of(dense)) if is_linear else mean_direction(positives))
    order = (-scores).argsort(kind="stable")
    return [(known[row], float(scores[row])) for row in order]


def can_order(word: str) -> bool:
    """Whether papers can be ordered by a word: stop words, numbers and the like say nothing of them."""
    return any(is_telling(token) for token in query_tokens(word))


def mean_direction(positives: Floats) -> Floats:
    """The mean of unit vectors: (n_positives, dim) → (dim,)."""
    import numpy as np

    return np.asarray(positives.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Rest:
    """What papers of a library have in common: their mean (dim,), and ``(Σ + ρ t I)⁻¹`` (dim, dim)."""

    mean: Floats
    inverse: Floats

    @classmethod
    def of_vectors(cls, vectors: Floats, *, ridge: float = RIDGE) -> Rest:
        """Of a sample, (n, dim); ``ridge`` is ρ, and t the mean variance of a dimension, ``tr Σ / dim``."""
        import numpy as np

        mean = vectors.mean(axis=0)
        centred = (vectors - mean).astype(np.float64)
        covariance = centred.T @ centred / max(len(vectors), 1)  # (dim, dim)
        dim = covariance.shape[0]
        penalty = max(ridge * float(np.trace(covariance)) / dim, 1e-6)
        inverse = np.linalg.inv(covariance + penalty * np.eye(dim))
        return cls(np.asarray(mean, dtype=np.float32), np.asarray(inverse, dtype=np.float32))


def linear_direction(positives: Floats, rest: Rest) -> Floats:
    """The direction that tells the positives from the rest best: (n_positives, dim) → (dim,).

    Fisher's linear discriminant with one covariance, that of the rest: ``w = (Σ + ρ t I)⁻¹ (μ₊ − μ)``. It discounts
    what starred papers share with every paper of the library. Where positives are few it is the ridge regression of
    "starred" on the vectors (Hastie, Tibshirani and Friedman 2009, section 4.3).
    """
    import numpy as np

    return np.asarray(rest.inverse @ (positives.mean(axis=0) - rest.mean))


_kept: dict[str, Rest] = {}


def _rest_of(dense: VectorRetriever) -> Rest:
    """The library's, worked out once for its vectors (some 50 ms); it says nothing about any reader."""
    identity = dense.identity()
    if identity not in _kept:
        rest = Rest.of_vectors(dense.sample(REST_SIZE))
        _kept.clear()
        _kept[identity] = rest
    return _kept.get(identity) or Rest.of_vectors(dense.sample(REST_SIZE))


def _only(rankings: Rankings) -> list[str]:
    return [key for ranking in rankings.values() for key, _score in ranking]


def _keywords_root(keywords: Mapping[str, float]) -> Node:
    """Any of the words in title or abstract, each as often as its weight says."""
    terms = []
    for word, weight in list(keywords.items())[:MAX_KEYWORDS]:
        if can_order(word):
            times = max(1, min(MAX_WEIGHT, round(weight)))
            terms += [Term(word, field.name) for field in (TITLE, ABSTRACT) for _time in range(times)]
    return Or(tuple(terms)) if terms else Everything()
