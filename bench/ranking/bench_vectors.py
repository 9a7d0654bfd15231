"""How large, exact and fast are the vectors of a library of a given size?

    python -m bench.ranking.bench_vectors LIBRARY/vectors --sizes 100000 1000000

Takes 300 of the library's vectors as queries, and the others with synthetic ones
(bench/ranking/synthetic_vectors.py) as papers. Prints JSON for each size: seconds and CPU seconds of the build;
seconds of an update by 1,000 papers and the megabytes that it writes; bytes a paper on the disk, and resident in a
process that has searched, without and with the pages of the vectors that rescoring has read (the system can drop them,
and processes share them); recall@100 against exact search over the float32 vectors; and the CPU time of a search for
100 papers, which is its duration where nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.ranking.synthetic_vectors import synthesize
from rerank.arrays import Float32s, Mask, Rows
from rerank.artifacts import content_hashes
from rerank.vectors.index import VectorIndex, open_vectors
from rerank.vectors.publishing import publish
from rerank.vectors.segments import NewRows
from rerank.vectors.vector_store import VectorFolder

N_QUERIES, N_UPDATED, TOP_K = 300, 1_000, 100
IDENTITY = "bench", "b" * 64
BLOCK_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Appended:
    """Rows of a new folder."""

    appended: NewRows
    alive: Mask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path, help="folder of a library's vectors")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--search", type=Path, nargs=2, metavar=("FOLDER", "QUERIES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.search:
        print(json.dumps(searched(*options.search)))
        return
    queries, real = read_real(options.vectors)
    print(json.dumps({str(size): measure(queries, real, size) for size in options.sizes}, indent=1))


def read_real(folder: Path) -> tuple[Float32s, Float32s]:
    """Queries and papers: the vectors of a library in random order."""
    index = open_vectors(folder)
    order = np.random.default_rng(1).permutation(np.flatnonzero(index.alive))
    return index.vectors[order[:N_QUERIES]], index.vectors[order[N_QUERIES:]]


def measure(queries: Float32s, real: Float32s, size: int) -> dict[str, Any]:
    """One size, in a temporary folder."""
    vectors = synthesize(real, size)
    exact = exact_rows(queries, vectors)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "vectors"
        folder.mkdir()
        started = cpu_s(), time.perf_counter()
        build(folder, vectors)
        report: dict[str, Any] = {"build_cpu_s": round(cpu_s() - started[0], 1)}
        report["build_s"] = round(time.perf_counter() - started[1], 1)
        report["disk_bytes"] = round(sum(path.stat().st_size for path in folder.iterdir()) / size, 1)
        np.save(Path(name) / "queries.npy", queries)
        command = [sys.executable, "-m", "bench.ranking.bench_vectors", name, "--search", str(folder)]
        run = subprocess.run(
            [*command, f"{name}/queries.npy"],
            check=True,
            capture_output=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        found = json.loads(run.stdout)
        shared = [len(np.intersect1d(a, b)) / TOP_K for a, b in zip(found.pop("rows"), exact, strict=True)]
        return {**report, **found, "recall@100": round(float(np.mean(shared)), 4), **update(folder, real)}


def build(folder: Path, vectors: Float32s) -> None:
    """Publish all vectors as a first update does."""
    texts = [f"text {row}" for row in range(len(vectors))]
    rows = NewRows(vectors, content_hashes(texts), [f"arxiv:{row:010}" for row in range(len(vectors))])
    publish(folder, None, Appended(rows, np.zeros(0, dtype=bool)), identity=IDENTITY)


def update(folder: Path, real: Float32s) -> dict[str, Any]:
    """Replace and add papers, half of each."""
    before = {path.name for path in folder.iterdir()}
    papers = {f"arxiv:{row:010}": f"text {row}, revised" for row in range(N_UPDATED // 2)}
    papers |= {f"new:{row:010}": f"new text {row}" for row in range(N_UPDATED // 2)}
    started = time.perf_counter()
    VectorFolder(folder, *IDENTITY).update(list(papers), list(papers.values()), encode=lambda texts: real[: len(texts)])
    update_s = time.perf_counter() - started
    written = sum(path.stat().st_size for path in folder.iterdir() if path.is_file() and path.name not in before)
    return {"update_s": round(update_s, 2), "update_mb": round(written / 1e6, 1)}


def searched(folder: Path, queries: Path) -> dict[str, Any]:
    """Rows and times of the searches, and the memory of this process afterwards; run in a process of its own."""
    import faiss

    faiss.omp_set_num_threads(1)
    before = resident_bytes()[0]
    index = open_vectors(folder)
    times, rows = [], []
    for query in np.load(queries):
        started = time.process_time()
        rows.append(index.search(query[None], top_k=TOP_K).rows[0].tolist())
        times.append(1000 * (time.process_time() - started))
    keys = index.ids_of(np.array(rows).ravel()[:1_000])
    started = time.process_time()
    index.rows_of(keys)
    lookup_ms = 1000 * (time.process_time() - started)
    return {"rows": rows, **_milliseconds(times), "rows_of_1000_ms": round(lookup_ms, 2), **_memory(index, before)}


def resident_bytes() -> tuple[int, int]:
    """Of this process: memory without the mapped ``vectors`` files, and theirs."""
    own = of_vectors = 0
    is_vectors = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            is_vectors = "/vectors-" in line or "/vectors." in line
        elif line.startswith("Rss:"):
            size = 1024 * int(line.split()[1])
            own, of_vectors = (own, of_vectors + size) if is_vectors else (own + size, of_vectors)
    return own, of_vectors


def _memory(index: VectorIndex, before: int) -> dict[str, float]:
    own, of_vectors = resident_bytes()
    n_rows = len(index.alive)
    return {
        "resident_bytes": round((own - before) / n_rows, 1),
        "resident_bytes_with_rescored": round((own - before + of_vectors) / n_rows, 1),
    }


def _milliseconds(times: list[float]) -> dict[str, float]:
    return {"p50_cpu_ms": round(float(np.median(times)), 2), "p95_cpu_ms": round(float(np.percentile(times, 95)), 2)}


def exact_rows(queries: Float32s, vectors: Float32s) -> Rows:
    """The nearest rows by exact float32 inner products, (n_queries, TOP_K)."""
    best_rows = np.zeros((len(queries), 0), dtype=np.int64)
    best_scores = np.zeros((len(queries), 0), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK_ROWS):
        scores = queries @ vectors[start : start + BLOCK_ROWS].T
        rows = np.broadcast_to(np.arange(start, start + scores.shape[1]), scores.shape)
        best_scores, best_rows = np.hstack([best_scores, scores]), np.hstack([best_rows, rows])
        best = np.argpartition(-best_scores, TOP_K - 1, axis=1)[:, :TOP_K]
        best_rows = np.take_along_axis(best_rows, best, axis=1)
        best_scores = np.take_along_axis(best_scores, best, axis=1)
    return best_rows


def cpu_s() -> float:
    """CPU seconds of this process, all threads."""
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    main()
