"""Is one query encoder better than another? nDCG@10 by exact cosine with the vectors of a library.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.encoding.bench_query_encoders MODEL MODEL …

LIBRARY holds vectors of ``SHARED/papers.jsonl.gz`` and, in ``evaluation``, of the sets with their own documents, all by
the common base of the models. Only queries are embedded, so a model takes a minute. The other models are compared with
the first one by paired bootstrap over queries; in the mean, all sets have the same weight. ``scifact_unseen`` are the
claims whose abstracts belong to no training claim. A paper that is a query has its own vector. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import django
import numpy as np

from rerank.arrays import Float64s

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.encoding.bench_encoders import MAX_TOKENS, Values, compared  # noqa: E402
from bench.ranking.bench_quality import DEV_SETS  # noqa: E402
from bench.ranking.judged_vectors import Judged, nearest, read_judged, shares_above  # noqa: E402
from bench.search.search_corpus import read_qrels  # noqa: E402
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import ndcg  # noqa: E402

SEARCHES_OF_PAPERS = ("topics_dev", "autoscholar_dev")
OTHER_SETS = ("cranfield", "cacm", "cisi")
K = 10


def main() -> None:
    """Measure all models and compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--dim", type=int, help="truncate vectors to this dimension (default: whole vectors)")
    parser.add_argument("--floor", type=float, help="print the shares of papers with at least this cosine instead")
    options = parser.parse_args()
    encoders = {model: Encoder(model, max_tokens=MAX_TOKENS) for model in options.models}
    (model_hash,) = {encoder.model_hash for encoder in encoders.values()}
    tasks = {name: read_judged(name, model_hash=model_hash) for name in (*DEV_SETS, *OTHER_SETS)}
    if options.floor is not None:
        shares = _shares_above(tasks, encoders, options.floor)
        print(json.dumps({"bench": "query_encoders", "floor": options.floor, "models": shares}))
        return
    measured = {
        model: {name: _measure(task, encoder, options.dim) for name, task in tasks.items()}
        for model, encoder in encoders.items()
    }
    trained_on = {key for grades in read_qrels("scifact", kind="_train").values() for key in grades}
    claims = tasks["scifact"]
    is_unseen = np.array([trained_on.isdisjoint(claims.qrels[query]) for query in claims.queries])
    for values in measured.values():
        values["scifact_unseen"] = values["scifact"][is_unseen]
    base = measured[options.models[0]]
    table = {model: _compared(values, base) for model, values in measured.items()}
    print(json.dumps({"bench": "query_encoders", "models": table}))


def _shares_above(tasks: dict[str, Judged], encoders: dict[str, Encoder], floor: float) -> dict[str, Any]:
    return {
        model: {name: shares_above(tasks[name], encoder, floor) for name in SEARCHES_OF_PAPERS}
        for model, encoder in encoders.items()
    }


def _measure(judged: Judged, encoder: Encoder, dim: int | None) -> Float64s:
    rankings = nearest(judged, encoder, depth=K, dim=dim)
    return np.array([ndcg(ranking, judged.qrels[query], k=K) for query, ranking in rankings.items()])


def _compared(values: Values, base: Values) -> dict[str, Any]:
    """The table of :func:`compared`, with the mean over sets and its bootstrap interval."""
    rng = np.random.default_rng(0)
    table = compared(values, base, rng=rng)
    resampled_means = np.zeros(2000)
    for name in DEV_SETS:
        gains = values[name] - base[name]
        rows = rng.integers(len(gains), size=(len(resampled_means), len(gains)))
        resampled_means += gains[rows].mean(axis=1) / len(DEV_SETS)
    mean = float(np.mean([table[name]["ndcg@10"] for name in DEV_SETS]))
    low, high = np.percentile(resampled_means, [2.5, 97.5]).tolist()
    table["mean of six"] = {"ndcg@10": mean, "difference": [float(resampled_means.mean()), low, high]}
    return table


if __name__ == "__main__":
    main()
