"""How good is BM25 alone? nDCG@10 and recall@100 of the default engine on judged sets, for any word of the query.

    python -m bench.search.bench_bm25_quality [set …]

A set is a folder of ``SHARED/eval``; ``name:related`` searches for papers related to each paper of it. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.search_corpus import read_corpus, read_qrels, read_queries  # noqa: E402
from rerank.evaluation import ndcg, recall  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.engines.tantivy import TantivyBackend  # noqa: E402
from search.language.parser import parse_plain  # noqa: E402
from search.language.query import Node  # noqa: E402
from search.ranking.relaxing import rare_terms_query, relax  # noqa: E402

# nDCG@10 and recall@100 of a plain BM25 over title and abstract in one field, from the README of the data.
REFERENCE = {
    "autoscholar_dev": (0.178, 0.448),
    "topics_train": (0.170, 0.415),
    "topics_dev": (0.177, 0.385),
    "related_lists_dev:related": (0.131, 0.209),
    "scifact": (0.674, 0.905),
    "scisumm": (0.338, 0.723),
    "scisumm:related": (0.235, 0.365),
    "scirepeval_search": (0.650, None),
    "cranfield": (0.373, 0.737),
    "cacm": (0.424, 0.636),
    "cisi": (0.310, 0.391),
}
RELATED_WORDS = 32  # as in the reference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(REFERENCE), metavar="set", help=f"of {', '.join(REFERENCE)}")
    options = parser.parse_args()
    indexes = _Indexes()
    table = {name: _measure(name, indexes) for name in options.sets}
    print(json.dumps({"bench": "bm25_quality", "sets": table}, indent=1))


class _Indexes:
    """One index per corpus, built on first use."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._built: dict[str, SearchBackend] = {}

    def of(self, name: str) -> SearchBackend:
        has_corpus = name in ("scifact", "scisumm", "scirepeval_search", "cranfield", "cacm", "cisi")
        corpus = name if has_corpus else "papers"
        if corpus not in self._built:
            backend = TantivyBackend(path=Path(self._folder.name) / corpus)
            backend.rebuild(read_corpus(name), revision=1)
            self._built[corpus] = backend
        return self._built[corpus]


def _measure(name: str, indexes: _Indexes) -> dict[str, float | None]:
    folder, _, task = name.partition(":")
    kind = "_related" if task and folder == "scisumm" else ""
    backend = indexes.of(folder)
    queries, qrels = read_queries(folder, kind=kind), read_qrels(folder, kind=kind)
    if task:
        texts = _texts_of(folder, set(queries))
        to_query: Callable[[str], Node] = lambda key: rare_terms_query(texts[key], backend, limit=RELATED_WORDS).root  # noqa: E731
    else:
        to_query = lambda key: any_word(queries[key], backend)  # noqa: E731
    gains, recalls = [], []
    for query in qrels:
        hits = backend.search(to_query(query), Request(top_k=1_000 if folder == "scirepeval_search" else 101)).hits
        ranking = [hit.key for hit in hits if not task or hit.key != query]
        if folder == "scirepeval_search":  # only the judged papers are ranked
            judged = qrels[query]
            ranked = [key for key in ranking if key in judged]
            ranking = [*ranked, *sorted(judged.keys() - set(ranked))]
        gains.append(ndcg(ranking, qrels[query], k=10))
        recalls.append(recall(ranking, qrels[query], k=100))
    reference = REFERENCE[name]
    return {
        "ndcg@10": round(sum(gains) / len(gains), 4),
        "recall@100": round(sum(recalls) / len(recalls), 4),
        "reference ndcg@10": reference[0],
        "reference recall@100": reference[1],
    }


def any_word(text: str, backend: SearchBackend) -> Node:
    """The query for any word of a text."""
    root = parse_plain(text).root
    return relax(root, backend) or root


def _texts_of(name: str, keys: set[str]) -> dict[str, str]:
    return {d["key"]: f"{d['title']} {d['abstract']}" for d in read_corpus(name) if d["key"] in keys}


if __name__ == "__main__":
    main()
