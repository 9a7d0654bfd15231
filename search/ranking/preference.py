"""Papers in the order of a reader's preference: keywords, starred papers, and papers of no interest.

Start at :func:`order_by_preference`.

The order contains every given paper. Nothing about a reader is stored: a preference lives for one request.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
from search.neural.readers import VectorReader
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
# How far a paper that is entirely like the hidden ones sinks, as a share of the list: modest, so that it does not bury
# what the reader also likes. Chosen with bench_dislikes.
DISLIKE_WEIGHT = 0.5
# A paper is entirely like the hidden ones so many standard deviations from the mean, and begins to be at a third of it.
LIKE_DEVIATIONS = 3.0

# Keywords of papers with weights, by the keys of the papers.
WordsOf = Callable[[Sequence[str]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Preference:
    """The preference of a reader: words with weights (1 to 3), and keys of papers, the newest first.

    ``hidden`` papers are those that the reader is not interested in; papers like them sink.
    """

    keywords: Mapping[str, float] = field(default_factory=dict)
    starred: Sequence[str] = ()
    hidden: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not self.keywords and not self.starred and not self.hidden


@dataclass(frozen=True, slots=True)
class PreferredOrder:
    """All given keys in order, and notes about preferences that could not be used."""

    keys: list[str]
    notes: tuple[str, ...] = ()


def order_by_preference(
    keys: Sequence[str],
    preference: Preference,
    *,
    engine: SearchBackend,
    dense: VectorRetriever,
    words_of: WordsOf | None = None,
) -> PreferredOrder:
    """The papers of a list by a reader's preference. Papers without a score come last, in their given order.

    Keywords order by BM25, starred papers by vectors; with both, the two orders are fused by rank. Papers like the
    hidden ones then sink, by vectors, or by the keywords that ``words_of`` gives where there are no vectors.
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
    ordered = [*fused, *(key for key in keys if key not in scored)]
    if preference.hidden:
        ordered = lower(ordered, likeness_to(preference.hidden, ordered, engine, dense, words_of))
    return PreferredOrder(ordered, tuple(notes))


def lower(ordered: Sequence[str], likeness: Mapping[str, float], *, weight: float = DISLIKE_WEIGHT) -> list[str]:
    """The order with each paper moved down by its likeness (0 to 1) times ``weight``, as a share of the list."""
    n = max(len(ordered), 1)
    places = {key: number / n + weight * likeness.get(key, 0.0) for number, key in enumerate(ordered)}
    return sorted(ordered, key=places.__getitem__)


def likeness_to(
    hidden: Sequence[str],
    keys: Sequence[str],
    engine: SearchBackend,
    dense: VectorRetriever,
    words_of: WordsOf | None,
) -> Mapping[str, float]:
    """How like the hidden papers each paper is, from 0 to 1; papers that are not like them may be missing.

    By vectors, and by words for papers that have none.
    """
    hidden = list(hidden)[:MAX_STARRED]
    by_vectors: Mapping[str, float] = {}
    with suppress(DenseUnavailable):
        by_vectors = likeness_by_vectors(hidden, keys, dense)
    rest = [key for key in keys if key not in by_vectors]
    if not rest or words_of is None:
        return by_vectors
    try:
        return {**likeness_by_words(hidden, rest, words_of(hidden), engine), **by_vectors}
    except (IndexMissing, IndexDamaged):
        return by_vectors


def likeness_by_vectors(hidden: Sequence[str], keys: Sequence[str], dense: VectorRetriever) -> dict[str, float]:
    """How far each paper lies from the library's mean towards the mean of the hidden papers.

    This direction separates them better than the linear model of the starred papers (bench_dislikes).

    0 up to a third of the way and 1 at its end, which is LIKE_DEVIATIONS standard deviations of the library away, or
    where the hidden papers lie on average if that is nearer (their subject may be much of a small library).

    Raises
    ------
    DenseUnavailable
        If there are no vectors.
    """
    import numpy as np

    reader = dense.reader()
    _hidden_keys, negatives = reader.vectors_of(list(hidden))
    embedded, vectors = reader.vectors_of(list(keys))
    if not len(negatives) or not embedded:
        return {}
    background = _background_of(dense, reader)
    direction = mean_direction(negatives) - background.mean  # (dim,)
    own = float((negatives.mean(axis=0) - background.mean) @ direction)  # ≥ 0
    end = max(min(LIKE_DEVIATIONS * background.spread(direction), own), 1e-9)
    likeness = np.clip(((vectors - background.mean) @ direction - end / 3) / (end - end / 3), 0.0, 1.0)
    return dict(zip(embedded, map(float, likeness), strict=True))


def likeness_by_words(
    hidden: Sequence[str], keys: Sequence[str], words: Mapping[str, float], engine: SearchBackend
) -> dict[str, float]:
    """BM25 by the keywords of the hidden papers, as a share of what these papers themselves reach (their median)."""
    own = [score for _key, score in by_keywords(hidden, words, engine)]
    if not own:
        return {}
    top = sorted(own)[len(own) // 2]
    return {key: min(1.0, score / top) for key, score in by_keywords(keys, words, engine)} if top > 0 else {}


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
    reader = dense.reader()
    _starred_keys, positives = reader.vectors_of(list(starred)[:MAX_STARRED])
    embedded, vectors = reader.vectors_of(list(keys))
    if not len(positives) or not embedded:
        return []
    is_linear = len(positives) >= MIN_STARS_LINEAR
    scores = vectors @ (
        linear_direction(positives, _background_of(dense, reader)) if is_linear else mean_direction(positives)
    )
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
    """Statistics of a library's vectors: their mean (dim,), ``(Σ + ρ t I)⁻¹`` and Σ (dim, dim)."""

    mean: Floats
    inverse: Floats
    covariance: Floats

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
        return cls(*(np.asarray(part, dtype=np.float32) for part in (mean, inverse, covariance)))

    def spread(self, direction: Floats) -> float:
        """The standard deviation of the library's papers along a direction (dim,)."""
        return math.sqrt(max(0.0, float(direction @ self.covariance @ direction)))


def linear_direction(positives: Floats, background: Background) -> Floats:
    """The direction that separates the positives from the background: (n_positives, dim) → (dim,).

    Fisher's linear discriminant with the covariance of the background: ``w = (Σ + ρ t I)⁻¹ (μ₊ − μ)``. It discounts
    features that starred papers share with the whole library. For few positives it is the ridge regression of
    "starred" on the vectors (Hastie, Tibshirani and Friedman 2009, section 4.3).
    """
    import numpy as np

    return np.asarray(background.inverse @ (positives.mean(axis=0) - background.mean))


_cached_background: dict[str, Background] = {}


def _background_of(dense: VectorRetriever, reader: VectorReader) -> Background:
    """The statistics of a library, cached per state of its vectors (they take some 50 ms)."""
    identity = f"{dense.identity()}:{reader.former.vectors_hash if reader.former else ''}"
    if identity not in _cached_background:
        background = Background.of_vectors(reader.sample(BACKGROUND_SIZE))
        _cached_background.clear()
        _cached_background[identity] = background
    return _cached_background.get(identity) or Background.of_vectors(reader.sample(BACKGROUND_SIZE))


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
