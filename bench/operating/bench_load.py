"""How many pages does the server make, and how long does a reader wait, from one reader to many?

    python -m bench.operating.bench_load --data FOLDER [--readers 1 8 32 64] [--workers 1 2] [--kinds bm25 mixed]

FOLDER is the data folder of a site, best a copy: the servers work on it as it is. Each reader asks for the next page as
soon as the last one has arrived (a closed loop), or after a pause of ``--think`` seconds on average. Queries are those
of the shared log, in an order of its own for each reader. ``--database`` is the address of a PostgreSQL database with
the same papers; by default the server uses the SQLite file of FOLDER.

A kind is a mode of search (bm25, dense, hybrid, rerank) or one of list, paper, related, export, suggest; ``mixed``
draws from all of them as often as readers do. ``--page-cache`` is COOLPAPERS_PAGE_CACHE: 0, the default here, makes
every page.

Prints JSON: for each number of processes, kind and number of readers the pages per second, milliseconds at the median,
95 and 99 %, answers that are no page by status, milliseconds of CPU for each request, the share of stages that failed
or were late (so that a lesser ranking answered), and megabytes of all processes afterwards. The machine's load stands
in it, because the clients and other work share its cores.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.operating.bench_memory import memory_mb
from bench.operating.parts.papers import read_queries
from bench.operating.parts.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
MODES = ("bm25", "dense", "hybrid", "rerank")
# How often readers ask for what: most pages are searches in the default mode.
MIXTURE = {"hybrid": 35, "bm25": 15, "rerank": 3, "list": 15, "paper": 20, "related": 6, "suggest": 4, "export": 2}
KINDS = (*MODES, "list", "paper", "related", "export", "suggest", "mixed")
WARM_S = 120.0  # for models to load
# Of the stages after that by words, which always answers.
_STAGES = re.compile(
    r'^coolpapers_search_stage_seconds_count\{(?!.*"words").*outcome="([a-z]+)".*\} (\S+)$', re.MULTILINE
)
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["bm25", "hybrid", "mixed"])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement (default: %(default)s)")
    parser.add_argument("--think", type=float, default=0.0, help="seconds between two pages (default: %(default)s)")
    parser.add_argument("--page-cache", type=int, default=0, help="pages kept by the server (default: %(default)s)")
    parser.add_argument("--database", default="", help="address of a PostgreSQL database")
    options = parser.parse_args()
    os.environ |= {
        "COOLPAPERS_DATA_DIR": str(options.data),
        "COOLPAPERS_PAGE_CACHE": str(options.page_cache),
        "COOLPAPERS_FEED_RATE": "0",
        "COOLPAPERS_API_RATE": "0",
        "HF_HUB_OFFLINE": "1",
    }
    if options.database:
        os.environ["COOLPAPERS_DATABASE_URL"] = options.database
    prepare = [sys.executable, "manage.py", "prepare_site", "--empty", "--no-vectors"]
    subprocess.run(prepare, cwd=ROOT, check=True, stdout=sys.stderr)  # the report alone is written to stdout
    pages = Pages.of(options.data)
    rows = [row for n_workers in options.workers for row in measure_server(n_workers, pages, options)]
    report = {"bench": "load", "database": "postgresql" if options.database else "sqlite", "think_s": options.think}
    print(json.dumps({**report, "page_cache": options.page_cache, "rows": rows}, indent=1))


@dataclass(frozen=True, slots=True)
class Pages:
    """What readers may ask for."""

    queries: list[str]
    papers: list[str]  # arXiv ids
    lists: list[str]  # addresses

    @classmethod
    def of(cls, data: Path) -> Pages:
        with closing(sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True)) as database:
            papers = "SELECT arxiv_id FROM papers_paper WHERE arxiv_id > '' ORDER BY random() LIMIT 2000"
            codes = "SELECT code FROM papers_category JOIN papers_papercategory ON category_id = papers_category.id"
            largest = f"{codes} GROUP BY code ORDER BY count(*) DESC LIMIT 20"
            names = [str(code) for (code,) in database.execute(largest)]
            return cls(
                read_queries(2_000, []),
                [str(ident) for (ident,) in database.execute(papers)],
                [f"/arxiv/{code}{page}" for code in names for page in ("", "?skip=25", "?skip=50")],
            )

    def draw(self, kind: str, rng: random.Random) -> str:
        """The address of a random page of a kind."""
        if kind == "mixed":
            kind = rng.choices(list(MIXTURE), weights=list(MIXTURE.values()))[0]
        query = rng.choice(self.queries)
        makers: dict[str, Callable[[], str]] = {
            "list": lambda: rng.choice(self.lists),
            "paper": lambda: f"/arxiv/{rng.choice(self.papers)}",
            "related": lambda: f"/related/{rng.choice(self.papers)}",
            "export": lambda: f"/search/export?{urlencode({'q': ' '.join(query.split()[:3]), 'format': 'bibtex'})}",
            "suggest": lambda: f"/search/suggest?{urlencode({'q': query[: rng.randrange(3, 20)]})}",
        }
        return makers.get(kind, lambda: f"/search?{urlencode({'q': query, 'mode': kind})}")()


def measure_server(n_workers: int, pages: Pages, options: argparse.Namespace) -> list[dict[str, Any]]:
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(n_workers)]
    rows = []
    with tempfile.TemporaryDirectory(prefix="coolpapers-load-") as folder:
        server = Server(command, port, Path(folder) / "log")
        server.start()
        try:
            for kind in options.kinds:
                warm(server, kind, pages, n_workers)
                for n_readers in options.readers:
                    row = measure(server, kind, pages, n_readers, options)
                    rows.append({"processes": n_workers, "kind": kind, "readers": n_readers, **row})
                    print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        finally:
            server.stop()
    return rows


def warm(server: Server, kind: str, pages: Pages, n_workers: int) -> None:
    """Ask on new connections, which the processes take in turn, until no stage is waiting for its model."""
    rng, end = random.Random(0), time.monotonic() + WARM_S
    n_ready = 0
    while n_ready < 4 * n_workers and time.monotonic() < end:
        before = stage_counts(server)
        httpx.get(f"http://127.0.0.1:{server.port}{pages.draw(kind, rng)}", timeout=WARM_S)
        n_ready = n_ready + 1 if (stage_counts(server) - before)["loading"] == 0 else 0


@dataclass(slots=True)
class Answers:
    """What readers got; the lock is held while one is written down."""

    seconds: list[float] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure(server: Server, kind: str, pages: Pages, n_readers: int, options: argparse.Namespace) -> dict[str, Any]:
    assert server.process is not None
    answers = Answers()
    stages, cpu_s, began = stage_counts(server), tree_cpu_s(server.process.pid), time.monotonic()
    end = began + options.seconds

    def read(seed: int) -> None:
        rng = random.Random(seed)
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=120) as client:
            while time.monotonic() < end:
                if options.think:
                    time.sleep(rng.expovariate(1 / options.think))
                _ask(client, pages.draw(kind, rng), answers)

    threads = [threading.Thread(target=read, args=(1_000 * n_readers + number,)) for number in range(n_readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = time.monotonic() - began
    n_requests = len(answers.seconds) + sum(answers.problems.values())
    ended = stage_counts(server) - stages
    return {
        "pages_per_s": round(len(answers.seconds) / elapsed_s, 1),
        **{f"p{percent}_ms": percentile_ms(answers.seconds, percent) for percent in (50, 95, 99)},
        "problems": dict(answers.problems),
        "cpu_ms": round(1_000 * (tree_cpu_s(server.process.pid) - cpu_s) / max(n_requests, 1), 1),
        "lesser_ranking": round(1 - ended["ok"] / ended.total(), 3) if ended.total() else 0.0,
        "memory_mb": memory_mb(server.process.pid),
        "machine_load": round(os.getloadavg()[0], 1),
    }


def _ask(client: httpx.Client, address: str, answers: Answers) -> None:
    began = time.perf_counter()
    try:
        status = str(client.get(address).status_code)
    except httpx.HTTPError as exc:
        status = type(exc).__name__
    taken_s = time.perf_counter() - began
    with answers.lock:
        if status in ("200", "302"):
            answers.seconds.append(taken_s)
        else:
            answers.problems[status] += 1


def percentile_ms(seconds: list[float], percent: int) -> float | None:
    """None where there is no answer."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return round(1_000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)


def stage_counts(server: Server) -> Counter[str]:
    """Stages of all processes so far by outcome, as ``/metrics`` counts them."""
    text = httpx.get(f"http://127.0.0.1:{server.port}/metrics", timeout=WARM_S).raise_for_status().text
    counts: Counter[str] = Counter()
    for outcome, number in _STAGES.findall(text):
        counts[outcome] += round(float(number))
    return counts


def tree_cpu_s(pid: int) -> float:
    """CPU of a process and its children that live."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(tree_cpu_s(int(child)) for child in children)


if __name__ == "__main__":
    main()
