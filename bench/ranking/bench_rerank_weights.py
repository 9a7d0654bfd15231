"""How much should the cross-encoder count in the final order? nDCG@10 of every weight, with the gain of a learned one.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.ranking.bench_rerank_weights run RUNS [set …] [--every 4]
    python -m bench.ranking.bench_rerank_weights show RUNS [--calls 8 16 32]

``run`` ranks the queries of judged sets by ``hybrid``, has the cross-encoder score the first papers, and writes both
scores to ``RUNS/<set>.jsonl``; a stopped run goes on. ``show`` mixes them with each weight and compares with ``hybrid``
by paired bootstrap over queries. ``learned`` is the gain of a weight that is chosen on other queries: in each of five
parts of a set, that of the highest mean over the other four parts of the sets of the same kind, searches or related
papers, of those weights that lose on no set of the kind there (0 is always one). The rule that names stand first is
left out. ``--calls`` prints instead the gain of the site's weight if the cross-encoder had read only so many papers,
and its difference from the gain of reading all that ``run`` had it read. Print JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import numpy as np

from rerank.arrays import Float64s

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.search.search_corpus import JUDGED_ONLY, PAPERS_AS_QUERIES, SHARED  # noqa: E402
from coolpapers.finding.quality.datasets import Dataset, read_dataset  # noqa: E402
from coolpapers.finding.quality.measure import (  # noqa: E402
    Library,
    embed_corpus,
    open_library,
    rank_query,
    to_paper_keys,
)
from rerank.evaluation import ndcg, paired_bootstrap  # noqa: E402
from search.base.aliases import Ranking  # noqa: E402
from search.fusion import weighted_fusion  # noqa: E402
from search.neural.rerankers import (  # noqa: E402
    CROSS_ENCODER_WEIGHT,
    Candidate,
    CrossEncoderReranker,
    Reranker,
    rerankers,
)
from search.neural.vector_search import VectorSearch  # noqa: E402
from search.ranking.related import RelatedRequest, related_papers  # noqa: E402
from search.ranking.stages import Stages  # noqa: E402

SETS = ("topics_dev", "autoscholar_dev", "related_lists_dev", "scirepeval_search")
WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
FIRST = RelatedRequest(top_k=100, mode="hybrid")
N_PARTS = 5
K = 10


@dataclass(slots=True)
class Recorder(Reranker):
    """Scores candidates by the cross-encoder alone, and keeps what it was given and what it returned."""

    inner: CrossEncoderReranker
    candidates: list[Candidate] = field(default_factory=list)
    scored: Ranking = field(default_factory=list)

    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        self.candidates, self.scored = list(candidates), self.inner.rerank(query, candidates, vectors)
        return self.scored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(required=True)
    run = subparsers.add_parser("run")
    run.add_argument("runs", type=Path)
    run.add_argument("sets", nargs="*", default=list(SETS))
    run.add_argument("--every", type=int, default=1, help="use each query of this number")
    run.set_defaults(call=_run)
    show = subparsers.add_parser("show")
    show.add_argument("runs", type=Path)
    show.add_argument("--calls", type=int, nargs="+", help="compare numbers of papers that are read")
    show.set_defaults(call=_show)
    options = parser.parse_args()
    print(json.dumps(options.call(options), indent=1))


def _run(options: argparse.Namespace) -> dict[str, Any]:
    options.runs.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name in options.sets:
        dataset = read_dataset(SHARED / "eval" / name)
        library = open_library(dataset, folder=settings.DATA_DIR / "evaluation" / name)
        if dataset.corpus is None:
            dataset = to_paper_keys(dataset)
        else:
            embed_corpus(library, dataset.corpus)
        counts[name] = _record(dataset, library, options.runs / f"{name}.jsonl", every=options.every)
    return {"bench": "rerank_weights", "queries": counts}


def _record(dataset: Dataset, library: Library, path: Path, *, every: int) -> int:
    """Write the scores of the queries that the file lacks; returns how many it has then."""
    site = rerankers["default"]
    assert isinstance(site, CrossEncoderReranker)
    recorder = Recorder(CrossEncoderReranker(model=site.model, budget=site.budget, weight=1.0))
    stages = Stages(library.stages.dense, recorder, library.stages.texts, library.stages.wait_s, library.stages.works)
    library = Library(library.engine, stages, library.subject, library.n_documents)
    done = {row["query"] for row in _rows(path)} if path.exists() else set()
    with path.open("a", encoding="utf-8") as stream:
        for query in dataset.queries[::every]:
            grades = dataset.qrels[query.query_id]
            if query.query_id in done or not any(grades.values()):
                continue
            recorder.candidates, recorder.scored = [], []
            keys = frozenset(grades) if dataset.name in JUDGED_ONLY else None
            subject = library.subject(query.paper_id) if query.paper_id else None
            if subject is None:
                rank_query(query, library, mode="rerank", keys=keys)
            else:  # the site does not rerank related papers
                page = related_papers(subject, FIRST, engine=library.engine, stages=library.stages)
                stages.rerank_head([(hit.key, hit.score) for hit in page.hits], subject.title, {})
            scored = {key: score for key, score in recorder.scored if score >= 0}  # below 0: not read
            row = {
                "query": query.query_id,
                "before": [[c.key, c.score] for c in recorder.candidates],
                "scored": scored,
                "grades": dict(grades),
            }
            stream.write(json.dumps(row) + "\n")
            stream.flush()
            done.add(query.query_id)
            sys.stderr.write(f"{dataset.name} {len(done)}\n")
    return len(done)


def mixed_ndcg(row: Mapping[str, Any], weight: float, *, n_calls: int | None = None) -> float:
    """nDCG@10 of one query if the cross-encoder has this weight, as ``CrossEncoderReranker`` mixes.

    ``n_calls``: only the first papers are read, up to this number; None: all that have a score.
    """
    before = [(key, score) for key, score in row["before"] if key in row["scored"]][:n_calls]
    read = {key: row["scored"][key] for key, _score in before}
    rankings = {"before": before, "cross-encoder": list(read.items())}
    mixed = weighted_fusion(rankings, weights={"before": 1 - weight, "cross-encoder": weight})
    order = [key for key, _score in mixed] if weight else [key for key, _score in before]
    order += [key for key, _score in row["before"] if key not in read]
    return ndcg(order, row["grades"], k=K)


def learned_gains(gains: Mapping[str, Float64s], *, seed: int = 0) -> dict[str, Float64s]:
    """The gain of each query, by set, with the weight that its part does not choose.

    Parameters
    ----------
    gains : set → (n_queries, n_weights)
        nDCG@10 minus that of weight 0, for :data:`WEIGHTS`; the sets are of one kind.
    """
    rng = np.random.default_rng(seed)
    parts = {name: rng.permutation(len(rows)) % N_PARTS for name, rows in gains.items()}
    learned = {name: np.zeros(len(rows)) for name, rows in gains.items()}
    for part in range(N_PARTS):
        choice = chosen_weight({name: rows[parts[name] != part] for name, rows in gains.items()})
        for name, rows in gains.items():
            learned[name][parts[name] == part] = rows[parts[name] == part, choice]
    return learned


def chosen_weight(gains: Mapping[str, Float64s]) -> int:
    """The column of the highest mean over sets, among those in which no set loses; arguments as `learned_gains`."""
    means = np.stack([rows.mean(axis=0) for rows in gains.values()])  # (n_sets, n_weights)
    return int(np.argmax(np.where((means >= 0).all(axis=0), means.mean(axis=0), -np.inf)))


def _show(options: argparse.Namespace) -> dict[str, Any]:
    if options.calls:
        return {"bench": "rerank_weights", "weight": CROSS_ENCODER_WEIGHT, "sets": _by_calls(options)}
    values = {
        path.stem: np.array([[mixed_ndcg(row, weight) for weight in WEIGHTS] for row in _rows(path)])
        for path in sorted(options.runs.glob("*.jsonl"))
    }
    gains = {name: rows - rows[:, :1] for name, rows in values.items()}
    kinds = {
        "searches": {name: rows for name, rows in gains.items() if name not in PAPERS_AS_QUERIES},
        "related": {name: rows for name, rows in gains.items() if name in PAPERS_AS_QUERIES},
    }
    table = {}
    for kind, of_kind in kinds.items():
        if not of_kind:
            continue
        learned = learned_gains(of_kind)
        table[kind] = {
            "weight": WEIGHTS[chosen_weight(of_kind)],
            "sets": {
                name: {
                    "n_queries": len(rows),
                    "hybrid": float(values[name][:, 0].mean()),
                    "gain": {str(weight): _interval(gain) for weight, gain in zip(WEIGHTS, rows.T, strict=True)},
                    "learned": _interval(learned[name]),
                }
                for name, rows in of_kind.items()
            },
        }
    return {"bench": "rerank_weights", "kinds": table}


def _by_calls(options: argparse.Namespace) -> dict[str, Any]:
    """By set: the gain over ``hybrid`` for each number of calls, and its difference from the gain of all calls."""
    sets = {}
    for path in sorted(options.runs.glob("*.jsonl")):
        rows = _rows(path)
        hybrid, full = (np.array([mixed_ndcg(row, weight) for row in rows]) for weight in (0.0, CROSS_ENCODER_WEIGHT))
        by_calls = {}
        for n_calls in options.calls:
            fewer = np.array([mixed_ndcg(row, CROSS_ENCODER_WEIGHT, n_calls=n_calls) for row in rows])
            by_calls[str(n_calls)] = {"gain": _interval(fewer - hybrid), "against_all": _interval(fewer - full)}
        sets[path.stem] = {"n_queries": len(rows), "hybrid": float(hybrid.mean()), "calls": by_calls}
    return sets


def _interval(gains: Float64s) -> list[float]:
    difference = paired_bootstrap(gains, np.zeros(len(gains)), rng=np.random.default_rng(0))
    return [round(value, 4) for value in (difference.mean, difference.low, difference.high)]


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


if __name__ == "__main__":
    main()
