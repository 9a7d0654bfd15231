"""Papers in the order of a reader's preference: keywords and starred papers. Start at :func:`order_by_preference`.

The order contains every given paper. Nothing about a reader is stored: a preference lives for one request.
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
from search.ranking.keywords import is_content_word
from search.text.analysis import query_tokens

if TYPE_CHECKING:
    from search.base.aliases import Floats

# Limits per request: the newest stars, the first keywords. A query has at most 256 terms.
MAX_STARRED = 500
MAX_KEYWORDS = 40
MAX_WEIGHT = 3
# Ridge of the linear model, as a share of the mean variance of a dimension, and the number of stars from which the
# model beats the mean of the starred vectors. Chosen with bench_preference on half of its sections; both are flat.
RIDGE = 1.0
MIN_STARS_LINEAR = 8
# Papers sampled for the background statistics: enough for the covariance of 384 dimensions.
BACKGROUND_SIZE = 4_000


@dataclass(frozen=True, slots=True)
class Preference:
    """The preference of a reader: words with weights (1 to 3), and keys of starred papers, the newest first."""

    keywords: Mapping[str, float] = field(default_factory=dict)
    starred: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not self.keywords and not self.starred


@dataclass(frozen=True, slots=True)
class PreferredOrder:
    """All given keys in order, and notes about preferences that could not be used."""

    keys: list[str]
    notes: tuple[str, ...] = ()


def order_by_preference(
    keys: Sequence[str], preference: Preference, *, engine: SearchBackend, dense: VectorRetriever
) -> PreferredOrder:
    """The papers of a list by a reader's preference. Papers without a score come last, in their given order.

    Keywords order by BM25, starred papers by vectors; with both, the two orders are fused by rank.
    """
    notes = []
    rankings: dict[str, Ranking] = {}
    if preference.keywords:
        try:
            rankings["keywords"] = by_keywords(keys, preference.keywords, engine)
        except (IndexMissing, IndexDamaged):
            notes.append(_("Your keywords were not used: there is no search index."))
    if preference.starred:
        try:
            rankings["stars"] = by_stars(keys, preference.starred, dense)
        except DenseUnavailable:
            notes.append(_("Your stars were not used: the papers have no embeddings."))
    fused = [key for key, _score in reciprocal_rank_fusion(rankings)] if len(rankings) > 1 else _only(rankings)
    scored = set(fused)
    return PreferredOrder([*fused, *(key for key in keys if key not in scored)], tuple(notes))


def by_keywords(keys: Sequence[str], keywords: Mapping[str, float], engine: SearchBackend) -> Ranking:
    """The papers with any of the words, by BM25; a word of weight 2 counts twice."""
    root = _keywords_root(keywords)
    if isinstance(root, Everything) or not keys:
        return []
    hits = engine.search(And((root, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False)).hits
    return [(hit.key, hit.score) for hit in hits]


def by_stars(keys: Sequence[str], starred: Sequence[str], dense: VectorRetriever) -> Ranking:
    """The papers that have a vector, by similarity to the starred ones.

    Raises
    ------
    DenseUnavailable
        If there are no vectors.
    """
    _starred_keys, positives = dense.vectors_of(list(starred)[:MAX_STARRED])
    embedded, vectors = dense.vectors_of(list(keys))
    if not len(positives) or not embedded:
        return []
    is_linear = len(positives) >= MIN_STARS_LINEAR
    scores = vectors @ (linear_direction(positives, _background_of(dense)) if is_linear else mean_direction(positives))
    order = (-scores).argsort(kind="stable")
    return [(embedded[row], float(scores[row])) for row in order]


def can_order(word: str) -> bool:
    """Whether a word can order papers: not a stop word, number or the like."""
    return any(is_content_word(token) for token in query_tokens(word))


def mean_direction(positives: Floats) -> Floats:
    """The mean of unit vectors: (n_positives, dim) → (dim,)."""
    import numpy as np

    return np.asarray(positives.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Background:
    """Statistics of a library's vectors: their mean (dim,), and ``(Σ + ρ t I)⁻¹`` (dim, dim)."""

    mean: Floats
    inverse: Floats

    @classmethod
    def of_vectors(cls, vectors: Floats, *, ridge: float = RIDGE) -> Background:
        """From a sample, (n, dim). ``ridge`` is ρ; t is the mean variance of a dimension, ``tr Σ / dim``."""
        import numpy as np

        mean = vectors.mean(axis=0)
        centred = (vectors - mean).astype(np.float64)
        covariance = centred.T @ centred / max(len(vectors), 1)  # (dim, dim)
        dim = covariance.shape[0]
        penalty = max(ridge * float(np.trace(covariance)) / dim, 1e-6)
        inverse = np.linalg.inv(covariance + penalty * np.eye(dim))
        return cls(np.asarray(mean, dtype=np.float32), np.asarray(inverse, dtype=np.float32))


def linear_direction(positives: Floats, background: Background) -> Floats:
    """The direction that separates the positives from the background: (n_positives, dim) → (dim,).

    Fisher's linear discriminant with the covariance of the background: ``w = (Σ + ρ t I)⁻¹ (μ₊ − μ)``. It discounts
    features that starred papers share with the whole library. For few positives it is the ridge regression of
    "starred" on the vectors (Hastie, Tibshirani and Friedman 2009, section 4.3).
    """
    import numpy as np

    return np.asarray(background.inverse @ (positives.mean(axis=0) - background.mean))


_cached_background: dict[str, Background] = {}


def _background_of(dense: VectorRetriever) -> Background:
    """The statistics of a library, cached per state of its vectors (they take some 50 ms)."""
    identity = dense.identity()
    if identity not in _cached_background:
        background = Background.of_vectors(dense.sample(BACKGROUND_SIZE))
        _cached_background.clear()
        _cached_background[identity] = background
    return _cached_background.get(identity) or Background.of_vectors(dense.sample(BACKGROUND_SIZE))


def _only(rankings: Rankings) -> list[str]:
    return [key for ranking in rankings.values() for key, _score in ranking]


def _keywords_root(keywords: Mapping[str, float]) -> Node:
    """Any of the words in title or abstract, each repeated by its weight."""
    terms = []
    for word, weight in list(keywords.items())[:MAX_KEYWORDS]:
        if can_order(word):
            times = max(1, min(MAX_WEIGHT, round(weight)))
            terms += [Term(word, field.name) for field in (TITLE, ABSTRACT) for _time in range(times)]
    return Or(tuple(terms)) if terms else Everything()
