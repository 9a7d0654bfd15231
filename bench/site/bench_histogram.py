"""What does the histogram above a list cost? CPU time of this process, apart from the rest of the page.

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_histogram QUERIES [--n-queries N]

LIBRARY is a data folder with papers and an index; QUERIES a gzipped JSON Lines file of searches
(``SHARED/queries_unjudged.jsonl.gz``). Prints JSON, in milliseconds of CPU time, all threads: the engine's counts by
year of a search, and by month of the searches of one year; the bars from counts to HTML; and the same for lists of the
forty largest categories, the first time and from the cache of the library's counts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.http import QueryDict  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from coolpapers.finding.pages.forms import read_search_request  # noqa: E402
from coolpapers.finding.pages.refinements import make_search_histogram  # noqa: E402
from coolpapers.finding.services import search_papers  # noqa: E402
from coolpapers.papers.lookup.cached_counts import clear as clear_cached_counts  # noqa: E402
from coolpapers.papers.lookup.selectors import count_categories  # noqa: E402
from coolpapers.papers.models import Paper, latest_revision  # noqa: E402
from coolpapers.papers.pages.forms import read_list_request  # noqa: E402
from coolpapers.papers.pages.listing import list_categories  # noqa: E402
from coolpapers.papers.pages.narrowing.refinements import category_refinements  # noqa: E402
from coolpapers.papers.refining.addresses import ListAddress  # noqa: E402
from coolpapers.papers.refining.rendering import render_histogram  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.language.parser import parse_leniently  # noqa: E402
from search.language.query import conjoin  # noqa: E402

T = TypeVar("T")


def main(queries: Path, n_queries: int) -> None:
    with gzip.open(queries, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][:n_queries]
    report = {
        "bench": "histogram",
        "papers": Paper.objects.count(),
        "search_by_year": measure_searches(texts, QueryDict("mode=bm25"), "year"),
        "search_by_month": measure_searches(texts, QueryDict("mode=bm25&year=2025"), "month"),
        "list_of_categories": measure_lists(),
    }
    print(json.dumps(report, indent=1))


def measure_searches(texts: list[str], filters: QueryDict, facet: str) -> dict[str, Any]:
    """What one facet adds to the engine's search, and what its bars take."""
    engine = search_backend()
    counting, drawing, n_bars = [], [], []
    for text in texts:
        parameters = filters.copy()
        parameters["q"] = text
        search_request = read_search_request(parameters)
        root = conjoin(parse_leniently(text).root, search_request.filters.nodes())
        without, _ = timed(partial(engine.search, root, Request(top_k=1)))
        with_facet, _ = timed(partial(engine.search, root, Request(top_k=1, facets=(facet,))))
        counting.append(max(0.0, with_facet - without))
        page = search_papers(replace(search_request.question, facets=("year", facet)), engine=engine)
        address = ListAddress.of("/search", parameters)

        def draw(page: Any = page, address: ListAddress = address) -> Any:
            histogram = make_search_histogram(page, address, page.total)
            render_histogram(histogram)
            return histogram

        draw_ms, histogram = timed(draw)
        drawing.append(draw_ms)
        n_bars.append(len(histogram.bars) if histogram else 0)
    return {
        "engine": percentiles(counting),
        "bars": percentiles(drawing),
        "together": percentiles([a + b for a, b in zip(counting, drawing, strict=True)]),
        "median_bars": statistics.median(n_bars),
    }


def measure_lists() -> dict[str, Any]:
    revision = latest_revision()
    codes = list(count_categories(revision=revision))[:40]
    clear_cached_counts()
    report = {}
    for name in ("first", "again"):
        times = []
        for code in codes:
            request = RequestFactory().get(f"/arxiv/{code}")
            wanted = read_list_request(request.GET)
            listing = list_categories(code, wanted, revision=revision)

            def draw(request: Any = request, listing: Any = listing, wanted: Any = wanted) -> None:
                refinements = category_refinements(request, listing, wanted, revision=revision)
                render_histogram(refinements["histogram"])

            times.append(timed(draw)[0])
        report[name] = percentiles(times)
    return report


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds of CPU time, and the result."""
    began = time.process_time()
    result = work()
    return (time.process_time() - began) * 1000, result


def percentiles(times: list[float]) -> dict[str, float]:
    return {
        "n": len(times),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--n-queries", type=int, default=200)
    arguments = parser.parse_args()
    main(arguments.queries, arguments.n_queries)
