"""How long does the server take for a feed of 100 entries, and for one that has not changed (304)?

    COOLPAPERS_DATA_DIR=LIBRARY python -m bench.site.bench_feeds [--repeat N]

LIBRARY is a data folder with some thousand papers and an index (`manage.py import_papers`, `update_index`). Feeds are
requested in this process with all middleware, each once before it is timed. Prints JSON: wall-clock time, and CPU time
of the process, which does not include other work of the machine.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
os.environ.setdefault("COOLPAPERS_FEED_RATE", "0")  # all requests come from one address
os.environ.setdefault("COOLPAPERS_ALLOWED_HOSTS", "testserver,localhost")
django.setup()

import feedparser  # noqa: E402
from django.test import Client  # noqa: E402

from bench.site.bench_pages import percentiles, timed  # noqa: E402
from coolpapers.papers.lookup.selectors import count_categories  # noqa: E402
from coolpapers.papers.models import Paper, latest_revision  # noqa: E402
from coolpapers.papers.pages.feeds import MIN_ENTRIES  # noqa: E402

WORDS = ("model", "learning", "network", "data", "language")


def main(repeat: int) -> None:
    logging.disable(logging.WARNING)
    client = Client()
    codes = list(count_categories(revision=latest_revision()))[:5]
    feeds = {
        "search_atom": [f"/search/feed?q={word}" for word in WORDS],
        "search_rss": [f"/search/feed?q={word}&format=rss" for word in WORDS],
        "list_atom": [f"/arxiv/{code}/feed" for code in codes],
        "list_rss": [f"/arxiv/{code}/feed?format=rss" for code in codes],
    }
    report: dict[str, Any] = {"bench": "feeds", "papers": Paper.objects.count()}
    for kind, paths in feeds.items():
        report[kind] = measure(client, paths, repeat)
    print(json.dumps(report, indent=1))


def measure(client: Client, paths: list[str], repeat: int) -> dict[str, Any]:
    """Percentiles of full responses and of 304 responses of these feeds, and their sizes."""
    full: list[tuple[float, float]] = []
    unchanged: list[tuple[float, float]] = []
    n_entries, sizes = [], []
    for path in paths:
        response = client.get(path)
        feed = feedparser.parse(response.content)
        if response.status_code != 200 or feed.bozo:
            raise SystemExit(f"{path} answered {response.status_code}, bozo: {feed.bozo}")
        n_entries.append(len(feed.entries))
        sizes.append(len(response.content))
        headers = {"If-None-Match": response.headers["ETag"]}
        if client.get(path, headers=headers).status_code != 304:
            raise SystemExit(f"{path} is sent again although its ETag matches")
        for _ in range(repeat):
            full.append(timed(partial(client.get, path)))
            unchanged.append(timed(partial(client.get, path, headers=headers)))
    return {
        "entries": n_entries,
        "at_least": MIN_ENTRIES,
        "kb": [round(size / 1000) for size in sizes],
        "full": percentiles(full),
        "unchanged": percentiles(unchanged),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=10)
    main(parser.parse_args().repeat)
