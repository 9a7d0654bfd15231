"""ONNX Runtime or torch: how fast, how large, and how alike are the models of the site in each?

    python -m bench.encoding.bench_inference SHARED/papers.jsonl.gz [--threads 1] [--runs 7]

Prints JSON. Both libraries run in turns, in the number format that each chooses and in fp32. Times are processor time,
since other work on the machine distorts the wall clock: of one query encoded, of 32 pairs scored, and of an abstract.
Memory is measured in a process for each library that has loaded what a server needs: query encoder and cross-encoder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.training.training_data import paper_text, read_papers

ENCODER, CROSS_ENCODER = "papers-query-encoder", "papers-cross-encoder"
WAYS = {"onnx": "auto", "torch": "auto", "onnx fp32": "float32", "torch fp32": "float32"}  # library: number format
MAX_TOKENS, PAIR_TOKENS, N_PAIRS = 128, 256, 32
EVERY = 997  # papers are taken evenly from the file
MEMORY = """
import json, sys
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
encoder = Encoder({encoder!r}, inference=sys.argv[1], max_tokens=128)
scorer = CrossEncoder({scorer!r}, inference=sys.argv[1])
encoder.encode_queries(["graph neural networks"])
scorer.score("graph neural networks", ["a title and an abstract of some words " * 20] * 32)
fields = dict(line.split(":")[:2] for line in open("/proc/self/smaps_rollup") if ":" in line)
print(json.dumps({{name: int(fields[name].split()[0]) // 1024 for name in ("Rss", "Private_Dirty")}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--n-texts", type=int, default=64)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    papers = read_papers(options.papers)[::EVERY][: options.n_texts]
    texts, queries = [paper_text(paper) for paper in papers], [paper.title for paper in papers]
    encoders = {way: Encoder(ENCODER, **_options(way), max_tokens=MAX_TOKENS) for way in WAYS}
    scorers = {way: CrossEncoder(CROSS_ENCODER, **_options(way), max_tokens=PAIR_TOKENS) for way in WAYS}
    report = {
        "bench": "inference",
        "threads": options.threads,
        "formats": {way: encoder.placement.dtype for way, encoder in encoders.items()},
        "query_ms": in_turns(
            encoders, lambda encoder, run: encoder.encode_queries([queries[run]]), runs=4 * options.runs
        ),
        "32_pairs_ms": in_turns(
            scorers, lambda scorer, run: scorer.score(queries[run], texts[:N_PAIRS]), runs=options.runs
        ),
        "abstract_ms": in_turns(encoders, lambda encoder, _: encoder.encode(texts), runs=options.runs, per=len(texts)),
        "vectors": likeness({way: encoder.encode(texts) for way, encoder in encoders.items()}),
        "query_vectors": likeness({way: encoder.encode_queries(queries) for way, encoder in encoders.items()}),
        "scores": correlations({way: scores_of(scorer, queries, texts) for way, scorer in scorers.items()}),
        "memory_mb": {way: memory(way) for way in ("onnx", "torch")},
    }
    print(json.dumps(report, indent=1))


def _options(way: str) -> dict[str, Any]:
    return {"inference": way.split()[0], "dtype": WAYS[way], "device": "cpu"}


def in_turns(
    models: dict[str, Any], call: Callable[[Any, int], Any], *, runs: int, per: int = 1
) -> dict[str, dict[str, float]]:
    """Median processor time and wall time of a call in ms, divided by `per`; the models take turns."""
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in models}
    for model in models.values():
        call(model, 0)
    for run in range(runs):
        for way, model in models.items():
            start = time.process_time(), time.perf_counter()
            call(model, run)
            times[way].append((time.process_time() - start[0], time.perf_counter() - start[1]))
    return {
        way: {
            name: round(statistics.median(column) * 1e3 / per, 2) for name, column in zip(("cpu", "wall"), zip(*rows))
        }
        for way, rows in times.items()
    }


def likeness(vectors: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Smallest and mean cosine with the vectors of torch in fp32."""
    exact = vectors["torch fp32"]
    cosines = {way: (rows * exact).sum(axis=1) for way, rows in vectors.items()}
    return {way: {"min": round(float(c.min()), 5), "mean": round(float(c.mean()), 5)} for way, c in cosines.items()}


def scores_of(scorer: CrossEncoder, queries: Sequence[str], texts: Sequence[str]) -> Any:
    return np.concatenate([scorer.score(query, texts[:N_PAIRS]) for query in queries[:8]])


def correlations(scores: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Correlation with the scores of torch in fp32, and the root mean square error in their standard deviations."""
    exact = scores["torch fp32"]
    return {
        way: {
            "correlation": round(float(np.corrcoef(values, exact)[0, 1]), 5),
            "error": round(float(np.sqrt(((values - exact) ** 2).mean()) / exact.std()), 4),
        }
        for way, values in scores.items()
    }


def memory(library: str) -> dict[str, int]:
    """Resident and private memory in MB of a process that has encoded a query and scored pairs."""
    code = MEMORY.format(encoder=ENCODER, scorer=CROSS_ENCODER)
    output = subprocess.run([sys.executable, "-c", code, library], check=True, capture_output=True, text=True)
    measured: dict[str, int] = json.loads(output.stdout.splitlines()[-1])
    return measured


if __name__ == "__main__":
    main()
