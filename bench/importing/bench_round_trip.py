"""How much of a library is lost when it is exported in a citation format and imported again.

    python -m bench.importing.bench_round_trip SHARED/papers.jsonl.gz [--format bibtex] [--limit 10000] [--examples 5]

Every paper is written in every format that the import reads, in files of a thousand papers, and read again; also as
the JSON API describes it. Printed is, by format and field, in how many papers the field is not as before. What each
format carries stands in ``coolpapers/papers/citations/carried.py``; JSON Lines carry all fields.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coolpapers.papers.models import Paper

FILE = 1_000  # papers of an export
LINES = "jsonl"  # the JSON API's papers as JSON Lines


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    import django

    django.setup()
    from coolpapers.papers.citations.carried import CARRIED

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers as JSON Lines")
    parser.add_argument("--format", choices=[*CARRIED, LINES], action="append", help="all by default")
    parser.add_argument("--limit", type=int, help="the first papers only")
    parser.add_argument("--examples", type=int, default=0, help="show so many of each loss")
    options = parser.parse_args()
    chosen = options.format or [*CARRIED, LINES]
    print(json.dumps(measure(options.papers, chosen, limit=options.limit, n_examples=options.examples), indent=1))


def measure(path: Path, formats: list[str], *, limit: int | None, n_examples: int) -> dict[str, Any]:
    """Papers, and for each format the lost fields with their numbers, examples and the time in seconds."""
    from bench.importing.round_trip import compare, compare_lines

    lost: dict[str, Counter[str]] = {name: Counter() for name in formats}
    seconds = dict.fromkeys(formats, 0.0)
    examples: dict[str, list[str]] = {}
    n_papers = 0
    for papers in _batches(read_papers(path, limit)):
        n_papers += len(papers)
        for name in formats:
            start = time.perf_counter()
            for paper, losses in compare_lines(papers) if name == LINES else compare(papers, name):
                lost[name].update(loss[0] for loss in losses)
                for field, before, after in losses:
                    shown = examples.setdefault(f"{name} {field}", [])
                    if len(shown) < n_examples:
                        shown.append(f"{paper.key}: {before!r} became {after!r}")
            seconds[name] += time.perf_counter() - start
    report: dict[str, Any] = {"papers": n_papers}
    for name in formats:
        report[name] = {"lost": dict(lost[name]), "seconds": round(seconds[name], 1)}
    return report | ({"examples": examples} if n_examples else {})


def read_papers(path: Path, limit: int | None = None) -> Iterator[Paper]:
    """Papers of a file of JSON Lines as an import makes them, not saved."""
    from bench.importing.round_trip import paper_of
    from coolpapers.papers.records.record import Record
    from coolpapers.papers.sources.jsonl import JsonLinesSource

    with path.open("rb") as raw:
        items = JsonLinesSource().read_path(path, raw=raw)
        yield from (paper_of(item) for item in islice(items, limit) if isinstance(item, Record))


def _batches(papers: Iterator[Paper]) -> Iterator[list[Paper]]:
    while batch := list(islice(papers, FILE)):
        yield batch


if __name__ == "__main__":
    main()
