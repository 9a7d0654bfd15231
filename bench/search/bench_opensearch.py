"""Does OpenSearch find and rank what tantivy does, and how much slower is it?

    COOLPAPERS_DATA_DIR=… python -m bench.search.bench_opensearch [--queries N] [--pages N] [--url URL] [--heap 1g]

The data folder holds an imported library and its tantivy index. Without ``--url`` a server of the shared folder is
started. Prints JSON:

- ``bulk``: papers a second of a rebuild, with our analysis, by wall time and by CPU time of this process
- ``same``: mean overlap of the top 20, the share of queries with the same top 20 in the same order, and the share with
  the same total; hits and totals of each engine in turn
- ``search_ms``, ``page_ms``: p50 and p95 of one search of the engine, and of a whole page with ``mode=bm25``, in turns;
  ``cpu_ms`` is the CPU time of this process for a search
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402

# Pages need no collected files here.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

from django.core.cache import caches  # noqa: E402
from django.test import Client  # noqa: E402

from bench.search.search_corpus import SHARED, read_jsonl, read_queries  # noqa: E402
from coolpapers.finding.indexing.documents import iterate_documents  # noqa: E402
from coolpapers.papers.models import latest_revision, revision_origin  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.opensearch import OpenSearchBackend  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.language.parser import parse_leniently  # noqa: E402
from search.ranking.relaxing import is_long, relax  # noqa: E402

TOP_K = 20
WARM_UP = 50
QUERY_SETS = ("scirepeval_search", "topics_train", "scifact", "scisumm")
ENGINES = ("tantivy", "opensearch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--url", help="a running server; default: start one of the shared folder")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--reuse", action="store_true", help="search the index of an earlier run, with --url")
    options = parser.parse_args()
    with server(options.url, options.heap) as url:
        settings.SEARCH_BACKENDS["opensearch"]["OPTIONS"] |= {"urls": [url], "index": "bench", "timeout_s": 30.0}
        engine = search_backend("opensearch")
        assert isinstance(engine, OpenSearchBackend)
        bulk = None if options.reuse else measure_bulk(engine)
        queries = real_queries(options.queries, random.Random(0))
        rows = compare(queries, {name: search_backend(name) for name in ENGINES})
        rows = {"bench": "opensearch", "queries": len(queries), "bulk": bulk, **rows}
        print(json.dumps(rows, indent=1), flush=True)  # pages take longer
        print(json.dumps({"bench": "opensearch", "page_ms": measure_pages(queries[: options.pages])}, indent=1))


def real_queries(n_queries: int, rng: random.Random) -> list[str]:
    """Queries of the shared log, then of the judged sets."""
    texts = [record["text"] for record in read_jsonl(SHARED / "queries_unjudged.jsonl.gz")]
    for name in QUERY_SETS:
        texts.extend(read_queries(name).values())
    chosen = list(dict.fromkeys(texts))[:n_queries]
    rng.shuffle(chosen)
    return chosen


def measure_bulk(engine: OpenSearchBackend) -> dict[str, float]:
    documents = [document for _, document in iterate_documents()]
    gc.collect()
    gc.freeze()
    began, cpu = time.perf_counter(), time.process_time()
    revision = latest_revision()
    written = engine.rebuild(documents, revision=revision, origin=revision_origin(revision))
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return {"papers": written, "papers_per_s": round(written / wall_s), "papers_per_cpu_s": round(written / cpu_s)}


def compare(queries: Sequence[str], engines: dict[str, SearchBackend]) -> dict[str, Any]:
    """Every query on both engines in turn."""
    for text in queries[:WARM_UP]:
        for engine in engines.values():
            _search(engine, text)
    overlaps, n_equal, n_totals = [], 0, 0
    differing: list[str] = []
    times: dict[str, list[float]] = {name: [] for name in engines}
    cpu_times: dict[str, list[float]] = {name: [] for name in engines}
    for number, text in enumerate(queries):
        answers = {}
        for name in sorted(engines, reverse=bool(number % 2)):
            began, cpu = time.perf_counter(), time.process_time()
            answers[name] = _search(engines[name], text)
            times[name].append(1000 * (time.perf_counter() - began))
            cpu_times[name].append(1000 * (time.process_time() - cpu))
        (ours, our_total), (theirs, their_total) = answers["tantivy"], answers["opensearch"]
        overlaps.append(len(set(ours) & set(theirs)) / len(ours) if ours else float(not theirs))
        n_equal += ours == theirs
        n_totals += our_total == their_total
        if set(ours) != set(theirs) or our_total != their_total:
            differing.append(text[:80])
    n_queries = len(queries)
    return {
        "same": {
            "overlap_at_20": round(statistics.mean(overlaps), 5),
            "top_20_equal": round(n_equal / n_queries, 4),
            "totals_equal": round(n_totals / n_queries, 4),
            "differing": differing[:10],
        },
        "search_ms": {name: quantiles(values) for name, values in times.items()},
        "cpu_ms": {name: quantiles(values) for name, values in cpu_times.items()},
        "ratio_p95": round(quantiles(times["opensearch"])["p95"] / quantiles(times["tantivy"])["p95"], 2),
    }


def measure_pages(queries: Sequence[str]) -> dict[str, Any]:
    """Whole pages, each asked of both engines in turn with empty caches."""
    client = Client(SERVER_NAME="127.0.0.1")
    times: dict[str, list[float]] = {name: [] for name in ENGINES}
    for number, text in enumerate([*queries[:10], *queries]):
        for name in ENGINES if number % 2 else ENGINES[::-1]:
            settings.SEARCH_BACKEND = name
            caches["default"].clear()
            began = time.perf_counter()
            response = client.get("/search", {"q": text, "mode": "bm25"})
            if number >= 10:
                times[name].append(1000 * (time.perf_counter() - began))
            assert response.status_code == 200, response.status_code
    rows: dict[str, Any] = {name: quantiles(values) for name, values in times.items()}
    return {**rows, "ratio_p95": round(rows["opensearch"]["p95"] / rows["tantivy"]["p95"], 2)}


def _search(engine: SearchBackend, text: str) -> tuple[list[str], int | None]:
    root = parse_leniently(text).root
    query = (relax(root, engine) or root) if is_long(root) else root
    result = engine.search(query, Request(top_k=TOP_K))
    return [hit.key for hit in result.hits], result.total


def quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    pick: Callable[[float], float] = lambda share: round(ordered[int(share * (len(ordered) - 1))], 1)  # noqa: E731
    return {"p50": pick(0.5), "p95": pick(0.95)}


@contextmanager
def server(url: str | None, heap: str) -> Iterator[str]:
    if url:
        yield url
        return
    from tests.opensearch_server import single_node

    with single_node("--heap", heap) as node:
        yield node.url


if __name__ == "__main__":
    main()
