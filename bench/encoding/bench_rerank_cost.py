"""How fast are the models in torch and the vector search, compared with sentence-transformers and exact search?

    python -m bench.encoding.bench_rerank_cost SHARED/papers.jsonl.gz MODEL [--parts pairs texts cur faiss]

Prints JSON: pairs/s of the cross-encoder and texts/s of the encoder (median; ours and sentence-transformers in
alternation), the time of a CUR approximation of 100,000 papers and 128 anchors, and FAISS compared with exact search.
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
from rerank.vectors.index import exact_search
from rerank.vectors.neighbour_index import build_index

N_ANCHORS, N_CUR_PAPERS = 128, 100_000
TOP_K = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("model", type=Path, help="folder of a cross-encoder")
    parser.add_argument("--n-texts", type=int, default=96)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--vectors", type=Path, help="unit vectors (.npy) for the part faiss (default: titles, encoded)"
    )
    parser.add_argument("--parts", nargs="+", default=["pairs", "texts", "cur", "faiss"])
    options = parser.parse_args()
    papers = read_papers(options.papers)
    texts = [paper_text(paper) for paper in papers[: options.n_texts]]
    parts: dict[str, Callable[[], Any]] = {
        "pairs": lambda: measure_pairs(options.model, papers[-1].title, texts, runs=options.runs),
        "texts": lambda: measure_texts(texts, runs=options.runs),
        "cur": lambda: measure_cur(runs=40 * options.runs),
        "faiss": lambda: measure_faiss(load_vectors(options.vectors, [paper.title for paper in papers])),
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


def load_vectors(path: Path | None, titles: Sequence[str]) -> Any:
    """The vectors of a file, or those of the titles."""
    return np.load(path) if path is not None else Encoder().encode(titles)


def measure_faiss(vectors: Any, *, n_queries: int = 300) -> dict[str, Any]:
    """Recall and time of the graph, one query at a time, compared with exact search; queries are papers plus noise."""
    rng = np.random.default_rng(1)
    rows = rng.choice(len(vectors), size=n_queries, replace=False)
    queries = vectors[rows] + rng.normal(0, 0.4 / np.sqrt(vectors.shape[1]), (n_queries, vectors.shape[1]))
    queries = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
    started = time.perf_counter()
    index = build_index(vectors, kind="hnsw")
    build_s = time.perf_counter() - started
    results: list[Any] = []

    def search(query: Any) -> None:
        results.append(index.search(query[None], TOP_K)[1][0])

    times = [timed_ms(partial(search, query)) for query in queries]
    exact = exact_search(vectors, queries, top_k=TOP_K).rows
    flat = [timed_ms(partial(exact_search, vectors, query[None], top_k=TOP_K)) for query in queries[:50]]
    recall = [len(np.intersect1d(a, b)) / TOP_K for a, b in zip(exact, results, strict=True)]
    shape = {"papers": len(vectors), "dim": int(vectors.shape[1]), "build_s": round(build_s, 1)}
    return {**shape, **percentiles(times), "recall@100": round(float(np.mean(recall)), 4), "flat": percentiles(flat)}


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
