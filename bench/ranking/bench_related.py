"""Do words and meaning together find related papers better than either alone, and how long does it take?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_related quality [related_lists_dev] [scisumm]
    COOLPAPERS_DATA_DIR=… COOLPAPERS_CROSS_ENCODER=… python -m bench.ranking.bench_related anchors [related_lists_dev]
    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_related speed

The data folder is an indexed and embedded library of ``SHARED/papers.jsonl.gz``; it is only read. ``scisumm`` has 978
papers of its own, which are indexed and embedded in a temporary folder; only the half of its queries that no constant
was chosen on is reported. Prints JSON.

Baselines over the same texts, index and vectors: ``keyword_rel``, BM25 of any of the ten best TF-IDF words of a paper,
as papers.cool's [REL] does; ``neighbours``, the papers with the highest cosines. ``anchors`` measures what anchor
scores add (``manage.py build_anchors`` must have run).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import django
import numpy as np

from rerank.arrays import AnyArray

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from bench.search.search_corpus import Qrels, read_corpus, read_qrels  # noqa: E402
from coolpapers.finding.catalogue import paper_texts, subject_of, work_keys  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from coolpapers.papers.names.permalinks import paper_name  # noqa: E402
from rerank.evaluation import ndcg, paired_bootstrap, recall  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.engines.tantivy import TantivyBackend  # noqa: E402
from search.language.query import Or, Term  # noqa: E402
from search.neural.dense import VectorRetriever, retrievers  # noqa: E402
from search.neural.rerankers import NoReranker, rerankers  # noqa: E402
from search.neural.texts import embedding_text  # noqa: E402
from search.neural.vector_search import VectorSearch  # noqa: E402
from search.ranking.keywords import QUERY_FREQUENCY, extract_keywords  # noqa: E402
from search.ranking.related import RelatedRequest, Subject, related_papers  # noqa: E402
from search.ranking.stages import Stages  # noqa: E402

DEPTH = 200
PATIENCE_S = 600.0
PEERS = ("keyword_rel", "neighbours")
N_TIMED = 200


@dataclass(frozen=True)
class Library:
    """What is searched, and the title and abstract of a paper by its key."""

    engine: SearchBackend
    dense: VectorRetriever
    subject: Callable[[str], Subject]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", choices=("quality", "anchors", "speed"), default="quality")
    parser.add_argument("sets", nargs="*", help="judged sets (default: those above)")
    options = parser.parse_args()
    settings.SEARCH_STAGE_BUDGETS_MS = dict.fromkeys(settings.SEARCH_STAGE_BUDGETS_MS, 600000)
    task, names = options.task, options.sets
    if task == "speed":
        print(json.dumps({"bench": "related_speed", **_speed()}, indent=1))
        return
    if task == "anchors":
        sets = {name: _measure_anchors(_site_library(), read_qrels(name)) for name in names or ("related_lists_dev",)}
        print(json.dumps({"bench": "related_anchors", "sets": sets}, indent=1))
        return
    sets = {name: _quality(name) for name in names or ("related_lists_dev", "scisumm")}
    print(json.dumps({"bench": "related", "sets": sets}, indent=1))


def is_for_tuning(query: str) -> bool:
    """Whether a scisumm query is of the half (by hash) that constants were chosen on."""
    return hashlib.blake2b(query.encode(), digest_size=1).digest()[0] % 2 == 0


def _quality(name: str) -> dict[str, Any]:
    if name != "scisumm":
        return _measure(_site_library(), read_qrels(name))
    all_qrels = read_qrels(name, kind="_related")
    qrels = {query: grades for query, grades in all_qrels.items() if not is_for_tuning(query)}
    with tempfile.TemporaryDirectory() as folder:
        return _measure(_own_library(name, Path(folder)), qrels)


def _site_library() -> Library:
    return Library(search_backend(), retrievers["default"], lambda key: subject_of(Paper.objects.get(key=key)))


def _own_library(name: str, folder: Path) -> Library:
    documents = {document["key"]: document for document in read_corpus(name)}
    engine = TantivyBackend(path=folder / "index")
    engine.rebuild(documents.values(), revision=1)
    dense = VectorRetriever(path=folder / "vectors", model=retrievers["default"].model)
    texts = [embedding_text(document["title"], document["abstract"]) for document in documents.values()]
    dense.update(list(documents), texts, removed=(), revision=1)

    def subject(key: str) -> Subject:
        return Subject(key, documents[key]["title"], documents[key]["abstract"])

    return Library(engine, dense, subject)


def _measure_anchors(library: Library, qrels: Qrels) -> dict[str, Any]:
    """The site's stages with anchors and without. Exits if one of them cannot run."""
    reranker = rerankers["default"]
    first = library.subject(next(iter(qrels)))
    if not reranker.is_configured or not reranker.neighbours(first.key, VectorSearch(library.dense), depth=1):
        raise SystemExit("There are no anchors: set COOLPAPERS_CROSS_ENCODER and run manage.py build_anchors.")
    with_anchors = Stages(library.dense, reranker, paper_texts, wait_s=PATIENCE_S, works=work_keys)
    ways: dict[str, Callable[[Subject], list[str]]] = {
        "ours": partial(_ours, library, "hybrid", stages=with_anchors),
        "without anchors": partial(_ours, library, "hybrid"),
    }
    return _compare(ways, {query: library.subject(query) for query in qrels}, qrels, ("without anchors",))


