"""What does an ordinary reader notice when fifty clients ask for expensive pages all the time?

    python -m bench.operating.bench_overload --data FOLDER [--clients N] [--searches N] [--workers N]
        [--server serve|gunicorn]

FOLDER is the data folder of a site; the server works on it as it is. The reader searches by words, a page every half
second, alone and beside the clients, in turn. The clients have addresses of their own (X-Forwarded-For), ask for
exports of 1,000 papers and explained searches one after the other, and come back a second after a refusal. Prints JSON:
the reader's 95 % and median alone and beside them, their ratio, and how the clients were answered;
``without_retry_after`` counts refusals that do not say when to come back. Only the ratio counts on a machine that does
other work. The clients are a process of their own, so that the reader's clock does not wait for them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from bench.operating.parts.papers import read_queries
from bench.operating.parts.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3  # alone and beside the clients, in turn: the machine may do other work
PAUSE_S = 0.5
COME_BACK_S = 1.0
FIRST_S = 5.0  # until the clients have arrived


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clients", type=int, default=50, help="(default: %(default)s)")
    parser.add_argument("--searches", type=int, default=40, help="of the reader in each part (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (default: %(default)s)")
    parser.add_argument("--server", choices=("serve", "gunicorn"), default="serve")
    options = parser.parse_args()
    os.environ |= {
        "COOLPAPERS_DATA_DIR": str(options.data),
        "COOLPAPERS_SEARCH_MODE": "bm25",
        "COOLPAPERS_TRUSTED_PROXIES": "1",
        "COOLPAPERS_FEED_RATE": "0",
        "HF_HUB_OFFLINE": "1",
    }
    subprocess.run([sys.executable, "manage.py", "prepare_site", "--empty", "--no-vectors"], cwd=ROOT, check=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(_command(options.server, port, options.workers), port, Path(folder) / "log")
        server.start()
        try:
            report = measure(f"http://127.0.0.1:{port}", options)
        finally:
            server.stop()
    print(
        json.dumps(
            {
                "bench": "overload",
                "server": options.server,
                "workers": options.workers,
                "clients": options.clients,
                **report,
            },
            indent=1,
        )
    )


def _command(name: str, port: int, n_workers: int) -> list[str]:
    if name == "serve":
        return [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(n_workers)]
    options = ("--config", "coolpapers/gunicorn_conf.py", "--bind", f"127.0.0.1:{port}")
    return [
        sys.executable,
        "-m",
        "gunicorn",
        *options,
        "--workers",
        str(n_workers),
        "--threads",
        "4",
        "coolpapers.wsgi",
    ]


def measure(base: str, options: argparse.Namespace) -> dict[str, Any]:
    queries = [" ".join(query.split()[:4]) for query in read_queries(400, [])]
    rng = random.Random(16)
    times: dict[str, list[float]] = {"alone": [], "beside": []}
    answers: Counter[str] = Counter()
    with httpx.Client(base_url=base, timeout=300, headers={"X-Forwarded-For": "10.1.0.1"}) as reader:
        reader.get("/search", params={"q": "warm"})
        for _ in range(ROUNDS):
            times["alone"] += search(reader, rng.choices(queries, k=options.searches))
            with beside_crowd(base, queries, options.clients, answers):
                time.sleep(FIRST_S)
                times["beside"] += search(reader, rng.choices(queries, k=options.searches))
    p95 = {name: sorted(values)[int(0.95 * len(values))] for name, values in times.items()}
    median = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
    return {
        "reader_p95_ms": {name: round(1000 * value) for name, value in p95.items()},
        "reader_median_ms": {name: round(1000 * value) for name, value in median.items()},
        "p95_ratio": round(p95["beside"] / p95["alone"], 2),
        "median_ratio": round(median["beside"] / median["alone"], 2),
        "answers_of_clients": dict(answers),
    }


def search(reader: httpx.Client, queries: list[str]) -> list[float]:
    """Seconds of each search. Raises httpx.HTTPStatusError if the reader is refused."""
    times = []
    for query in queries:
        time.sleep(PAUSE_S)
        began = time.perf_counter()
        reader.get("/search", params={"q": query}).raise_for_status()
        times.append(time.perf_counter() - began)
    return times


@contextlib.contextmanager
def beside_crowd(base: str, queries: list[str], n_clients: int, answers: Counter[str]) -> Iterator[None]:
    """Within the block the clients ask; afterwards their answers are in ``answers``."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run_crowd, args=(base, queries, n_clients, there))
    process.start()
    try:
        yield
    finally:
        here.send("stop")
        answers += here.recv()
        process.join()


def run_crowd(base: str, queries: list[str], n_clients: int, ends: Connection) -> None:
    """In a process of its own, until something arrives; send the answers back."""
    crowd = Crowd(base, queries, n_clients)
    crowd.start()
    ends.recv()
    ends.send(crowd.stop())


class Crowd:
    """Clients that ask for expensive pages."""

    def __init__(self, base: str, queries: list[str], n_clients: int) -> None:
        self._base, self._queries = base, queries
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._answers: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(n_clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> Counter[str]:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        return self._answers

    def _ask(self, number: int) -> None:
        rng = random.Random(number)
        headers = {"X-Forwarded-For": f"10.2.{number // 250}.{number % 250 + 1}"}
        with httpx.Client(base_url=self._base, timeout=600, headers=headers) as client:
            while not self._stopped.is_set():
                words = rng.choice(self._queries).split()[0]
                address = rng.choice((f"/search/export?q={words}&format=digest", f"/search?q={words}&explain=1"))
                answer = client.get(address)
                is_refused = answer.status_code in (429, 503)
                with self._lock:
                    self._answers[str(answer.status_code)] += 1
                    self._answers["without_retry_after"] += is_refused and "Retry-After" not in answer.headers
                if is_refused:
                    self._stopped.wait(COME_BACK_S)


if __name__ == "__main__":
    main()
