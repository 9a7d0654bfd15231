"""How fast are papers imported into a new SQLite library, and with how much memory?

    python bench/site/bench_import.py SHARED/papers.jsonl.gz

Runs ``manage.py import_papers`` twice: into an empty library, and again without changes. Prints JSON: for both runs the
number of papers, seconds of wall-clock and CPU time (with the start of Python), papers per second, and the peak
resident memory in MB (2^20 bytes).
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_REPORT = re.compile(r"([\d,]+) added, ([\d,]+) changed, ([\d,]+) unchanged, ([\d,]+) refused")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COOLPAPERS_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "coolpapers.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        first = measure(options.papers.resolve(), environment)
        again = measure(options.papers.resolve(), environment)
        database_mb = round((Path(folder) / "db.sqlite3").stat().st_size / 2**20)
    print(json.dumps({"first": first, "again": again, "database_mb": database_mb}, indent=1))


def measure(papers: Path, environment: dict[str, str]) -> dict[str, float]:
    """One import in a new process; exits if the import fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "manage.py", "import_papers", str(papers)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        report = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    counts = _REPORT.search(report)
    if process.returncode or counts is None:
        raise SystemExit(f"The import failed: {report}")
    n_papers = sum(int(number.replace(",", "")) for number in counts.groups())
    cpu_s = usage.ru_utime + usage.ru_stime
    return {
        "papers": n_papers,
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "papers_per_wall_s": round(n_papers / wall_s),
        "papers_per_cpu_s": round(n_papers / cpu_s),
        "peak_rss_mb": round(usage.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
