"""How do import, index, pages and memory grow with the library?

    python -m bench.operating.bench_scale SHARED/papers.jsonl.gz SHARED/queries_unjudged.jsonl.gz
        [--sizes 98472 300000 1000000] [--work FOLDER [--keep]] [--draw docs/img/scale.svg]
    python -m bench.operating.bench_scale --from-report REPORT --draw docs/img/scale.svg

For each size, makes a library of the real papers and synthetic ones (bench/operating/parts/synthetic_papers.py),
imports and indexes it with the commands of the site, and measures pages (bench/site/bench_pages.py). Vectors are left
out: bench/ranking/bench_vectors.py measures them. Prints JSON, a size at a time on standard error: papers a CPU second
and peak memory of import and index, sizes on disk, and CPU milliseconds of pages. 1,000,000 papers take about 10
minutes of one core and 8 GB of disk in FOLDER.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.operating.parts.scale_picture import draw
from bench.operating.parts.synthetic_papers import write_papers

ROOT = Path(__file__).resolve().parents[2]
SIZES = (98_472, 300_000, 1_000_000)
PAGES = ("search", "list_day", "list_range", "venue", "paper", "author", "home", "feed_search", "suggest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, nargs="?", help="papers.jsonl.gz")
    parser.add_argument("queries", type=Path, nargs="?", help="queries_unjudged.jsonl.gz")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--work", type=Path, help="a folder for the libraries (default: a temporary one)")
    parser.add_argument("--keep", action="store_true", help="leave the libraries in FOLDER, to measure more with them")
    parser.add_argument("--from-report", type=Path, help="draw the report of a former run")
    parser.add_argument("--draw", type=Path, metavar="SVG")
    options = parser.parse_args()
    if options.from_report:
        report = json.loads(options.from_report.read_text(encoding="utf-8"))
    elif options.keep and not options.work:
        parser.error("--keep needs --work")
    elif options.papers is None or options.queries is None:
        parser.error("papers and queries are needed")
    else:
        report = {"bench": "scale", "sizes": []}
        for size in options.sizes:
            with library_folder(options.work, size, keep=options.keep) as folder:
                entry = measure_size(options.papers, options.queries.resolve(), folder, size=size)
            print(json.dumps(entry), file=sys.stderr, flush=True)
            report["sizes"].append(entry)
    print(json.dumps(report, indent=1))
    if options.draw:
        options.draw.write_text(draw(report["sizes"]), encoding="utf-8")


@contextlib.contextmanager
def library_folder(work: Path | None, size: int, *, keep: bool) -> Iterator[Path]:
    if keep and work:
        folder = work / str(size)
        folder.mkdir(parents=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(dir=work) as name:
            yield Path(name)


def measure_size(papers: Path, queries: Path, folder: Path, *, size: int) -> dict[str, Any]:
    source = folder / "papers.jsonl.gz"
    write_papers(papers, source, n_papers=size)
    data = folder / "data"
    environment = {**os.environ, "COOLPAPERS_DATA_DIR": str(data)}
    run("manage.py", "prepare_site", "--empty", "--no-vectors", "-v0", environment=environment)
    entry: dict[str, Any] = {"n_papers": size}
    entry["import"] = run("manage.py", "import_papers", str(source), environment=environment)
    entry["index"] = run("manage.py", "update_index", environment=environment)
    for part in ("import", "index"):
        entry[part]["papers_per_cpu_s"] = round(size / entry[part]["cpu_s"])
    entry["database_mb"] = sum(path.stat().st_size for path in data.glob("db.sqlite3*")) >> 20
    entry["index_mb"] = sum(path.stat().st_size for path in (data / "index").rglob("*") if path.is_file()) >> 20
    bench = ("-m", "bench.site.bench_pages", str(queries))
    environment["DJANGO_SETTINGS_MODULE"] = "coolpapers.settings"
    whole = json.loads(run(*bench, "--repeat", "1", environment=environment)["output"])
    modes = json.loads(run(*bench, "--modes", "bm25", environment=environment)["output"])
    times = {**{name: whole[name] for name in PAGES}, "bm25": modes["bm25"]}
    entry["pages"] = {name: {key: one[key] for key in ("cpu_p50_ms", "cpu_p95_ms")} for name, one in times.items()}
    del entry["import"]["output"], entry["index"]["output"]
    return entry


def run(*arguments: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run Python in the checkout: its CPU and wall-clock seconds, its peak memory in MB, and what it prints."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with status {process.returncode}: {output[-2000:]}")
    return {
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "wall_s": round(time.perf_counter() - started, 1),
        "peak_mb": usage.ru_maxrss >> 10,
        "output": output,
    }


if __name__ == "__main__":
    main()
