"""How much of the exact cross-encoder order is found with a budget of calls? Every method, on real papers.

Scores every (query, paper) once with a trained cross-encoder (an hour or more of a CPU; kept and resumed), fits the
calibration to the anchor queries, and spends budgets on the held-out ones. Prints JSON: recall@k for each method and
budget, our differences from retrieve-and-rerank with paired bootstrap intervals, own milliseconds, and the goals.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.ranking.recall_corpus import MAX_TOKENS, Corpus, CorpusPlan, load_corpus
from rerank.arrays import Float32s, Float64s, Rows
from rerank.budget.calibration import Calibration, calibrate
from rerank.budget.prior import pair_features
from rerank.budget.retrieval import Retrieved
from rerank.evaluation import paired_bootstrap, recall_of_scored, top_rows
from rerank.research.methods import DEFAULT, METHODS, Pool, spend
from rerank.research.soft_match import query_length_share
from rerank.stopping import stop_on_signal

BUDGETS, DEPTHS = (20, 50, 100, 200), (1, 10, 50, 100)
BASELINE = "embedding"

Recalls = Float64s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("model", type=Path, help="folder of the cross-encoder")
    parser.add_argument("work", type=Path, help="folder of the exact scores; filled where it is empty")
    parser.add_argument("--n-papers", type=int, default=4000)
    parser.add_argument("--n-anchors", type=int, default=128)
    parser.add_argument("--n-queries", type=int, default=220)
    parser.add_argument("--sparse", type=int, help="anchor scores of so many papers a query instead of all")
    parser.add_argument("--pool", type=int, help="candidates: the union of the best so many of each retriever")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--encoder", help="of papers and queries, for the prior (default: all-MiniLM-L6-v2)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    plan = CorpusPlan(
        papers_file=options.papers,
        model=options.model,
        n_papers=options.n_papers,
        n_anchors=options.n_anchors,
        n_queries=options.n_queries,
        seed=options.seed,
        encoder=options.encoder,
    )
    with stop_on_signal() as stop:
        corpus = load_corpus(plan, options.work, stop=stop)
    print(json.dumps(measure(corpus, options), indent=1))


def measure(corpus: Corpus, options: argparse.Namespace) -> dict[str, Any]:
    rng = np.random.default_rng(options.seed)
    began = time.perf_counter()
    calibration = fit(corpus, sparse=options.sparse, rng=rng)
    fit_s = time.perf_counter() - began
    methods = [name for name in options.methods if options.sparse is None or "cur" not in name]
    held_out = range(corpus.n_anchors, len(corpus.queries))
    recalls = {name: np.empty((len(BUDGETS), len(held_out), len(DEPTHS))) for name in methods}
    own_ms: dict[str, list[float]] = {name: [] for name in methods}
    for row, query in enumerate(held_out):
        pool = describe(corpus, query, pool=options.pool)
        exact = corpus.scores[query]
        for name in methods:
            for step, budget in enumerate(BUDGETS):
                found = one(name, pool, exact, budget, calibration, rng)
                scored = pool.rows[found.scored]
                recalls[name][step, row] = [recall_of_scored(exact, scored, k=k) for k in DEPTHS]
                own_ms[name].append(found.own_ms)
    return {
        "papers": len(corpus.papers),
        "anchor_queries": corpus.n_anchors,
        "held_out_queries": len(held_out),
        "max_tokens": MAX_TOKENS,
        "anchor_scores": "dense" if options.sparse is None else f"{options.sparse} papers a query",
        "pool": options.pool or "all papers",
        "fit_s": round(fit_s, 1),
        "scales": {**calibration.scales.blocks, "noise": calibration.scales.noise},
        "recall": {name: table(found) for name, found in recalls.items()},
        "own_ms": {name: {"p50": at(times, 50), "p95": at(times, 95)} for name, times in own_ms.items()},
        **(verdict(recalls, rng) if {BASELINE, DEFAULT} <= recalls.keys() else {}),
    }


def one(
    name: str,
    pool: Pool,
    exact: Float32s,
    budget: int,
    calibration: Calibration,
    rng: np.random.Generator,
) -> Retrieved:
    """One method on one query; its calls are looked up in the exact scores."""

    def score_rows(rows: Rows) -> Float32s:
        return exact[pool.rows[rows]]

    return spend(name, pool, score_rows, budget=budget, top_k=max(DEPTHS), calibration=calibration, rng=rng)


def fit(corpus: Corpus, *, sparse: int | None, rng: np.random.Generator) -> Calibration:
    """The calibration of the anchor queries' rows, thinned if asked."""
    scores = np.array(corpus.scores[: corpus.n_anchors])
    if sparse is not None:
        for row in scores:
            row[rng.permutation(len(row))[sparse:]] = np.nan

    def features(anchor: int, rows: Rows) -> Float32s:
        return features_of(corpus, anchor, rows)

    vectors = corpus.query_vectors[: corpus.n_anchors]
    return calibrate(scores, features, vectors, corpus.paper_vectors, rng=rng)


