"""How long do a backup and restoring it take, and how much memory?

    python -m bench.operating.bench_backup --data FOLDER [--postgres]

FOLDER is the data folder of a site on SQLite; it is copied, never written to. With ``--postgres`` the backup is also
restored into a PostgreSQL server that is started for it. Prints JSON: seconds of wall clock and CPU, megabytes of
memory at most (resident) and of the file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.servers import make_postgres_database, postgres_server

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder of the site to back up")
    parser.add_argument("--postgres", action="store_true", help="also restore into PostgreSQL")
    options = parser.parse_args()
    report: dict[str, Any] = {"bench": "backup"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(options.data, folder / "site")
        report["backup"] = measure("backup", folder / "site", folder / "b.zip", {})
        report["file_mb"] = round((folder / "b.zip").stat().st_size / 1e6, 1)
        report["restore_sqlite"] = measure("restore", folder / "sqlite", folder / "b.zip", {})
        if options.postgres:
            with postgres_server() as server:
                database = make_postgres_database(server, "site")
                report["restore_postgres"] = measure("restore", folder / "postgres", folder / "b.zip", database)
    print(json.dumps(report, indent=1))


def measure(command: str, data: Path, backup: Path, settings: dict[str, str]) -> dict[str, float]:
    """Run a command in a process of its own. Memory is the largest of all processes so far."""
    environment = {**os.environ, **settings, "COOLPAPERS_DATA_DIR": str(data)}
    script = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, file=sys.stderr); sys.exit(code)"
    )
    command_line = [sys.executable, "-c", script, sys.executable, "manage.py", command, str(backup)]
    start = time.monotonic()
    ended = subprocess.run(command_line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    cpu_s, memory_mb = map(float, ended.stderr.splitlines()[-1].split())
    return {"wall_s": round(time.monotonic() - start, 1), "cpu_s": round(cpu_s, 1), "memory_mb": round(memory_mb)}


if __name__ == "__main__":
    main()
