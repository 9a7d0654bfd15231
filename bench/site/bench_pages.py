"""How long does the server take for a page? Requests are made in this process, with all middleware.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_pages QUERIES [--repeat N]
    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_pages QUERIES --modes hybrid rerank
    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_pages --lists [--n-lists N]

LIBRARY is a data folder with papers and an index (`manage.py import_papers`, `update_index`); QUERIES a gzipped JSON
Lines file of searches (``SHARED/queries_unjudged.jsonl.gz``). Every address is requested once before it is timed,
except for figures called "first". With ``--modes`` only search pages in these modes are requested, each query once,
because a cached pool would hide the cost of ranking. With ``--lists`` only lists of several categories over long ranges
are requested, each twice: with empty caches ("first"), as after an import, and again; no index is needed. Prints JSON:
wall-clock time, and CPU time of the process (all threads), which does not include other work of the machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import os
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
os.environ.setdefault("COOLPAPERS_ALLOWED_HOSTS", "testserver,localhost")
os.environ.setdefault("COOLPAPERS_PAGE_CACHE", "0")  # each page is made; pages that are kept take 2 to 3 ms
django.setup()


from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from coolpapers.operating.serving import collect_garbage_rarely  # noqa: E402
from coolpapers.papers.lookup.cached_counts import clear as clear_cached_counts  # noqa: E402
from coolpapers.papers.lookup.selectors import count_categories, count_days, count_venues  # noqa: E402
from coolpapers.papers.models import Paper, latest_revision  # noqa: E402
from coolpapers.papers.names.category_sets import CategorySet, Step  # noqa: E402
from coolpapers.papers.names.permalinks import author_path  # noqa: E402
from search.ranking.pipeline import MODES  # noqa: E402
from search.ranking.stages import stage_counts  # noqa: E402

N_ADDRESSES = 200  # of each kind


def main(queries: Path, repeat: int) -> None:
    logging.disable(logging.WARNING)  # responses such as 404 would log
    collect_garbage_rarely()  # as the server does
    rng = random.Random(7)
    client = Client()
    addresses = {
        "search": search_addresses(queries),
        "search_newest_filtered": [f"{path}&sort=newest&year=2025" for path in search_addresses(queries)],
        "list_day": day_addresses(rng),
        "list_range": range_addresses(rng),
        "venue": venue_addresses(rng),
        "paper": paper_addresses(rng),
        "author": author_addresses(rng),
        "home": ["/"] * 30,
        "feed_search": [path.replace("/search", "/search/feed") for path in search_addresses(queries)][:50],
        "suggest": [path.replace("/search", "/search/suggest")[:60] for path in search_addresses(queries)],
    }
    report: dict[str, Any] = {"bench": "pages", "papers": Paper.objects.count(), "home_first_ms": first_home(client)}
    wait_for_models(client, addresses["search"][0])  # a pool that was made without them would be made again
    for kind, paths in addresses.items():
        report[kind] = measure(client, paths, repeat)
    print(json.dumps(report, indent=1))


def measure_modes(queries: Path, modes: list[str], n_queries: int) -> dict[str, Any]:
    """Percentiles of the first response to a query in each mode: models are loaded, the query is not cached."""
    client = Client()
    report: dict[str, Any] = {"bench": "pages", "papers": Paper.objects.count()}
    warm, *addresses = search_addresses(queries, limit=n_queries + 1)
    collect_garbage_rarely()  # as the server does
    for mode in modes:
        wait_for_models(client, f"{warm}&mode={mode}")
        before = stage_counts()
        times = [timed(partial(client.get, f"{address}&mode={mode}")) for address in addresses]
        stages = {
            f"{stage} {outcome}": n - before.get((stage, outcome), 0) for (stage, outcome), n in stage_counts().items()
        }
        report[mode] = {**percentiles(times), "stages": {name: n for name, n in stages.items() if n}}
    return report


def measure_lists(n_lists: int) -> dict[str, Any]:
    """Percentiles of the first response of a list whose counts are not kept, and of the next, by sort and of all."""
    logging.disable(logging.WARNING)
    collect_garbage_rarely()  # as the server does
    client, paths = Client(), range_addresses(random.Random(7))[:n_lists]
    client.get(paths[0])  # loads the templates
    times: dict[str, list[tuple[float, float]]] = {}
    for path in paths:
        sort = parse_qs(urlsplit(path).query)["sort"][0]
        for state in ("first", "again"):
            if state == "first":
                clear_cached_counts()
            time_taken = timed(partial(client.get, path))
            for name in (state, f"{sort}_{state}"):
                times.setdefault(name, []).append(time_taken)
    return {
        "bench": "lists",
        "papers": Paper.objects.count(),
        **{name: percentiles(taken) for name, taken in times.items()},
    }


def wait_for_models(client: Client, path: str) -> None:
    """Repeat a request until no stage reports that its model is loading."""
    for _ in range(120):
        before = sum(n for (_stage, outcome), n in stage_counts().items() if outcome == "loading")
        client.get(path)
        if sum(n for (_stage, outcome), n in stage_counts().items() if outcome == "loading") == before:
            return
        time.sleep(0.5)
    raise SystemExit(f"The models of {path} did not load within a minute.")


def measure(client: Client, paths: list[str], repeat: int) -> dict[str, float]:
    """Percentiles of the times of addresses, and the largest number of database queries of one."""
    times: list[tuple[float, float]] = []
    n_queries, sizes = [], []
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code not in (200, 302):
            raise SystemExit(f"{path} answered {response.status_code}")
        n_queries.append(len(captured))
        sizes.append(len(response.content))
        times += [timed(partial(client.get, path)) for _ in range(repeat)]
    return {
        **percentiles(times),
        "most_queries": max(n_queries),
        "median_kb": round(statistics.median(sizes) / 1000, 1),
    }


def percentiles(times: list[tuple[float, float]]) -> dict[str, float]:
    """Of pairs of wall-clock and CPU time."""
    wall, cpu = zip(*times, strict=True)
    return {
        "n": len(times),
        "p50_ms": round(statistics.median(wall), 1),
        "p95_ms": round(statistics.quantiles(wall, n=20)[-1], 1),
        "cpu_p50_ms": round(statistics.median(cpu), 1),
        "cpu_p95_ms": round(statistics.quantiles(cpu, n=20)[-1], 1),
    }


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of wall-clock time, and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def first_home(client: Client) -> float:
    """Milliseconds of the home page with empty caches, as after an import."""
    client.get("/")  # loads the templates
    clear_cached_counts()
    return round(timed(lambda: client.get("/"))[0], 1)


def search_addresses(queries: Path, *, limit: int = N_ADDRESSES) -> list[str]:
    with gzip.open(queries, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [f"/search?q={quote(text)}" for text in texts[:limit]]


def day_addresses(rng: random.Random) -> list[str]:
    """Lists of single days in the forty largest categories."""
    revision = latest_revision()
    codes = list(count_categories(revision=revision))[:40]
    paths = []
    for _ in range(N_ADDRESSES):
        code = rng.choice(codes)
        day = rng.choice(count_days(CategorySet((Step(code),)), revision=revision)[:200]).day
        paths.append(f"/arxiv/{code}?date={day}")
    return paths


def range_addresses(rng: random.Random) -> list[str]:
    """Lists of unions and differences of categories over long ranges, in any order, at any page."""
    codes = list(count_categories(revision=latest_revision()))[:40]
    paths = []
    for _ in range(N_ADDRESSES):
        first, second, third = rng.sample(codes, 3)
        sort = rng.choice(["newest", "newest", "oldest", "title", "updated"])
        paths.append(f"/arxiv/{first}+{second}-{third}?from=2024&sort={sort}&skip={rng.choice([0, 0, 25, 500])}")
    return paths


def venue_addresses(rng: random.Random) -> list[str]:
    venues = [venue for venue in count_venues(revision=latest_revision()) if venue.n_papers >= 25]
    return [f"/venue/{quote(rng.choice(venues).ident)}" for _ in range(N_ADDRESSES)]


def paper_addresses(rng: random.Random) -> list[str]:
    pks = rng.sample(range(1, Paper.objects.count()), N_ADDRESSES)
    papers = Paper.objects.filter(pk__in=pks).prefetch_related("sources")
    return [paper.get_absolute_url() for paper in papers]


def author_addresses(rng: random.Random) -> list[str]:
    """Authors of random papers, so that those with many papers come more often, as readers ask for them."""
    pks = rng.sample(range(1, Paper.objects.count()), N_ADDRESSES)
    authors = Paper.objects.filter(pk__in=pks).exclude(authors=[]).values_list("authors", flat=True)
    return [author_path(rng.choice(names)) for names in authors]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path, nargs="?")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--modes", nargs="+", choices=MODES, help="only search pages, ranked in these modes")
    parser.add_argument("--n-queries", type=int, default=N_ADDRESSES, help="of each mode")
    parser.add_argument("--lists", action="store_true", help="only lists of several categories over long ranges")
    parser.add_argument("--n-lists", type=int, default=N_ADDRESSES)
    arguments = parser.parse_args()
    if arguments.lists:
        print(json.dumps(measure_lists(arguments.n_lists), indent=1))
    elif arguments.queries is None:
        parser.error("queries are needed")
    elif arguments.modes:
        print(json.dumps(measure_modes(arguments.queries, arguments.modes, arguments.n_queries), indent=1))
    else:
        main(arguments.queries, arguments.repeat)
