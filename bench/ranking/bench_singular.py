"""How fast do the singular values of a cross-encoder's scores decay? The faster, the fewer anchors CUR needs.

    python -m bench.ranking.bench_singular SHARED/papers.jsonl.gz LISTS.dev.gz MODEL [MODEL …]

Every model scores the same queries (titles and spans of titles) with the same papers, from the folds that
``python -m rerank train --papers`` does not train on. From the matrix of raw logits, the means of papers and queries
are subtracted: a decomposition gets the first without cost, the second do not change a ranking. Prints JSON, for each
model: the share of the squared sum of the singular values that the first k hold; the effective rank ``exp(−Σ p ln p)``
with p the singular values divided by their sum (Roy and Vetterli 2007); and the share of pairs of held-out lists in the
right order, to see whether a low rank comes with low quality.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from bench.ranking.recall_corpus import MAX_TOKENS, choose
from rerank.arrays import Floats
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.training.training_data import paper_text, read_lists

RANKS = (1, 2, 4, 8, 16, 32, 64)


def main() -> None:
    """Score, decompose and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("lists", type=Path, help="held-out lists: {query, texts, labels}")
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--n-papers", type=int, default=400)
    parser.add_argument("--n-queries", type=int, default=120)
    parser.add_argument("--n-lists", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    papers, queries = choose(options.papers, n_papers=options.n_papers, n_queries=options.n_queries, seed=options.seed)
    texts = [paper_text(paper) for paper in papers]
    table: dict[str, Any] = {}
    for model in options.models:
        scorer = CrossEncoder(model, max_tokens=MAX_TOKENS)
        scores = np.array([scorer.score(query, texts) for query in queries])
        table[str(model)] = decay(scores) | {"pairs in order": round(_order(scorer, options.lists, options.n_lists), 4)}
    print(json.dumps({"bench": "singular", "shape": [len(queries), len(papers)], "models": table}, indent=1))


def decay(scores: Floats) -> dict[str, Any]:
    """Standard deviation and singular values of scores (n_queries, n_papers) after subtracting row and column means."""
    centred = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
    values = np.linalg.svd(centred, compute_uv=False)
    shares = values[values > 0] / values.sum()
    energy = np.cumsum(values**2) / np.sum(values**2)
    return {
        "standard deviation": round(float(centred.std()), 3),
        "energy of the first": {rank: round(float(energy[rank - 1]), 4) for rank in RANKS if rank <= len(values)},
        "effective rank": round(float(np.exp(-np.sum(shares * np.log(shares)))), 1),
    }


def _order(scorer: CrossEncoder, path: Path, n_lists: int) -> float:
    """Share of pairs of one list with different labels that the scores put in the right order; ties count half."""
    n_right, n_pairs = 0.0, 0
    for item in read_lists(path)[:n_lists]:
        scores, labels = scorer.score(item.query, list(item.texts)), np.array(item.labels)
        is_higher = labels[:, None] > labels[None, :]
        differences = (scores[:, None] - scores[None, :])[is_higher]
        n_right += float((differences > 0).sum() + 0.5 * (differences == 0).sum())
        n_pairs += int(is_higher.sum())
    return n_right / n_pairs


if __name__ == "__main__":
    main()
