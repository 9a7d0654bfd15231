"""Is one ranking better than another? Runs every query of the judged sets through the site's pipeline, and compares.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.ranking.bench_quality run RUNS NAME [set …] --mode hybrid
    python -m bench.ranking.bench_quality compare RUNS OURS THEIRS

``run`` writes the measures of each query to ``RUNS/NAME/<set>.json``; sets that are there already are not run again.
Encoder, cross-encoder and fusion are those of the settings, which the environment can change (``COOLPAPERS_ENCODER``).
``compare`` gives the mean nDCG@10 of two runs by set, and the difference with a 95 % interval: paired bootstrap over
queries; for the mean over sets, over the queries within each set. Both print JSON.

LIBRARY holds ``SHARED/papers.jsonl.gz``, indexed and embedded. Only its folder ``evaluation`` is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django
import numpy as np

from rerank.arrays import Float64s

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.search.search_corpus import JUDGED_ONLY, SHARED  # noqa: E402
from coolpapers.finding.quality.datasets import read_dataset  # noqa: E402
from coolpapers.finding.quality.measure import embed_corpus, open_library, rank_query, to_paper_keys  # noqa: E402
from rerank.evaluation import evaluate_run, paired_bootstrap  # noqa: E402
from search.neural.measures import MEASURES  # noqa: E402
from search.ranking.pipeline import MODES  # noqa: E402

DEV_SETS = ("topics_dev", "autoscholar_dev", "related_lists_dev", "scisumm", "scifact", "scirepeval_search")
N_RESAMPLES = 10_000

PerQuery = dict[str, dict[str, float]]  # measure → query → value


def main() -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(required=True)
    run = subparsers.add_parser("run")
    run.add_argument("runs", type=Path)
    run.add_argument("name")
    run.add_argument("sets", nargs="*", default=list(DEV_SETS))
    run.add_argument("--mode", choices=MODES, required=True)
    run.add_argument("--as-typed", action="store_true", help="require all words if papers have them, as the site does")
    run.add_argument("--limit", type=int, help="use only the first queries of a set, up to this number")
    run.set_defaults(call=_run)
    compare = subparsers.add_parser("compare")
    compare.add_argument("runs", type=Path)
    compare.add_argument("ours")
    compare.add_argument("theirs")
    compare.add_argument("--measure", choices=MEASURES, default="nDCG@10")
    compare.set_defaults(call=_compare)
    options = parser.parse_args()
    print(json.dumps(options.call(options), indent=1))


def _run(options: argparse.Namespace) -> dict[str, Any]:
    folder = options.runs / options.name
    folder.mkdir(parents=True, exist_ok=True)
    means = {}
    for name in options.sets:
        path = folder / f"{name}.json"
        if not path.exists():
            started = time.perf_counter()
            values = _measure(SHARED / "eval" / name, options)
            path.write_text(json.dumps({"values": values, "seconds": round(time.perf_counter() - started, 1)}))
        values = json.loads(path.read_text())["values"]
        means[name] = {measure: float(np.mean(list(by_query.values()))) for measure, by_query in values.items()}
        sys.stderr.write(f"{options.name} {name} {means[name]}\n")
    return {"bench": "quality", "run": options.name, "mode": options.mode, "sets": means}


def _measure(path: Path, options: argparse.Namespace) -> PerQuery:
    dataset = read_dataset(path, split="", limit=options.limit)
    library = open_library(dataset, folder=settings.DATA_DIR / "evaluation" / dataset.name)
    if dataset.corpus is None:
        dataset = to_paper_keys(dataset)
    elif options.mode != "bm25":
        embed_corpus(library, dataset.corpus)
    run = {}
    for query in dataset.queries:
        keys = frozenset(dataset.qrels[query.query_id]) if dataset.name in JUDGED_ONLY else None
        ranking = rank_query(query, library, mode=options.mode, keys=keys, as_typed=options.as_typed)
        run[query.query_id] = {key: -float(rank) for rank, key in enumerate(ranking)}
    return {name: dict(values) for name, values in evaluate_run(run, dataset.qrels, measures=MEASURES).items()}


def _compare(options: argparse.Namespace) -> dict[str, Any]:
    pairs = {}
    for path in sorted((options.runs / options.ours).glob("*.json")):
        other = options.runs / options.theirs / path.name
        if other.exists():
            pairs[path.stem] = _paired(path, other, measure=options.measure)
    rng = np.random.default_rng(0)
    table = {}
    for name, (ours, theirs) in pairs.items():
        difference = paired_bootstrap(ours, theirs, rng=rng)
        table[name] = {
            "ours": float(ours.mean()),
            "theirs": float(theirs.mean()),
            "difference": difference.mean,
            "interval": [difference.low, difference.high],
            "n_queries": len(ours),
        }
    return {
        "bench": "quality",
        "measure": options.measure,
        "ours": options.ours,
        "theirs": options.theirs,
        "sets": table,
        "mean": _mean_over_sets(list(pairs.values()), rng=rng),
    }


def _paired(ours: Path, theirs: Path, *, measure: str) -> tuple[Float64s, Float64s]:
    """Values of a measure of the queries that both runs have, in the same order."""
    first, second = (json.loads(path.read_text())["values"][measure] for path in (ours, theirs))
    common = [query for query in first if query in second]
    return np.array([first[query] for query in common]), np.array([second[query] for query in common])


def _mean_over_sets(pairs: list[tuple[Float64s, Float64s]], *, rng: np.random.Generator) -> dict[str, Any]:
    """Means over sets, with the same weight for each set, and the bootstrap interval of their difference."""
    resampled_means = np.zeros(N_RESAMPLES)
    for ours, theirs in pairs:
        difference = ours - theirs
        for number in range(N_RESAMPLES):
            rows = rng.integers(len(difference), size=len(difference))
            resampled_means[number] += difference[rows].mean() / len(pairs)
    low, high = np.quantile(resampled_means, [0.025, 0.975])
    means = [(float(ours.mean()), float(theirs.mean())) for ours, theirs in pairs]
    ours_mean, theirs_mean = (float(np.mean(column)) for column in zip(*means, strict=True))
    return {
        "ours": ours_mean,
        "theirs": theirs_mean,
        "difference": ours_mean - theirs_mean,
        "interval": [float(low), float(high)],
    }


if __name__ == "__main__":
    main()
