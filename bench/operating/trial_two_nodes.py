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
        answer = self._get(node, "/readyz")
        return answer is not None and answer.status_code == 200

    def finds(self, node: int, word: str) -> bool:
        """Whether a machine finds a word, without nginx."""
        answer = self._get(node, "/search", q=word, mode="bm25")
        return answer is not None and answer.status_code == 200 and 'class="card ' in answer.text

    def has_workers(self) -> bool:
        try:
            return len(self.broker.control.ping(timeout=PING_S)) >= 2
        except Exception:  # Redis is away
            return False

    def _get(self, node: int, path: str, **parameters: str) -> httpx.Response | None:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        try:
            return httpx.get(
                f"http://127.0.0.1:{self.ports[node]}{path}", params=parameters, headers=headers, timeout=30
            )
        except httpx.TransportError:
            return None


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
        stack.callback(site.broker.close)
        for number in range(len(nodes)):
            wait_until(partial(site.is_ready, number), what=f"node {number} is ready", timeout_s=900)
        nodes[0].run("systemctl enable --now coolpapers-index coolpapers-tasks")
        wait_until(site.has_workers, what="the workers answer")
        nginx = servers.nginx(root / "nginx", nodes[0].root / "etc/nginx/sites-enabled/coolpapers", tls)
        nginx.start()
        stack.callback(nginx.stop)
        yield site


def run(root: Path, *, n_papers: int, n_readers: int, settle_s: float, is_indexed_first: bool = True) -> dict[str, Any]:
    """The report. Without ``is_indexed_first`` the parts are killed while the indexes follow the import."""
    papers = given.read_papers(n_papers)
    queries = given.read_queries(200, papers)
    with two_nodes(root) as site:
        report: dict[str, Any] = {"bench": "trial_two_nodes", "papers": len(papers), "readers": n_readers}
        imported = _import(site, papers)
        if is_indexed_first:
            report["second_index_follows_s"] = _wait_until_indexed(site, since=imported)
        report["session_is_shared"] = _shares_sessions(site)
        with Load(site.reader, queries, n_readers=n_readers, pause_s=PAUSE_S) as load:
            _settle(load, 0.0, settle_s=settle_s, n_pages=n_readers)
            report["undisturbed"] = _count(load, 0.0)
            report["killed"] = {
                name: _disturb(
                    load, disturb, is_back, settle=partial(_settle, load, settle_s=settle_s, n_pages=n_readers)
                )
                for name, (disturb, is_back) in _parts(site).items()
            }
        if not is_indexed_first:
            report["second_index_follows_s"] = _wait_until_indexed(site, since=imported)
    return report


def _import(site: Site, papers: list[given.Paper]) -> float:
    """Import on the first machine; returns when that ended, by the monotonic clock."""
    last = {"id": "arxiv:2611.99998", "title": "Xylophonic convergence", "abstract": "A paper that is found."}
    path = site.nodes[0].root / "papers.jsonl.gz"
    given.write_papers(path, [*papers, last])
    site.nodes[0].run(f"coolpapers createsuperuser --noinput\ncoolpapers import_papers {path}")
    return time.monotonic()


def _wait_until_indexed(site: Site, *, since: float) -> float:
    """Seconds until both machines, of which the second has no worker, find the last paper."""
    for number in range(len(site.nodes)):
        wait_until(
            partial(site.finds, number, "xylophonic"), what=f"node {number} has indexed", timeout_s=600, every_s=1.0
        )
    return round(time.monotonic() - since, 1)


def _shares_sessions(site: Site) -> bool:
    """Sign in, and ask both machines through nginx, which alternates."""
    with site.reader() as reader:
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
    load: Load, disturb: Callable[[], None], is_back: Callable[[], bool], *, settle: Callable[[float], None]
) -> dict[str, Any]:
    began = time.monotonic()
    disturb()
    wait_until(is_back, what="the part works again", timeout_s=300)
    again = time.monotonic() - began
    settle(began)
    return {**_count(load, began), "served_again_s": round(again, 1)}


def _settle(load: Load, moment: float, *, settle_s: float, n_pages: int) -> None:
    """Let the load go on, until as many pages as there are readers came since a moment: a slow machine needs longer."""
    time.sleep(settle_s)
    wait_until(lambda: len(load.since(moment)) >= n_pages, what="readers are served")


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
