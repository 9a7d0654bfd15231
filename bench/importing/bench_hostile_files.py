"""What each hostile file costs the import's readers: seconds and memory.

    python -m bench.importing.bench_hostile_files [--only bibtex]

Each file of ``hostile_files.py`` is read in a process of its own, and its first records are written in all citation
formats. Printed are seconds of CPU, the memory that reading takes, and what came of it. The limits are 5 s and 300 MB;
files beyond them are named under "beyond".
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
from pathlib import Path
from typing import Any

LIMIT_S, LIMIT_MB = 5, 300
PATIENCE_S = 120


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    from bench.importing.hostile_files import HOSTILE_FILES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="files whose name begins so")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(options.read, options.file)))
        return
    report = {name: _measure(name) for name in HOSTILE_FILES if name.startswith(options.only)}
    beyond = [name for name, cost in report.items() if cost["seconds"] > LIMIT_S or cost["mb"] > LIMIT_MB]
    print(json.dumps({"files": report, "beyond": beyond}, indent=1))


def _measure(name: str) -> dict[str, Any]:
    from bench.importing.hostile_files import HOSTILE_FILES

    alias, make = HOSTILE_FILES[name]
    command = [sys.executable, "-m", "bench.importing.bench_hostile_files", "--read", alias, "--file"]
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(make())
            file.flush()
            result = subprocess.run([*command, file.name], stdout=subprocess.PIPE, timeout=PATIENCE_S, check=True)
    except subprocess.TimeoutExpired:
        return {"seconds": PATIENCE_S, "mb": 0, "outcome": "not done"}
    except subprocess.CalledProcessError as exc:
        return {"seconds": PATIENCE_S, "mb": 0, "outcome": f"exit {exc.returncode}"}
    return dict(json.loads(result.stdout))


def _read(alias: str, path: Path) -> dict[str, Any]:
    """Read the file and write what it holds, in this process; CPU seconds, as others may use the machine."""
    import django

    django.setup()
    from bench.importing.round_trip import paper_of
    from coolpapers.papers.citations import FORMATS, cite
    from coolpapers.papers.errors import SourceFormatError
    from coolpapers.papers.records.record import Record
    from coolpapers.papers.sources.registry import paper_sources

    source = paper_sources[alias]
    before_mb, start = _peak_mb(), time.process_time()
    n_records = n_others = 0
    try:
        with path.open("rb") as stream:
            for item in source.read(stream, name="hostile"):
                n_records += isinstance(item, Record)
                n_others += not isinstance(item, Record)
                if isinstance(item, Record) and n_records <= 3:
                    for format_name in FORMATS:
                        cite([paper_of(item)], format_name)
        outcome = f"{n_records} records, {n_others} refused"
    except SourceFormatError as exc:
        outcome = f"refused: {str(exc)[:100]}"
    seconds = time.process_time() - start
    return {"seconds": round(seconds, 2), "mb": round(_peak_mb() - before_mb), "outcome": outcome}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
