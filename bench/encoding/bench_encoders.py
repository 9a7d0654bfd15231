"""Is one encoder better than another? nDCG@10 by cosine alone, in pools small enough to embed in minutes.

    python -m bench.encoding.bench_encoders MODEL MODEL … [--dims 384 128]

The other models are compared with the first one by paired bootstrap over queries. A pool holds all judged documents of
the selected queries and some random ones. Only the differences are meaningful, not the levels: whole libraries are
harder. Use this to choose, and ``bench.ranking.bench_quality`` to publish. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from dataclasses import dataclass
from typing import Any

import django
import numpy as np

from rerank.arrays import Float64s

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.search_corpus import (  # noqa: E402
    JUDGED_ONLY,
    PAPERS_AS_QUERIES,
    Qrels,
    read_corpus,
    read_papers,
    read_qrels,
    read_queries,
)
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import ndcg, paired_bootstrap  # noqa: E402
from search.engines.documents import Document  # noqa: E402

# Sets that search the main corpus, and sets with their own documents: how many of their queries (None: all).
MAIN_CORPUS_SETS = {"topics_dev": None, "autoscholar_dev": None, "related_lists_dev": 50}
OWN_CORPUS_SETS = {"scirepeval_search": None, "scifact": None, "scisumm": 300}
N_OTHER_PAPERS, N_OTHER_DOCUMENTS = 1200, 600  # random documents in a pool
MAX_TOKENS = 128

Values = dict[str, Float64s]  # nDCG@10 of each query, by set


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, their judgements, and the name of the pool that they search."""

    queries: dict[str, str]
    qrels: Qrels
    pool: str


def main() -> None:
    """Measure all models and compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--dims", type=int, nargs="+", default=[384])
    options = parser.parse_args()
    tasks, pools = _read()
    encoders = {model: Encoder(model, max_tokens=MAX_TOKENS) for model in options.models}
    measured = {model: _measure(encoder, tasks, pools, options.dims) for model, encoder in encoders.items()}
    base = measured[options.models[0]]
    table = {model: compared(values, base, rng=np.random.default_rng(0)) for model, values in measured.items()}
    sizes = {name: len(pool) for name, pool in pools.items()}
    print(json.dumps({"bench": "encoders", "pools": sizes, "models": table}))


def _measure(encoder: Encoder, tasks: dict[str, Task], pools: dict[str, dict[str, str]], dims: list[int]) -> Values:
    embedded = {name: encoder.encode(list(pool.values())) for name, pool in pools.items()}
    values: Values = {}
    for name, task in tasks.items():
        encode = encoder.encode if name in PAPERS_AS_QUERIES else encoder.encode_queries
        queries = encode(list(task.queries.values()))
        for dim in dims:
            documents = embedded[task.pool][:, :dim]
            cosines = queries[:, :dim] @ (documents / np.linalg.norm(documents, axis=1, keepdims=True)).T
            values[f"{name}@{dim}"] = _ndcgs(cosines, task, list(pools[task.pool]), only_judged=name in JUDGED_ONLY)
    return values


def _ndcgs(cosines: Any, task: Task, ids: list[str], *, only_judged: bool) -> Float64s:
    """nDCG@10 of each query, given its cosines with the documents `ids`."""
    values = []
    for query, row in zip(task.queries, cosines, strict=True):
        judged = task.qrels[query]
        ranking = [ids[position] for position in np.argsort(-row, kind="stable") if ids[position] != query]
        values.append(ndcg([key for key in ranking if key in judged] if only_judged else ranking, judged, k=10))
    return np.array(values)


def compared(values: Values, base: Values, *, rng: np.random.Generator) -> dict[str, Any]:
    """Mean nDCG@10 by set, and the difference from `base` with its 95 % interval (paired bootstrap over queries)."""
    table: dict[str, Any] = {}
    for name, ours in values.items():
        difference = paired_bootstrap(ours, base[name], rng=rng)
        table[name] = {"ndcg@10": float(ours.mean()), "difference": [difference.mean, difference.low, difference.high]}
    return table


def _read() -> tuple[dict[str, Task], dict[str, dict[str, str]]]:
    """The tasks by set, and the texts of each pool by document."""
    papers = {paper["key"]: _text(paper) for paper in read_papers()}
    tasks, pools = {}, {}
    main_pool: dict[str, None] = {}
    for name, limit in MAIN_CORPUS_SETS.items():
        queries, qrels = _judged(name, limit)
        queries = {key: papers.get(key, text) for key, text in queries.items()}  # the text of a paper that is a query
        tasks[name] = Task(queries, qrels, "papers")
        main_pool |= dict.fromkeys(key for query in queries for key in qrels[query] if key in papers)
    main_pool |= dict.fromkeys(random.Random(0).sample(sorted(papers), N_OTHER_PAPERS))
    pools["papers"] = {key: papers[key] for key in main_pool}
    for name, limit in OWN_CORPUS_SETS.items():
        queries, qrels = _judged(name, limit)
        documents = {document["key"]: _text(document) for document in read_corpus(name)}
        pool = dict.fromkeys(key for query in queries for key in qrels[query] if key in documents)
        pool |= dict.fromkeys(random.Random(1).sample(sorted(documents), min(N_OTHER_DOCUMENTS, len(documents))))
        tasks[name] = Task(queries, qrels, name)
        pools[name] = {key: documents[key] for key in pool}
    return tasks, pools


def _text(document: Document) -> str:
    return f"{document['title']}\n{document['abstract']}".strip()


def _judged(name: str, limit: int | None) -> tuple[dict[str, str], Qrels]:
    """The first queries of a set that have a relevant document, and the judgements."""
    qrels = read_qrels(name)
    queries = {key: text for key, text in read_queries(name).items() if any(qrels.get(key, {}).values())}
    return dict(list(queries.items())[:limit]), qrels


if __name__ == "__main__":
    main()
