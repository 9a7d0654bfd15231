"""What is left after SIGKILL at random moments of ``update_index``, ``embed_papers`` and ``import_papers``?

    python -m bench.search.bench_kill [--kills N] [--papers N] [--seed N]

A small library in a temporary folder changes before each run: some papers are added, some are written anew, some are
deleted. A process runs the command and is killed at a random moment. Then another process opens what is left, runs the
command again, and compares index or vectors with the library, or the library with the imported file. Vectors are made
by hashing words, so that the moments are those of files and not of a model. Prints JSON with the number of kills and of
failures:

``unreadable``      index, vectors or library did not open after the kill
``lost``            papers that were missing, old or ghosts after the command had run again
``manual_repairs``  runs whose second command failed, so that a person would have had to act
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOLDER = tempfile.TemporaryDirectory(prefix="coolpapers-kill-")
os.environ["DJANGO_SETTINGS_MODULE"] = "coolpapers.settings"
os.environ["COOLPAPERS_DATA_DIR"] = FOLDER.name
os.environ["OMP_NUM_THREADS"] = "1"  # a thread pool does not survive a fork

import django  # noqa: E402

django.setup()

import faiss  # noqa: E402
import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from coolpapers.finding.indexing.embedding import embed_papers  # noqa: E402
from coolpapers.finding.indexing.index import check_index, update_index  # noqa: E402
from coolpapers.papers.importing.services import ImportOptions, import_file  # noqa: E402
from coolpapers.papers.models import Paper  # noqa: E402
from rerank.artifacts import content_hash  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.language.query import Term  # noqa: E402
from search.neural.dense import VectorRetriever  # noqa: E402
from search.neural.texts import embedding_text  # noqa: E402

INCOMING = Path(FOLDER.name) / "incoming.jsonl"
FIRST_RECORDS = 300
DIM = 64
CHANGES = 12  # papers added and rewritten before each run
REPORTED_KILLS = 10  # between two lines on standard error, so that an interrupted bench has told what it did
WARM_RUNS = 5  # unkilled runs that tell how long a run takes


class HashingEncoder:
    """Unit vectors that depend on the words of a text."""

    name = model_hash = query_hash = "hashing-1"

    def encode(self, texts: Sequence[str]) -> Any:
        vectors = np.zeros((len(texts), DIM), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                vectors[row, content_hash(word)[0] % DIM] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class HashingRetriever(VectorRetriever):
    def __init__(self) -> None:
        super().__init__(path=Path(FOLDER.name) / "vectors", model="hashing")

    def open_encoder(self) -> Any:
        return HashingEncoder()

    def model_hash(self) -> str:
        return HashingEncoder.model_hash


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="kills of each command (default: %(default)s)")
    parser.add_argument("--papers", type=int, default=300, help="papers at the start (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    rng = random.Random(options.seed)
    call_command("migrate", verbosity=0)
    in_child(lambda: add_papers(rng, options.papers))
    results = {}
    for command, run, compare in (
        ("update_index", _update_index, compare_index),
        ("embed_papers", _embed_papers, compare_vectors),
    ):
        results[command] = kill_often(run, compare, change_library, kills=options.kills, rng=rng)
    results["import_papers"] = kill_often(_import_papers, compare_import, change_file, kills=options.kills, rng=rng)
    print(json.dumps({"bench": "kill", "commands": results}, indent=1))


def _update_index() -> None:
    update_index(search_backend())


def _embed_papers() -> None:
    embed_papers(HashingRetriever())


def _import_papers() -> None:
    import_file(INCOMING, options=ImportOptions(source="jsonl"))


def kill_often(
    run: Callable[[], object],
    compare: Callable[[], dict[str, int]],
    change: Callable[[random.Random], None],
    *,
    kills: int,
    rng: random.Random,
) -> dict[str, Any]:
    """Change what the command reads, run, kill, compare; until so many runs were killed before their end.

    ``compare`` runs in a process of its own; what it counts is added up.
    """
    counts = Counter(kills=0, ended_before=0)
    run_s = sorted(_time_of(run, change, rng) for _ in range(WARM_RUNS))[WARM_RUNS // 2]
    while counts["kills"] < kills:
        change(rng)
        child = start_child(run)
        time.sleep(rng.uniform(0, run_s))
        os.kill(child, signal.SIGKILL)
        is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        counts["kills" if is_killed else "ended_before"] += 1
        for name, number in in_child(compare).items():
            counts[name] += number
        if is_killed and counts["kills"] % REPORTED_KILLS == 0:
            report(json.dumps({"compared_by": compare.__name__, **counts}))
    return {**counts, "run_ms": round(1000 * run_s)}


def _time_of(run: Callable[[], object], change: Callable[[random.Random], None], rng: random.Random) -> float:
    change(rng)
    began = time.perf_counter()
    os.waitpid(start_child(run), 0)
    return time.perf_counter() - began


def succeeds(action: Callable[[], object]) -> bool:
    """Whether an action ends without an error; the error is reported."""
    try:
        action()
    except Exception as exc:
        report(exc)
        return False
    return True


def compare_index() -> dict[str, int]:
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    engine = search_backend()
    counts["unreadable"] += not succeeds(lambda: (engine.count(), engine.keys()))
    if not succeeds(lambda: update_index(engine)):
        return counts | {"manual_repairs": 1}
    check = check_index(engine)
    if check.problems:
        report(check.problems)
        counts["manual_repairs"] = 1
    titles = dict(Paper.objects.values_list("key", "title"))
    counts["lost"] += len(titles.keys() ^ engine.keys())
    for key, title in titles.items():
        hits = engine.search(Term(title.split()[0]), Request(top_k=2)).hits
        counts["lost"] += [hit.key for hit in hits] != [key]
    return counts


def compare_vectors() -> dict[str, int]:
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    retriever = HashingRetriever()
    damage = retriever.damage()
    if damage:
        report(damage)
        counts["unreadable"] = 1
    if not succeeds(lambda: embed_papers(retriever)):
        return counts | {"manual_repairs": 1}
    texts = {key: embedding_text(title, abstract) for key, title, abstract in Paper.objects.values_list(*_TEXT)}
    counts["lost"] += len(texts.keys() ^ set(retriever.keys()))
    expected = HashingEncoder().encode(list(texts.values()))
    for key, vector in zip(texts, expected, strict=True):
        stored = retriever.open_vectors().vector(key)
        counts["lost"] += stored is None or not np.allclose(stored, vector, atol=1e-6)
    counts["manual_repairs"] += bool(retriever.verify())
    return counts


def compare_import() -> dict[str, int]:
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    imported = Paper.objects.filter(key__startswith="arxiv:")
    counts["unreadable"] += not succeeds(lambda: list(imported))
    if not succeeds(_import_papers):
        return counts | {"manual_repairs": 1}
    titles = {record["id"]: record["title"] for record in read_records()}
    stored = dict(imported.values_list("key", "title"))
    counts["lost"] += sum(stored.get(key) != title for key, title in titles.items())
    counts["lost"] += len(stored.keys() - titles.keys())
    return counts


def change_file(rng: random.Random) -> None:
    """Some records of the file are new, some have another title."""
    records = read_records()
    for record in rng.sample(records, min(len(records), CHANGES)):
        record["title"] = _title(rng)
    first = len(records) + 1
    for number in range(first, first + (CHANGES if records else FIRST_RECORDS)):
        records.append(
            {"id": f"arxiv:2601.{number:05}", "title": _title(rng), "abstract": "We do things.", "year": 2026}
        )
    INCOMING.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


def read_records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in INCOMING.read_text(encoding="utf-8").splitlines()] if INCOMING.exists() else []


_TEXT = ("key", "title", "abstract")


def change_library(rng: random.Random) -> None:
    seed = rng.random()

    def change() -> None:
        own = random.Random(seed)
        papers = list(Paper.objects.all())
        for paper in own.sample(papers, CHANGES):
            paper.title = _title(own)
            paper.save()
        for paper in own.sample(papers, CHANGES):
            paper.delete()
        add_papers(own, CHANGES)

    in_child(change)


def add_papers(rng: random.Random, n_papers: int) -> None:
    for _ in range(n_papers):
        words = " ".join(f"word{rng.randrange(2_000)}" for _ in range(80))
        Paper(key=f"p:{rng.getrandbits(60):015x}", title=_title(rng), abstract=words, year=2026).save()


def _title(rng: random.Random) -> str:
    """A title whose first word no other paper has."""
    return f"unique{rng.getrandbits(60):015x} paper about things"


def start_child(run: Callable[[], object]) -> int:
    """Run in a forked process; its exit status is 0 if it ended well."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        run()
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


def in_child(run: Callable[[], Any]) -> Any:
    """The result of a function that runs in a forked process, so that this one never opens index or vectors."""
    reading, writing = os.pipe()

    def write_result() -> None:
        with os.fdopen(writing, "w") as pipe:
            json.dump(run(), pipe)

    child = start_child(write_result)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        result = pipe.read()
    if os.waitpid(child, 0)[1]:
        raise SystemExit("A process of the bench failed.")
    return json.loads(result)


def report(problem: object) -> None:
    print(problem, file=sys.stderr)


if __name__ == "__main__":
    main()
