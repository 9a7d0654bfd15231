"""A library of any size for benches: real papers, followed by new ones made of their parts.

A synthetic paper takes the date, the categories and every second sentence of one real paper, the other sentences of a
second one, title words of both, and some authors of a third one. Words and names keep their frequencies, so that
posting lists and names grow as a library does; no two papers are the same work.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_FIRST_NUMBER = 50_000  # of a month: real papers have lower ones


def write_papers(source: Path, target: Path, *, n_papers: int, seed: int = 7) -> None:
    """Write ``n_papers`` records to a gzipped JSON Lines file.

    Raises
    ------
    ValueError
        If the source has more papers than are asked for.
    """
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        real = [json.loads(line) for line in lines]
    if len(real) > n_papers:
        raise ValueError(f"{source} has {len(real):,} papers, more than {n_papers:,}.")
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as out:
        for record in real:
            out.write(json.dumps(record) + "\n")
        for record in synthesize(real, n_papers=n_papers - len(real), seed=seed):
            out.write(json.dumps(record) + "\n")


def synthesize(real: Sequence[Record], *, n_papers: int, seed: int = 7) -> Iterator[Record]:
    """Records of new papers of arXiv."""
    rng = random.Random(seed)
    dated = [record for record in real if record.get("date") and record.get("categories")]
    numbers: dict[str, int] = {}
    for _ in range(n_papers):
        first, second, third = rng.choice(dated), rng.choice(real), rng.choice(real)
        month = first["date"][2:7].replace("-", "")
        numbers[month] = number = numbers.get(month, _FIRST_NUMBER - 1) + 1
        arxiv_id = f"{month}.{number:05d}"
        authors = third.get("authors") or ["Anonymous"]
        yield {
            "id": f"arxiv:{arxiv_id}",
            "arxiv_id": arxiv_id,
            "title": _mix(first["title"].split(), second["title"].split(), rng),
            "authors": rng.sample(authors, rng.randint(1, len(authors))),
            "abstract": _mix(_SENTENCE_END.split(first["abstract"]), _SENTENCE_END.split(second["abstract"]), rng),
            "year": int(first["date"][:4]),
            "date": first["date"],
            "venue": "arXiv",
            "url": f"https://arxiv.org/abs/{arxiv_id}",
            "source": "arxiv",
            "categories": first["categories"],
        }


def _mix(first: Sequence[str], second: Sequence[str], rng: random.Random) -> str:
    """Every second part of the first text, then as many parts of the second in random order."""
    return " ".join([*first[::2], *rng.sample(second, min(len(second), (len(first) + 1) // 2))])
