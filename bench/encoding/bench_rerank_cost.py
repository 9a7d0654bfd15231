"""How fast are the models in torch, compared with sentence-transformers, and a CUR approximation?

    python -m bench.encoding.bench_rerank_cost SHARED/papers.jsonl.gz MODEL [--parts pairs texts cur]

Prints JSON: pairs/s of the cross-encoder and texts/s of the encoder (median; ours and sentence-transformers in
alternation), and the time of a CUR approximation of 100,000 papers and 128 anchors. ``bench.ranking.bench_vectors``
measures the search in vectors.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.encoders.weights import DEFAULT_ENCODER, find_model
from rerank.evaluation import top_rows
from rerank.training.training_data import paper_text, read_papers
from rerank.vectors.neighbour_index import build_index

N_ANCHORS, N_CUR_PAPERS = 128, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("model", type=Path, help="folder of a cross-encoder")
    parser.add_argument("--n-texts", type=int, default=96)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=["pairs", "texts", "cur"])
    options = parser.parse_args()
    papers = read_papers(options.papers)
    texts = [paper_text(paper) for paper in papers[: options.n_texts]]
    parts: dict[str, Callable[[], Any]] = {
        "pairs": lambda: measure_pairs(options.model, papers[-1].title, texts, runs=options.runs),
        "texts": lambda: measure_texts(texts, runs=options.runs),
        "cur": lambda: measure_cur(runs=40 * options.runs),
    }
    print(json.dumps({"threads": torch.get_num_threads(), **{name: parts[name]() for name in options.parts}}, indent=1))


def measure_pairs(model: Path, query: str, texts: Sequence[str], *, runs: int) -> dict[str, Any]:
    """Pairs per second of one query with texts, at 128 and 256 tokens."""
    from sentence_transformers import CrossEncoder as Theirs

    report = {}
    for max_tokens in (128, 256):
        theirs = Theirs(str(model), device="cpu", max_length=max_tokens, activation_fn=torch.nn.Identity())
        half = Theirs(str(model), device="cpu", max_length=max_tokens, model_kwargs={"dtype": torch.bfloat16})
        ours = CrossEncoder(model, inference="torch", max_tokens=max_tokens)
        plain = CrossEncoder(model, inference="torch", max_tokens=max_tokens, dtype="float32")
        pairs = [(query, text) for text in texts]
        ways: dict[str, Callable[[], Any]] = {
            "ours": partial(ours.score, query, texts),
            "ours fp32": partial(plain.score, query, texts),
            "sentence-transformers": partial(theirs.predict, pairs),
            "sentence-transformers bf16": partial(half.predict, pairs),
        }
        report[f"{max_tokens} tokens"] = {"ours runs": ours.placement.dtype, **speeds(ways, len(texts), runs=runs)}
    return report


def measure_texts(texts: Sequence[str], *, runs: int) -> dict[str, Any]:
    """Texts per second of the default encoder."""
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(find_model(DEFAULT_ENCODER)), device="cpu")
    half = SentenceTransformer(str(find_model(DEFAULT_ENCODER)), device="cpu", model_kwargs={"dtype": torch.bfloat16})
    ours, plain = Encoder(inference="torch"), Encoder(inference="torch", dtype="float32")
    ways = {
        "ours": lambda: ours.encode(texts),
        "ours fp32": lambda: plain.encode(texts),
        "sentence-transformers": lambda: theirs.encode(list(texts)),
        "sentence-transformers bf16": lambda: half.encode(list(texts)),
    }
    return {"ours runs": ours.placement.dtype, **speeds(ways, len(texts), runs=runs)}


def measure_cur(*, runs: int) -> dict[str, Any]:
    """Time of the approximate top 200, as a maximum inner product search over the factors."""
    rng = np.random.default_rng(0)
    low = rng.normal(size=(N_CUR_PAPERS, 24)) @ rng.normal(size=(24, N_ANCHORS))
    factors = (low + rng.normal(0, 0.5, low.shape)).astype(np.float32)  # (n_papers, n_anchors), the transposed factors
    index = build_index(factors, kind="half")
    queries = rng.normal(size=(runs, N_ANCHORS)).astype(np.float32)
    times = [timed_ms(partial(index.search, query[None], 200)) for query in queries]
    exact = [top_rows(factors @ query, k=200) for query in queries[:50]]
    approximate = index.search(queries[:50], 200)[1]
    overlap = [len(np.intersect1d(a, b)) / 200 for a, b in zip(exact, approximate, strict=True)]
    return {
        "papers": N_CUR_PAPERS,
        "anchors": N_ANCHORS,
        **percentiles(times),
        "overlap@200": round(np.mean(overlap), 4),
    }


def speeds(ways: dict[str, Callable[[], Any]], n: int, *, runs: int) -> dict[str, Any]:
    """Items per second of each way, run in turns so that a busy moment affects all; medians, and medians of ratios."""
    for way in ways.values():
        way()
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            rates[name].append(n / (timed_ms(way) / 1e3))
    base = rates["sentence-transformers"]
    medians = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    ratios = {
        f"{name} / theirs": round(statistics.median(a / b for a, b in zip(values, base, strict=True)), 2)
        for name, values in rates.items()
        if values is not base
    }
    return {"per_s": medians, "ratio": ratios}


def percentiles(times: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(times, q)), 2) for name, q in (("p50_ms", 50), ("p95_ms", 95))}


def timed_ms(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    main()