def _measure(library: Library, qrels: Qrels) -> dict[str, Any]:
    ways: dict[str, Callable[[Subject], list[str]]] = {
        "ours": partial(_ours, library, "hybrid"),
        "ours, words alone": partial(_ours, library, "bm25"),
        "ours, meaning alone": partial(_ours, library, "dense"),
        "keyword_rel": partial(_keyword_rel, library),
        "neighbours": partial(_neighbours, library),
    }
    return _compare(ways, {query: library.subject(query) for query in qrels}, qrels, PEERS)


def _compare(
    ways: Mapping[str, Callable[[Subject], list[str]]],
    subjects: Mapping[str, Subject],
    qrels: Qrels,
    peers: Sequence[str],
) -> dict[str, Any]:
    """Both measures of every way to rank, and the differences between "ours" and the baselines."""
    gains: dict[str, AnyArray] = {}
    recalls: dict[str, AnyArray] = {}
    for way, rank in ways.items():
        rankings = {query: rank(subject) for query, subject in subjects.items()}
        gains[way] = np.array([ndcg(rankings[query], qrels[query], k=10) for query in qrels])
        recalls[way] = np.array([recall(rankings[query], qrels[query], k=50) for query in qrels])
    table = {
        way: {"ndcg@10": round(float(gains[way].mean()), 4), "recall@50": round(float(recalls[way].mean()), 4)}
        for way in ways
    }
    ahead = {peer: {"ndcg@10": _ahead(gains, peer), "recall@50": _ahead(recalls, peer)} for peer in peers}
    return {"queries": len(qrels), "measures": table, "ours ahead of": ahead}


def _ahead(values: Mapping[str, AnyArray], peer: str) -> dict[str, float]:
    """Mean difference between "ours" and a baseline, with its 95 % interval (paired bootstrap)."""
    difference = paired_bootstrap(values["ours"], values[peer], rng=np.random.default_rng(0))
    return {name: round(getattr(difference, name), 4) for name in ("mean", "low", "high")}


def _ours(library: Library, mode: str, subject: Subject, *, stages: Stages | None = None) -> list[str]:
    stages = stages or Stages(
        library.dense, NoReranker(), lambda keys: dict.fromkeys(keys, ""), wait_s=PATIENCE_S, works=work_keys
    )
    page = related_papers(subject, RelatedRequest(top_k=DEPTH, mode=mode), engine=library.engine, stages=stages)
    if page.notes:
        raise SystemExit(f"{subject.key}: {page.notes}")
    return [hit.key for hit in page.hits]


def _keyword_rel(library: Library, subject: Subject) -> list[str]:
    keywords = extract_keywords(
        subject.title,
        subject.abstract,
        frequencies=library.engine.document_frequencies,
        n_documents=library.engine.count(),
        min_frequency=QUERY_FREQUENCY,
    )
    terms = [Term(keyword.word, field) for keyword in keywords for field in ("title", "abstract")]
    if not terms:
        return []
    hits = library.engine.search(Or(tuple(terms)), Request(top_k=DEPTH + 1, with_total=False)).hits
    return [hit.key for hit in hits if hit.key != subject.key][:DEPTH]


def _neighbours(library: Library, subject: Subject) -> list[str]:
    keys, vectors = library.dense.vectors_of(library.dense.keys())
    cosines = vectors @ library.dense.vectors_of([subject.key])[1][0]  # (n_papers,)
    best = np.argsort(-cosines, kind="stable")[: DEPTH + 1]
    return [keys[row] for row in best if keys[row] != subject.key][:DEPTH]


def _speed() -> dict[str, Any]:
    """Milliseconds of the search alone, and of the whole request of a related-papers panel."""
    engine, dense = search_backend(), retrievers["default"]
    papers = list(Paper.objects.order_by("pk")[:: max(1, Paper.objects.count() // N_TIMED)][:N_TIMED])
    subjects = [subject_of(paper) for paper in papers]
    unknown = [Subject(f"new:{subject.key}", subject.title, subject.abstract) for subject in subjects[:50]]
    stages = Stages(dense, NoReranker(), lambda keys: dict.fromkeys(keys, ""), wait_s=PATIENCE_S, works=work_keys)

    def ask(mode: str, subject: Subject) -> None:
        request = RelatedRequest(top_k=8, mode=mode, facets=("category", "venue", "year"))
        related_papers(subject, request, engine=engine, stages=stages)

    client = Client(headers={"HX-Request": "true", "HX-Target": "related-1"})

    def panel(paper: Paper) -> None:
        response = client.get(f"/related/{paper_name(paper)}", SERVER_NAME="localhost")
        if response.status_code != 200:
            raise SystemExit(f"{paper}: {response.status_code}")

    ask("hybrid", unknown[0])  # loads the encoder
    return {
        "papers": engine.count(),
        "vectors": dense.count(),
        "with embeddings": _times([partial(ask, "hybrid", subject) for subject in subjects]),
        "without": _times([partial(ask, "bm25", subject) for subject in subjects]),
        "no vector yet": _times([partial(ask, "hybrid", subject) for subject in unknown]),
        "request of a panel": _times([partial(panel, paper) for paper in papers]),
    }


def _times(calls: Sequence[Callable[[], None]]) -> dict[str, float]:
    for call in calls[:5]:
        call()
    times_ms = []
    for call in calls:
        started = time.perf_counter()
        call()
        times_ms.append((time.perf_counter() - started) * 1e3)
    return {"p50_ms": round(float(np.median(times_ms)), 1), "p95_ms": round(float(np.quantile(times_ms, 0.95)), 1)}


if __name__ == "__main__":
    main()
