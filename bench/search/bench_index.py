"""How fast is an index built, compared with a plain tantivy script that indexes the same fields?

    python -m bench.search.bench_index [--papers N] [--whoosh N]

Each indexer runs twice in its own process, in alternation, and the better run counts. The papers are read into memory
before the clock starts. CPU seconds are those of all threads. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.bare_tantivy import index_bare  # noqa: E402
from bench.search.search_corpus import read_papers  # noqa: E402
from search.engines.base import SearchBackend  # noqa: E402
from search.engines.documents import Document  # noqa: E402

RUNS = 2
WAYS = ("bare", "bare, same fields", "tantivy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=1_000_000, help="maximum number of papers (default: %(default)s)")
    parser.add_argument("--whoosh", type=int, default=0, help="number of papers to index with Whoosh too")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(run_way(options.way, options.papers)))
        return
    runs: dict[str, list[dict[str, Any]]] = {}
    for _ in range(RUNS):
        for way in WAYS:
            runs.setdefault(way, []).append(in_process(way, options.papers))
    if options.whoosh:
        runs["whoosh"] = [in_process("whoosh", options.whoosh)]
    best = {way: min(of_way, key=lambda run: run["cpu_s"]) for way, of_way in runs.items()}
    ratios = {
        f"tantivy / {way}": {name: round(best["tantivy"][name] / best[way][name], 2) for name in ("cpu_s", "wall_s")}
        for way in WAYS[:2]
    }
    print(json.dumps({"bench": "index", "ways": best, "ratios": ratios}, indent=1))


def in_process(way: str, n_papers: int) -> dict[str, Any]:
    """:func:`run_way` in a new process."""
    command = [sys.executable, "-m", "bench.search.bench_index", "--way", way, "--papers", str(n_papers)]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def run_way(way: str, n_papers: int) -> dict[str, Any]:
    """Index papers by one of ``WAYS`` or by ``whoosh``; times, size on disk and peak memory."""
    papers = list(islice(read_papers(), n_papers))
    loaded_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        _index(way, papers, Path(folder) / "index")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "papers": len(papers),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "papers_per_cpu_s": round(len(papers) / cpu),
        "disk_mb": round(disk / 1e6, 1),
        "peak_mb_beyond_papers": round((peak_kb - loaded_kb) / 1024),
    }


def _index(way: str, papers: list[Document], folder: Path) -> None:
    if way.startswith("bare"):
        index_bare(papers, folder, with_exact=way != "bare")
        return
    backend: SearchBackend
    if way == "tantivy":
        from search.engines.tantivy import TantivyBackend

        backend = TantivyBackend(path=folder)
    else:
        from search.engines.whoosh import WhooshBackend

        backend = WhooshBackend(path=folder)
    backend.rebuild(papers, revision=1)


if __name__ == "__main__":
    main()
