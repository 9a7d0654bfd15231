"""Vectors on OpenSearch beside those in files: do searches find the same, and what does a page cost?

    COOLPAPERS_DATA_DIR=… python -m bench.search.bench_opensearch_vectors [--queries N] [--pages N] [--url URL]
        [--heap 1g] [--reuse] [--judged NAME …] [--judged-queries N]

The data folder holds an imported library, its tantivy index and its vectors in files, which are copied to the servers.
Without ``--url`` a server of the shared folder is started. Prints JSON:

- ``copy``: papers a second, by wall time and by CPU time of this process, and bytes a paper on the server
- ``recall_at_100`` of exact search by both stores; ``search_ms`` for 200 papers, in turns
- ``round_trips`` of a hybrid page to the servers, by index, with empty caches: mean
- ``page_ms``: whole pages with ``mode=hybrid`` on tantivy and files, and with both parts on OpenSearch, in turns
- ``ndcg_at_10`` of hybrid search on judged sets of the site's papers, by both
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402

# Pages need no collected files here.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

import numpy as np  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.test import Client as PageClient  # noqa: E402

from bench.search.bench_opensearch import measure_bulk, quantiles, real_queries, server  # noqa: E402
from bench.search.search_corpus import SHARED  # noqa: E402
from coolpapers.finding.indexing.embedding import embed_papers  # noqa: E402
from coolpapers.finding.quality.datasets import read_dataset  # noqa: E402
from coolpapers.finding.quality.measure import evaluate, open_library, to_paper_keys  # noqa: E402
from rerank.vectors.index import exact_search  # noqa: E402
from search.engines.opensearch import OpenSearchBackend  # noqa: E402
from search.engines.opensearch.client import Client  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.neural.dense import VectorRetriever, retrievers  # noqa: E402
from search.neural.encoding import LOAD_PATIENCE_S  # noqa: E402
from search.neural.opensearch import OpenSearchRetriever  # noqa: E402

DEPTH = 200
STORES = ("files", "opensearch")
WARM_UP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--url", help="a running server; default: start one of the shared folder")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--reuse", action="store_true", help="use the words and vectors of an earlier run, with --url")
    parser.add_argument("--judged", nargs="*", default=[], help="judged sets of the site's papers")
    parser.add_argument("--judged-queries", type=int, help="at most so many of each set")
    options = parser.parse_args()
    with server(options.url, options.heap) as url:
        servers = {"urls": [url], "index": "bench", "timeout_s": 60.0}
        settings.SEARCH_BACKENDS["opensearch"]["OPTIONS"] |= servers
        local, served = _stores(servers)
        if not options.reuse:
            engine = search_backend("opensearch")
            assert isinstance(engine, OpenSearchBackend)
            _print(words=measure_bulk(engine), copy=measure_copy(served))
        queries = real_queries(options.queries, random.Random(0))
        if queries:
            _print(**compare(queries, local))
        if options.pages:
            _print(**measure_pages(queries[: options.pages]))
        for name in options.judged:
            _print(judged=name, **measure_judged(name, options.judged_queries))


def _stores(servers: dict[str, Any]) -> tuple[VectorRetriever, OpenSearchRetriever]:
    """Both stores, in ``DENSE_RETRIEVERS`` under the names of :data:`STORES`."""
    entry = settings.DENSE_RETRIEVERS["default"]
    options = {name: value for name, value in entry["OPTIONS"].items() if name != "servers"}
    settings.DENSE_RETRIEVERS["files"] = {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": options}
    settings.DENSE_RETRIEVERS["opensearch"] = {
        "BACKEND": "search.neural.opensearch.OpenSearchRetriever",
        "OPTIONS": {**options, "servers": servers},
    }
    local, served = retrievers["files"], retrievers["opensearch"]
    assert isinstance(served, OpenSearchRetriever)
    served._resident = local._resident  # one encoder in memory
    return local, served


def measure_copy(served: OpenSearchRetriever) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    report = embed_papers(served)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    name = served.indices.newest_state().name
    stored = served.client.request("GET", f"/{name}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
    return {
        "papers": served.count(),
        "embedded": report.n_embedded,
        "papers_per_s": round(served.count() / wall_s),
        "papers_per_cpu_s": round(served.count() / cpu_s),
        "bytes_a_paper": round(stored / max(served.count(), 1)),
    }


def compare(queries: Sequence[str], local: VectorRetriever) -> dict[str, Any]:
    vectors = np.asarray(local.open_vectors().vectors[:], dtype=np.float32)
    keys = local.open_vectors().ids_of(np.arange(len(vectors)))
    recalls: dict[str, list[float]] = {name: [] for name in STORES}
    times: dict[str, list[float]] = {name: [] for name in STORES}
    for number, text in enumerate([*queries[:WARM_UP], *queries]):
        query = local.query_vector(text, wait_s=LOAD_PATIENCE_S)
        rows = exact_search(vectors, query[None, :], top_k=100).rows[0]
        exact = {keys[row] for row in rows}
        for name in STORES if number % 2 else STORES[::-1]:
            reader = retrievers[name].reader()
            began = time.perf_counter()
            found = reader.nearest(query, depth=DEPTH, min_score=-1.0)
            if number >= WARM_UP:
                times[name].append(1000 * (time.perf_counter() - began))
                recalls[name].append(len(exact & {key for key, _ in found[:100]}) / 100)
    return {
        "queries": len(queries),
        "recall_at_100": {name: round(statistics.mean(values), 4) for name, values in recalls.items()},
        "search_ms": {name: quantiles(values) for name, values in times.items()},
    }


def measure_pages(queries: Sequence[str]) -> dict[str, Any]:
    """Whole hybrid pages with empty caches, each asked of both in turn, and what they ask the servers."""
    client = PageClient(SERVER_NAME="127.0.0.1")
    times: dict[str, list[float]] = {name: [] for name in STORES}
    with _counted_requests() as asked:
        for number, text in enumerate([*queries[:WARM_UP], *queries]):
            if number == WARM_UP:
                asked.clear()
            for name in STORES if number % 2 else STORES[::-1]:
                _use(name)
                caches["default"].clear()
                began = time.perf_counter()
                response = client.get("/search", {"q": text, "mode": "hybrid"})
                if number >= WARM_UP:
                    times[name].append(1000 * (time.perf_counter() - began))
                assert response.status_code == 200, response.status_code
    pages = {name: quantiles(values) for name, values in times.items()}
    ratio = round(pages["opensearch"]["p95"] / pages["files"]["p95"], 2)
    trips = {index: round(n / len(queries), 2) for index, n in sorted(asked.items())}
    return {"page_ms": {**pages, "ratio_p95": ratio}, "round_trips": trips}


def measure_judged(name: str, limit: int | None) -> dict[str, Any]:
    dataset = to_paper_keys(read_dataset(SHARED / "eval" / name, limit=limit))
    ndcg = {}
    for store in STORES:
        _use(store)
        caches["default"].clear()
        report = evaluate(dataset, open_library(dataset, folder=settings.DATA_DIR / "evaluation"), mode="hybrid")
        ndcg[store] = round(report.measures["nDCG@10"].mean, 4)
    return {"n_queries": len(dataset.queries), "ndcg_at_10": ndcg}


def _use(store: str) -> None:
    """Words and vectors of the site from here on."""
    settings.SEARCH_BACKEND = "tantivy" if store == "files" else "opensearch"
    settings.DENSE_RETRIEVERS["default"] = settings.DENSE_RETRIEVERS[store]
    retrievers._built["default"] = retrievers[store]


@contextmanager
def _counted_requests() -> Iterator[Counter[str]]:
    """The number of requests to the servers, by index."""
    asked: Counter[str] = Counter()
    request = Client.request

    def counted(self: Client, method: str, path: str, *args: Any, **options: Any) -> Any:
        index = path.split("/")[1]
        asked["state" if "_mapping" in path else "vectors" if "-vectors" in index else "words"] += 1
        return request(self, method, path, *args, **options)

    Client.request = counted  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Client.request = request  # type: ignore[method-assign]


def _print(**rows: Any) -> None:
    print(json.dumps({"bench": "opensearch_vectors", **rows}), flush=True)


if __name__ == "__main__":
    main()
