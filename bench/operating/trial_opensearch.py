"""Does a cluster of three OpenSearch nodes lose searches or papers when any one node dies?

    python -m bench.operating.trial_opensearch [--papers N] [--down-s S] [--kills N]

Starts three nodes of the shared folder, indexes papers with one copy of each shard, and then searches and writes
through our backend without a pause while the elected manager and then each of the other nodes is killed and started
again. At last a rebuild is interrupted by the kill of a node. Prints JSON: failed searches and the slowest one, papers
that were lost although their update was acknowledged, and whether the rebuilt index is complete.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from search.engines.documents import Document, bare_document  # noqa: E402
from search.engines.opensearch import OpenSearchBackend  # noqa: E402
from search.engines.results import Request  # noqa: E402
from search.errors import IndexUnavailable, SearchError  # noqa: E402
from search.language.query import And, Term  # noqa: E402
from tests.opensearch_server import Node, cluster_of_three, manager_of  # noqa: E402

PAPERS_A_WRITE = 20
REBUILD_ATTEMPTS = 3
# Seconds that three nodes may take to copy the shards of a node that has returned.
RECOVERY_S = 600
WORDS = ("graph", "network", "field", "measure", "group", "learning", "space", "language")


@dataclass
class Load:
    """What searches and writes met. ``acknowledged`` are the keys of finished updates."""

    n_searches: int = 0
    failed: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    n_writes: int = 0
    failed_writes: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=5_000)
    parser.add_argument("--down-s", type=float, default=10.0, help="seconds that a killed node is away")
    parser.add_argument("--kills", type=int, default=3, help="nodes that are killed in turn, the manager first")
    options = parser.parse_args()
    figures = run_trial(options.papers, down_s=options.down_s, n_kills=options.kills)
    print(json.dumps({"bench": "opensearch_nodes", **figures}, indent=1))


def run_trial(n_papers: int, *, down_s: float, n_kills: int = 3) -> dict[str, Any]:
    """The figures of one trial; ``n_kills`` nodes are killed in turn, the manager first."""
    papers = list(islice(made_papers(), n_papers))
    with cluster_of_three() as nodes:
        engine = engine_of(nodes)
        engine.rebuild(papers, revision=1)
        wait_until_green(nodes)
        load = Load()
        with_load(nodes, load, lambda: kill_in_turn(nodes, n_kills, down_s=down_s))
        expected = {paper["key"] for paper in papers} | load.acknowledged
        n_lost = len(expected - engine.keys())
        n_attempts, is_complete = interrupted_rebuild(nodes, engine, papers)
        engine.client.close()
    return {
        "searches": load.n_searches,
        "failed_searches": len(load.failed),
        "slowest_search_s": round(load.slowest_s, 2),
        "writes": load.n_writes,
        "failed_writes": len(load.failed_writes),
        "acknowledged_papers": len(load.acknowledged),
        "lost_papers": n_lost,
        "rebuild_attempts": n_attempts,
        "rebuild_complete": is_complete,
        "errors": [*load.failed, *load.failed_writes][:5],
    }


def made_papers() -> Iterator[Document]:
    for number in count():
        words = [WORDS[(number // 8**place) % 8] for place in range(4)]
        text = " ".join(word * (1 + number % 3 // 2) for word in words)
        yield bare_document(f"p:{number}", title=f"A {text} {number}", abstract=f"We study {text}. " * 10)


def engine_of(nodes: Sequence[Node]) -> OpenSearchBackend:
    return OpenSearchBackend(urls=[node.url for node in nodes], index="trial", replicas="1", timeout_s=10.0)


def with_load(nodes: Sequence[Node], load: Load, disturb: Callable[[], None]) -> None:
    """Search and write in threads, each with connections of its own, while ``disturb`` runs."""
    stopped = threading.Event()
    threads = [threading.Thread(target=work, args=(engine_of(nodes), load, stopped)) for work in (_search, _write)]
    for thread in threads:
        thread.start()
    try:
        disturb()
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def kill_in_turn(nodes: list[Node], n_kills: int, *, down_s: float) -> None:
    """Kill the manager, then the other nodes, and start each again."""
    manager = manager_of(nodes)
    for node in [manager, *(node for node in nodes if node is not manager)][:n_kills]:
        node.kill()
        time.sleep(down_s)
        node.start()
        node.wait_until_up(n_nodes=3)
        wait_until_green(nodes)


def wait_until_green(nodes: Sequence[Node]) -> None:
    """Wait until every shard has its copy again: before that, the loss of another node may lose papers."""
    end = time.monotonic() + RECOVERY_S
    while time.monotonic() < end:
        for node in nodes:
            try:
                answer = httpx.get(f"{node.url}/_cluster/health", timeout=10).json()
            except (httpx.HTTPError, ValueError):
                continue
            if answer.get("status") == "green" and answer["number_of_nodes"] == len(nodes):
                return
        time.sleep(0.5)
    raise TimeoutError("the cluster did not become green")


def interrupted_rebuild(nodes: list[Node], engine: OpenSearchBackend, papers: Sequence[Document]) -> tuple[int, bool]:
    """Kill the manager in the middle of a rebuild; how often it was begun, and whether the index is complete."""
    for attempt in range(1, REBUILD_ATTEMPTS + 1):
        try:
            source = _killing(manager_of(nodes), papers) if attempt == 1 else iter(papers)
            engine.rebuild(source, revision=1_000_000)
            return attempt, engine.keys() == {paper["key"] for paper in papers}
        except IndexUnavailable as exc:
            if not exc.is_transient:
                raise
    return REBUILD_ATTEMPTS, False


def _killing(node: Node, papers: Sequence[Document]) -> Iterator[Document]:
    for number, paper in enumerate(papers):
        if number == len(papers) // 2:
            node.kill()
        yield paper


def _search(engine: OpenSearchBackend, load: Load, stopped: threading.Event) -> None:
    for number in count():
        if stopped.is_set():
            break
        root = And((Term(WORDS[number % 8]), Term(WORDS[number // 8 % 8])))
        began = time.monotonic()
        try:
            if not engine.search(root, Request(facets=("year",))).total:
                load.failed.append("no hits")
        except SearchError as exc:
            load.failed.append(str(exc))
        load.n_searches += 1
        load.slowest_s = max(load.slowest_s, time.monotonic() - began)
    engine.client.close()


def _write(engine: OpenSearchBackend, load: Load, stopped: threading.Event) -> None:
    for revision in count(2):
        if stopped.is_set():
            break
        keys = [f"new:{revision}-{number}" for number in range(PAPERS_A_WRITE)]
        try:
            engine.update([bare_document(key, title="A new graph", abstract="") for key in keys], revision=revision)
            load.acknowledged.update(keys)
        except SearchError as exc:
            load.failed_writes.append(str(exc))
        load.n_writes += 1
    engine.client.close()


if __name__ == "__main__":
    main()
