"""What do readers notice when each part of a site with two web servers is killed?

    python -m bench.operating.trial_two_nodes [--papers N] [--readers N] [--settle SECONDS]

Follows ``docs/operating/several-machines.md`` in scratch folders: two machines without a shared folder behind nginx,
one PostgreSQL, one Redis. Readers search all the time. Each part is killed with SIGKILL in turn and started again as
systemd would; PostgreSQL is restarted. Prints JSON, for each part:

``failed``            requests without a page that began after the kill
``failed_in_flight``  those that had begun before
``served_again_s``    seconds until the part does its work again
``longest_ms``        the longest wait of a reader

and, of the two machines, seconds until a new paper is found on the one without workers, and whether a session of one is
known to the other. Exits with 1 if a request failed that was not in flight.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from celery import Celery

from bench.operating.parts import papers as given
from bench.operating.parts import servers
from bench.operating.parts.guide import GUIDES
from bench.operating.parts.load import Load
from bench.operating.parts.machine import PASSWORD, Machine
from bench.operating.parts.reader import HOST, Reader, wait_until

ONE, SEVERAL = GUIDES / "one-machine.md", GUIDES / "several-machines.md"
PAUSE_S = 1.0  # of a reader between two pages
REDIS_AWAY_S = 3.0
PING_S = 2.0


@dataclass
class Site:
    """Two machines and what they share."""

    nodes: list[Machine]
    ports: list[int]
    postgres: servers.Postgres
    redis: servers.Server
    reader: Callable[[], Reader]
    broker: Celery = field(init=False)

    def __post_init__(self) -> None:
        self.broker = Celery(broker=f"redis://127.0.0.1:{self.redis.port}/0", set_as_current=False)

    def is_ready(self, node: int) -> bool:
        return self._get(node, "/readyz") == 200

    def finds(self, node: int, word: str) -> bool:
        """Whether a machine finds a word, without nginx."""
        answer = self._client(node).get("/search", params={"q": word, "mode": "bm25"})
        return answer.status_code == 200 and 'class="card ' in answer.text

    def has_workers(self) -> bool:
        try:
            return len(self.broker.control.ping(timeout=PING_S)) >= 2
        except Exception:  # Redis is away
            return False

    def _client(self, node: int) -> httpx.Client:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.ports[node]}", headers=headers, timeout=30)

    def _get(self, node: int, path: str) -> int:
        try:
            return self._client(node).get(path).status_code
        except httpx.TransportError:
            return 0


@contextmanager
def two_nodes(root: Path) -> Iterator[Site]:
    """Follow the guide up to a site that is served by both machines."""
    root.mkdir(exist_ok=True)
    root.chmod(0o755)
    with ExitStack() as stack:
        postgres, redis = servers.Postgres(root / "postgres"), servers.redis(root / "redis")
        for server in (postgres, redis):
            server.start()
            stack.callback(server.stop)
        web, tls = [servers.free_port(), servers.free_port()], servers.free_port()
        addresses = {
            "password@10.0.0.10:5432": f"password@127.0.0.1:{postgres.port}",
            "10.0.0.10:6379": f"127.0.0.1:{redis.port}",
            "10.0.0.11:8000": f"127.0.0.1:{web[0]}",
            "10.0.0.12:8000": f"127.0.0.1:{web[1]}",
            "listen 443": f"listen 127.0.0.1:{tls}",
        }
        nodes = []
        for number, port in enumerate(web):
            replaced = {**addresses, "127.0.0.1:8000": f"127.0.0.1:{port}"}
            (root / f"node{number}").mkdir()
            node = Machine(root / f"node{number}", replaced=replaced, environment=postgres.environment)
            stack.callback(node.services.stop_all)
            node.write_files(ONE)
            node.write_files(SEVERAL)
            nodes.append(node)
        nodes[0].follow(ONE, "Install")
        nodes[1].run("adduser coolpapers; python3 -m venv /srv/coolpapers/venv")
        certificate = servers.make_certificate(nodes[0].root / "etc/ssl", HOST)
        for node in nodes:  # together, as after a power failure
            node.run("chmod 755 /usr/local/bin/coolpapers; systemctl start coolpapers-web &")
        site = Site(nodes, web, postgres, redis, partial(Reader, tls, certificate))
        for number in range(len(nodes)):
            wait_until(partial(site.is_ready, number), what=f"node {number} is ready")
        nodes[0].run("systemctl enable --now coolpapers-index coolpapers-tasks")
        wait_until(site.has_workers, what="the workers answer")
        nginx = servers.nginx(root / "nginx", nodes[0].root / "etc/nginx/sites-enabled/coolpapers", tls)
        nginx.start()
        stack.callback(nginx.stop)
        yield site


def run(root: Path, *, n_papers: int, n_readers: int, settle_s: float) -> dict[str, Any]:
    papers = given.read_papers(n_papers)
    queries = given.read_queries(200, papers)
    with two_nodes(root) as site:
        report: dict[str, Any] = {"bench": "trial_two_nodes", "papers": len(papers), "readers": n_readers}
        report["second_index_follows_s"] = _import(site, papers)
        report["session_is_shared"] = _shares_sessions(site)
        with Load(site.reader, queries, n_readers=n_readers, pause_s=PAUSE_S) as load:
            time.sleep(settle_s)
            report["undisturbed"] = _count(load, 0.0)
            report["killed"] = {
                name: _disturb(load, disturb, is_back, settle_s=settle_s)
                for name, (disturb, is_back) in _parts(site).items()
            }
    return report


def _import(site: Site, papers: list[given.Paper]) -> float:
    """Import on the first machine; seconds until the second one, which has no worker, finds the last paper."""
    last = {"id": "arxiv:2611.99998", "title": "Xylophonic convergence", "abstract": "A paper that is found."}
    path = site.nodes[0].root / "papers.jsonl.gz"
    given.write_papers(path, [*papers, last])
    site.nodes[0].run(f"coolpapers createsuperuser --noinput\ncoolpapers import_papers {path}")
    began = time.monotonic()
    for number in range(len(site.nodes)):
        wait_until(partial(site.finds, number, "xylophonic"), what=f"node {number} has indexed", every_s=1.0)
    return round(time.monotonic() - began, 1)


def _shares_sessions(site: Site) -> bool:
    """Sign in, and ask both machines through nginx, which alternates."""
    reader = site.reader()
    reader.sign_in("ada", PASSWORD)
    return all(reader.client.get("/account/").status_code == 200 for _ in range(6))


def _parts(site: Site) -> dict[str, tuple[Callable[[], None], Callable[[], bool]]]:
    """What to kill, and how to tell that it works again."""

    def kill(node: int, *units: str) -> None:
        for unit in units:
            os.killpg(site.nodes[node].services.main_pid(unit), 9)

    def lose_redis() -> None:
        site.redis.kill()
        time.sleep(REDIS_AWAY_S)
        site.redis.start()

    return {
        "first web server": (partial(kill, 0, "coolpapers-web"), partial(site.is_ready, 0)),
        "second web server": (partial(kill, 1, "coolpapers-web"), partial(site.is_ready, 1)),
        "workers": (partial(kill, 0, "coolpapers-index", "coolpapers-tasks"), site.has_workers),
        "Redis": (lose_redis, site.has_workers),
        "PostgreSQL": (site.postgres.restart, lambda: site.is_ready(0) and site.is_ready(1)),
    }


def _disturb(
    load: Load, disturb: Callable[[], None], is_back: Callable[[], bool], *, settle_s: float
) -> dict[str, Any]:
    began = time.monotonic()
    disturb()
    wait_until(is_back, what="the part works again", timeout_s=300)
    again = time.monotonic() - began
    time.sleep(settle_s)
    return {**_count(load, began), "served_again_s": round(again, 1)}


def _count(load: Load, moment: float) -> dict[str, Any]:
    requests = load.since(moment)
    failed = [request for request in requests if request.problem]
    late = [request for request in failed if request.began >= moment]
    counted = {
        "requests": len(requests),
        "failed": len(late),
        "failed_in_flight": len(failed) - len(late),
        "longest_ms": round(1000 * max(request.ended - request.began for request in requests)),
    }
    return counted | ({"problems": dict(Counter(request.problem for request in failed))} if failed else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=20_000, help="(default: %(default)s)")
    parser.add_argument("--readers", type=int, default=10, help="(default: %(default)s)")
    parser.add_argument("--settle", type=float, default=10.0, help="seconds of load after each part is back")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coolpapers-trial-") as name:
        report = run(Path(name), n_papers=options.papers, n_readers=options.readers, settle_s=options.settle)
    print(json.dumps(report, indent=1))
    raise SystemExit(any(part["failed"] for part in report["killed"].values()))


if __name__ == "__main__":
    main()
