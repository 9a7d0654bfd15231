"""Does the memory of the web server stay flat over many requests?

    python -m bench.operating.bench_memory --data FOLDER [--requests N] [--seconds S] [--clients N] [--mode bm25]

FOLDER is the data folder of a site; the server works on it as it is. Clients ask for searches, lists, papers, related
papers, feeds and exports, each address once or a few times, as crawlers do. Prints JSON: megabytes of all processes
(shared pages counted once) after each twentieth of the requests, those of them that are no pages of mapped files, how
much more these are in the fourth quarter of the requests than in the third, when caches are full, and by how many bytes
they grew with each request of the last half. Memory is flat where the last quarter has at most one percent more; these
figures are of a hundred samples.

Each printed sample is also a line on standard error as soon as it is taken, and SIGTERM, Ctrl-C or the end of the
seconds end the run with the report of what was done.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import linear_regression, mean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx

from bench.operating.parts.papers import read_queries
from bench.operating.parts.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = 100  # memory swings by some megabytes, as pages of different size are made
SHOWN = 5  # each fifth is printed
FLAT = 0.01  # growth from the third to the fourth quarter of the requests; single samples differ by as much


class Sample(NamedTuple):
    """Megabytes after so many requests; ``own_mb`` without pages of mapped files."""

    requests: int
    memory_mb: float
    own_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=20_000, help="(default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3_600.0, help="(default: %(default)s)")
    parser.add_argument("--clients", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--mode", default="bm25", help="(default: %(default)s)")
    options = parser.parse_args()
    os.environ |= {"COOLPAPERS_DATA_DIR": str(options.data), "COOLPAPERS_SEARCH_MODE": options.mode}
    os.environ |= {"COOLPAPERS_FEED_RATE": "0", "COOLPAPERS_API_RATE": "0", "HF_HUB_OFFLINE": "1"}
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    prepare = [sys.executable, "manage.py", "prepare_site", "--empty", "--no-vectors"]
    subprocess.run(prepare, cwd=ROOT, check=True, stdout=sys.stderr)
    with TemporaryDirectory(prefix="coolpapers-memory-") as folder:
        server = Server(command, port, Path(folder) / "log")
        server.start()
        try:
            report = measure(server, addresses(options.data), options)
        finally:
            server.stop()
    print(json.dumps({"bench": "memory", **report}, indent=1))


def measure(server: Server, urls: Iterator[str], options: argparse.Namespace) -> dict[str, Any]:
    assert server.process is not None
    base, pid = f"http://127.0.0.1:{server.port}", server.process.pid
    httpx.get(f"{base}/search?q=warm", timeout=120)
    statuses: Counter[str] = Counter()
    lock = threading.Lock()
    samples: list[Sample] = []
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    end = time.monotonic() + options.seconds
    step = max(options.requests // SAMPLES, 1)

    def take_sample(n_done: int) -> None:
        samples.append(Sample(n_done, memory_mb(pid), memory_mb(pid, "Pss_Anon")))
        if len(samples) % SHOWN == 1:
            print(json.dumps(samples[-1]._asdict()), file=sys.stderr, flush=True)

    def ask() -> None:
        with httpx.Client(base_url=base, timeout=120) as client:
            while time.monotonic() < end and not stopped.is_set():
                with lock:
                    if statuses.total() >= options.requests:
                        return
                    url = next(urls)
                try:
                    status = str(client.get(url).status_code)
                except httpx.HTTPError as exc:
                    status = type(exc).__name__
                with lock:
                    statuses[status] += 1
                    if statuses.total() % step == 0:
                        take_sample(statuses.total())

    take_sample(0)
    threads = [threading.Thread(target=ask) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"mode": options.mode, "requests": statuses.total(), "statuses": dict(statuses), **growth(samples)}


def growth(samples: Sequence[Sample]) -> dict[str, Any]:
    """The samples, and how the server's own memory grew in the second half of the requests.

    ``growth_of_last_quarter``: mean of the fourth quarter relative to that of the third, less 1; ``is_flat``: whether
    it is at most one percent; ``bytes_a_request``: slope of the line through the samples of the last half.
    """
    n_requests = samples[-1].requests
    half = [sample for sample in samples if sample.requests > 0.5 * n_requests]
    third = [sample.own_mb for sample in half if sample.requests <= 0.75 * n_requests]
    fourth = [sample.own_mb for sample in half if sample.requests > 0.75 * n_requests]
    report: dict[str, Any] = {"samples": samples[::SHOWN]}
    if third and fourth:
        last = mean(fourth) / mean(third) - 1
        slope_mb = linear_regression([s.requests for s in half], [s.own_mb for s in half]).slope
        report |= {"growth_of_last_quarter": round(last, 3), "is_flat": last <= FLAT}
        report["bytes_a_request"] = round(slope_mb * 1_000_000)
    return report


def addresses(data: Path) -> Iterator[str]:
    """Addresses of pages in random order; most are asked for once."""
    database = sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True)
    papers = [
        ident.removeprefix("arxiv:")
        for (ident,) in database.execute("SELECT key FROM papers_paper WHERE key LIKE 'arxiv:%'")
    ]
    database.close()
    queries = read_queries(2_000, [])
    rng = random.Random(16)
    for number in itertools.count():
        query, paper = rng.choice(queries)[:60].replace("&", " ").replace("#", " "), rng.choice(papers)
        words = " ".join(query.split()[: rng.randrange(1, 6)])
        kinds = (
            f"/search?q={words} {number % 97}",
            f"/search?q={words}&page={rng.randrange(1, 4)}",
            f"/arxiv/{paper}",
            f"/related/{paper}",
            f"/search/feed?q={words}",
            f"/search/export?q={words}&format=bibtex",
            "/",
        )
        yield rng.choices(kinds, weights=(30, 15, 30, 10, 5, 2, 8))[0]


def memory_mb(pid: int, field: str = "Pss") -> float:
    """Of a process and its children: proportional set size, so that shared pages count once.

    ``Pss_Anon`` leaves out pages of mapped files (the index), which the system takes back when it needs memory.
    """
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    own = sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return round(own / 1_000 + sum(memory_mb(int(child), field) for child in children), 1)


if __name__ == "__main__":
    main()