def features_of(corpus: Corpus, query: int, rows: Rows) -> Float32s:
    """Cheap features of a query with some papers."""
    ids = corpus.query_ids(query)
    return pair_features(
        corpus.paper_vectors[rows] @ corpus.query_vectors[query],
        corpus.index.match(corpus.queries[query], rows),
        soft=corpus.soft.match(ids, rows),
        length_share=query_length_share(ids),
    )


def describe(corpus: Corpus, query: int, *, pool: int | None) -> Pool:
    """The candidates of a query: all papers, or the best of both retrievers."""
    rows = np.arange(len(corpus.papers))
    if pool is not None:
        near = top_rows(corpus.paper_vectors @ corpus.query_vectors[query], k=pool)
        rows = np.union1d(near, corpus.index.top(corpus.queries[query], depth=pool))
    return Pool(
        rows=rows,
        query_vector=corpus.query_vectors[query],
        vectors=corpus.paper_vectors[rows],
        matches=corpus.index.match(corpus.queries[query], rows),
        features=features_of(corpus, query, rows),
        anchor_scores=corpus.scores[: corpus.n_anchors, rows],
    )


def table(recalls: Recalls) -> dict[str, dict[str, float]]:
    return {
        f"B={budget}": {f"@{k}": round(float(recalls[row, :, column].mean()), 4) for column, k in enumerate(DEPTHS)}
        for row, budget in enumerate(BUDGETS)
    }


def verdict(recalls: dict[str, Recalls], rng: np.random.Generator) -> dict[str, Any]:
    """Ours against retrieve-and-rerank: paired intervals, and the share of its gap that is left."""
    ours, theirs = recalls[DEFAULT], recalls[BASELINE]
    differences: dict[str, Any] = {}
    for row, budget in enumerate(BUDGETS):
        for column, k in enumerate(DEPTHS):
            pair = ours[row, :, column], theirs[row, :, column]
            gap = 1 - float(pair[1].mean())
            left = (1 - float(pair[0].mean())) / gap if gap > 0 else 0.0
            shown = {name: round(value, 4) for name, value in asdict(paired_bootstrap(*pair, rng=rng)).items()}
            differences[f"B={budget} @{k}"] = {**shown, "share_of_gap_left": round(left, 3)}
    halved = {
        f"B={budget} @{k}": differences[f"B={budget} @{k}"]["share_of_gap_left"] <= 0.5
        for budget in (100, 200)
        for k in (10, 50, 100)
    }
    at_100 = BUDGETS.index(100)
    goals = {
        "gap_halved": halved,
        "never_worse": all(entry["mean"] >= 0 for entry in differences.values()),
        "recall@10 >= .90 at B=100": float(ours[at_100, :, DEPTHS.index(10)].mean()) >= 0.90,
        "recall@1 >= .97 at B=100": float(ours[at_100, :, DEPTHS.index(1)].mean()) >= 0.97,
    }
    return {"ours_minus_retrieve_and_rerank": differences, "goals": goals}


def at(times: list[float], percentile: float) -> float:
    return round(float(np.percentile(times, percentile)), 2)


if __name__ == "__main__":
    main()
