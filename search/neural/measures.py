"""Measures of rankings against relevance judgments.

:mod:`rerank.evaluation` defines the measures, because training uses them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEASURES = ("nDCG@10", "R@100", "RR")
SEED = 0  # of the bootstrap: the same run yields the same interval

Qrels = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean of a measure over queries, with a 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def measure_rankings(rankings: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, Measured]:
    """Each of :data:`MEASURES`.

    Parameters
    ----------
    rankings : query id → document ids, best first; a judged query without a ranking counts 0
    qrels : query id → document id → grade; 0 for not relevant

    Raises
    ------
    ValueError
        If no query is judged.
    """
    import numpy as np

    from rerank.evaluation import evaluate_run, paired_bootstrap

    if not qrels:
        raise ValueError("There is no judged query to measure.")
    run = {query: {doc: -float(rank) for rank, doc in enumerate(ranking)} for query, ranking in rankings.items()}
    measured = {}
    for name, values in evaluate_run(run, qrels, measures=MEASURES).items():
        each = np.array(list(values.values()))  # (n_queries,)
        interval = paired_bootstrap(each, np.zeros_like(each), rng=np.random.default_rng(SEED))
        measured[name] = Measured(interval.mean, interval.low, interval.high)
    return measured
