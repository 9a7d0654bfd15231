"""How do readers fare beside clients that send half a request, and what does each web server cost?

    python -m bench.site.bench_slow_clients --data FOLDER [--servers gunicorn:1x8,serve:1x4,serve:2x4]

FOLDER is the data folder of a site, which is served as it is. ``gunicorn:1x8`` is gunicorn with one process of eight
threads, ``serve:2x4`` is ``manage.py serve`` with two processes of four. All servers are measured in one run, one after
the other: pages per second of 1 and 8 readers, then one reader alone, beside 200 half-sent headers and beside 200
half-sent bodies, and the memory of all processes (proportional set size). Prints JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ("graph neural network", "diffusion", "parsing", "reinforcement learning", "topology", "speech", "attention")
N_SLOW = 200
GIVE_UP_S = 12.0
HALF_HEADER = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = (
    b"POST /api/v1/papers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--servers", default="gunicorn:1x8,serve:1x4,serve:1x8,serve:2x4")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--mode", default="bm25", help="ranking mode of the searches")
    options = parser.parse_args()
    report = {"bench": "slow_clients", "n_slow": N_SLOW, "mode": options.mode, "servers": {}}
    for name in options.servers.split(","):
        with serving(name, options.data) as (port, process):
            report["servers"][name] = measure(port, process.pid, options.seconds, options.mode)
    print(json.dumps(report, indent=1))


@contextmanager
def serving(name: str, data: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    kind, _, size = name.partition(":")
    workers, _, threads = size.partition("x")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    commands = {
        "gunicorn": ["-m", "gunicorn", "--config", "coolpapers/gunicorn_conf.py", "--bind", f"127.0.0.1:{port}"],
        "serve": ["manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
    }
    command = commands[kind] + (["coolpapers.wsgi"] if kind == "gunicorn" else [])
    counts = {"COOLPAPERS_WEB_WORKERS": workers, "COOLPAPERS_WEB_THREADS": threads}
    environment = {**os.environ, **counts, "COOLPAPERS_DATA_DIR": str(data)}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while request(port, "/healthz") is None:
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"{name} does not start")
            time.sleep(0.2)
        yield port, process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def measure(port: int, pid: int, seconds: float, mode: str) -> dict[str, Any]:
    for query in QUERIES * 2:
        request(port, path_of(query, mode, 0))
    report: dict[str, Any] = {f"pages_per_s_{n}": pages_per_s(port, n, seconds, mode) for n in (1, 8)}
    report["alone"] = latencies(port, seconds, mode)
    for name, half in (("half_headers", HALF_HEADER), ("half_bodies", HALF_BODY)):
        slow = [connect(port, half) for _ in range(N_SLOW)]
        report[name] = latencies(port, seconds, mode)
        for connection in slow:
            connection.close()
        time.sleep(1.0)
    report["memory_mb"] = round(memory_mb(pid))
    return report


def connect(port: int, text: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(text)
    return connection


def path_of(query: str, mode: str, number: int) -> str:
    return f"/search?mode={mode}&q={quote(f'{query} {number % 50}')}"


def request(port: int, path: str) -> float | None:
    """Seconds until the whole answer; None where there is none in time."""
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return time.monotonic() - start if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def latencies(port: int, seconds: float, mode: str) -> dict[str, float | int | None]:
    """Of one reader: answered pages, failures, and milliseconds."""
    times, n_failed, start, number = [], 0, time.monotonic(), 0
    while time.monotonic() - start < seconds:
        number += 1
        taken = request(port, path_of(QUERIES[number % len(QUERIES)], mode, number))
        if taken is None:
            n_failed += 1
        else:
            times.append(taken)
    times.sort()
    p95 = round(times[int(0.95 * (len(times) - 1))] * 1_000) if times else None
    median = round(statistics.median(times) * 1_000) if times else None
    return {"n_pages": len(times), "n_failed": n_failed, "median_ms": median, "p95_ms": p95}


def pages_per_s(port: int, n_readers: int, seconds: float, mode: str) -> float:
    counts = [0] * n_readers
    stopped = threading.Event()

    def read(reader: int) -> None:
        number = reader
        while not stopped.is_set():
            number += n_readers
            if request(port, path_of(QUERIES[number % len(QUERIES)], mode, number)) is not None:
                counts[reader] += 1

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(n_readers)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stopped.set()
    for thread in threads:
        thread.join()
    return round(sum(counts) / seconds, 1)


def memory_mb(pid: int) -> float:
    """Proportional set size of a process and all below it: shared pages are counted once."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return total / 1_000 + sum(memory_mb(int(child)) for child in children)


if __name__ == "__main__":
    main()
