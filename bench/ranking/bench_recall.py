"""How much of a cross-encoder's exact ranking is found with a budget of calls? All methods, on real papers.

    python -m bench.ranking.bench_recall SHARED/papers.jsonl.gz MODEL WORK [--methods …]

Scores every (query, paper) pair with the cross-encoder, which takes an hour or more of a CPU; the scores are stored in
WORK, and a stopped run is resumed. Then it fits the calibration to the anchor queries and spends budgets on the
held-out queries. Prints JSON: recall@k for each method and budget, the differences between our method and
retrieve-and-rerank with paired bootstrap intervals, milliseconds without the model, and whether the goals are met.
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
from rerank.budget.calibration import Calibration
from rerank.budget.fitting import calibrate
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("model", type=Path, help="folder or name of the cross-encoder")
    parser.add_argument("work", type=Path, help="folder of the exact scores; missing ones are computed")
    parser.add_argument("--n-papers", type=int, default=4000)
    parser.add_argument("--n-anchors", type=int, default=128)
    parser.add_argument("--n-queries", type=int, default=220)
    parser.add_argument("--sparse", type=int, help="use anchor scores of this many papers per query instead of all")
    parser.add_argument("--pool", type=int, help="candidates are the union of this many papers of each retriever")
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
    started = time.perf_counter()
    calibration = fit(corpus, sparse=options.sparse, rng=rng)
    fit_s = time.perf_counter() - started
    methods = [name for name in options.methods if options.sparse is None or "cur" not in name]
    held_out = range(corpus.n_anchors, len(corpus.queries))
    recalls = {name: np.empty((len(BUDGETS), len(held_out), len(DEPTHS))) for name in methods}
    own_ms: dict[str, list[float]] = {name: [] for name in methods}
    for row, query in enumerate(held_out):
        pool = make_pool(corpus, query, depth=options.pool)
        exact = corpus.scores[query]
        for name in methods:
            for step, budget in enumerate(BUDGETS):
                result = run_method(name, pool, exact, budget, calibration, rng)
                scored = pool.rows[result.scored]
                recalls[name][step, row] = [recall_of_scored(exact, scored, k=k) for k in DEPTHS]
                own_ms[name].append(result.own_ms)
    return {
        "papers": len(corpus.papers),
        "anchor_queries": corpus.n_anchors,
        "held_out_queries": len(held_out),
        "max_tokens": MAX_TOKENS,
        "anchor_scores": "dense" if options.sparse is None else f"{options.sparse} papers a query",
        "pool": options.pool or "all papers",
        "fit_s": round(fit_s, 1),
        "scales": {**calibration.scales.blocks, "noise": calibration.scales.noise},
        "recall": {name: table(values) for name, values in recalls.items()},
        "own_ms": {
            name: {"p50": percentile(times, 50), "p95": percentile(times, 95)} for name, times in own_ms.items()
        },
        **(verdict(recalls, rng) if {BASELINE, DEFAULT} <= recalls.keys() else {}),
    }


def run_method(
    name: str,
    pool: Pool,
    exact: Float32s,
    budget: int,
    calibration: Calibration,
    rng: np.random.Generator,
) -> Retrieved:
    """Run one method on one query; the exact scores stand for the cross-encoder."""

    def score_rows(rows: Rows) -> Float32s:
        return exact[pool.rows[rows]]

    return spend(name, pool, score_rows, budget=budget, top_k=max(DEPTHS), calibration=calibration, rng=rng)


def fit(corpus: Corpus, *, sparse: int | None, rng: np.random.Generator) -> Calibration:
    """Fit the calibration to the anchor queries' scores; with `sparse`, to that many random scores per query."""
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


def make_pool(corpus: Corpus, query: int, *, depth: int | None) -> Pool:
    """The candidates of a query: all papers, or the first `depth` of both retrievers."""
    rows = np.arange(len(corpus.papers))
    if depth is not None:
        nearest = top_rows(corpus.paper_vectors @ corpus.query_vectors[query], k=depth)
        rows = np.union1d(nearest, corpus.index.top(corpus.queries[query], depth=depth))
    return Pool(
        rows=rows,
        query_vector=corpus.query_vectors[query],
        vectors=corpus.paper_vectors[rows],
        matches=corpus.index.match(corpus.queries[query], rows),
        features=features_of(corpus, query, rows),
        anchor_scores=corpus.scores[: corpus.n_anchors, rows],
    )


def table(recalls: Recalls) -> dict[str, dict[str, float]]:
    """Mean recall for each budget and depth."""
    return {
        f"B={budget}": {f"@{k}": round(float(recalls[row, :, column].mean()), 4) for column, k in enumerate(DEPTHS)}
        for row, budget in enumerate(BUDGETS)
    }


def verdict(recalls: dict[str, Recalls], rng: np.random.Generator) -> dict[str, Any]:
    """Differences between our method and retrieve-and-rerank with intervals, and the share of the gap that is left."""
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


def percentile(times: list[float], q: float) -> float:
    return round(float(np.percentile(times, q)), 2)


if __name__ == "__main__":
    main()
