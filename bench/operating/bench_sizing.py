"""How much memory and disk does a site take?

    python -m bench.operating.bench_sizing --data FOLDER [--modes bm25 rerank] [--searches N]

FOLDER is the data folder of a site on SQLite, best a copy: the servers work on it as it is. For each mode and for
one and two processes a server is started and asked until every process has its models. Prints JSON: megabytes of all
processes (shared pages counted once), and of the disk for 100,000 papers, by part, each for the papers that are in it.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.operating.bench_memory import memory_mb
from bench.operating.parts.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ("neural networks", "graph learning", "speech", "proof of convergence", "translation", "robots")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--modes", nargs="+", default=["bm25", "rerank"])
    parser.add_argument("--searches", type=int, default=24, help="of each server (default: %(default)s)")
    options = parser.parse_args()
    os.environ |= {"COOLPAPERS_DATA_DIR": str(options.data), "HF_HUB_OFFLINE": "1"}
    # With a broker the workers embed, and the web server does not: its own memory is measured.
    os.environ["COOLPAPERS_BROKER_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    subprocess.run([sys.executable, "manage.py", "prepare_site", "--empty", "--no-vectors"], cwd=ROOT, check=True)
    _note_runs(options.data)
    memory = {
        mode: {str(n_workers): _memory(mode, n_workers, options.searches) for n_workers in (1, 2)}
        for mode in options.modes
    }
    report = {"memory_mb": memory, "disk_mb_for_100_000_papers": disk(options.data)}
    print(json.dumps({"bench": "sizing", **report}, indent=1))


def _note_runs(data: Path) -> None:
    """As if a worker had just run the tasks of this machine."""
    (data / ".ran").mkdir(exist_ok=True)
    for name in ("follow_library", "verify_index", "follow_anchors"):
        (data / ".ran" / name).touch()
        os.utime(data / ".ran" / name, (time.time() + 7_200, time.time() + 7_200))


def _memory(mode: str, n_workers: int, n_searches: int) -> float:
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(n_workers)]
    os.environ["COOLPAPERS_SEARCH_MODE"] = mode
    with tempfile.TemporaryDirectory() as folder:
        server = Server(command, port, Path(folder) / "log")
        server.start()
        assert server.process is not None
        try:
            for number in range(n_searches):  # a connection each: the processes take turns
                word = QUERIES[number % len(QUERIES)]
                httpx.get(f"http://127.0.0.1:{port}/search", params={"q": word}, timeout=300).raise_for_status()
                time.sleep(0.5)
            return memory_mb(server.process.pid)
        finally:
            server.stop()


def disk(data: Path) -> dict[str, float]:
    database = sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True)
    (n_papers,) = database.execute("SELECT count(*) FROM papers_paper").fetchone()
    database.close()
    n_vectors = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in data.glob("vectors/ids-*.txt"))
    parts: dict[str, Any] = {
        "database": (sum(path.stat().st_size for path in data.glob("db.sqlite3")), n_papers),
        "index": (_size(data / "index"), n_papers),
        "vectors": (_size(data / "vectors"), n_vectors),
    }
    return {name: round(n_bytes / n * 100_000 / 1e6) for name, (n_bytes, n) in parts.items() if n}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
