"""Does the guide for one machine lead to a site that can be lost and restored?

    python -m bench.operating.trial_one_machine [--papers N] [--queries N] [--mode bm25]

Follows ``docs/operating/one-machine.md`` in a scratch folder (:mod:`bench.operating.parts.machine`) with PostgreSQL,
Redis, nginx and a mail server of its own: installs, starts the services, imports papers, harvests from an OAI-PMH
repository, mails a digest, answers queries over TLS, and backs up. Then everything is lost: all processes are killed,
the data folder and the database are deleted, Redis forgets its queues. The guide's commands restore the site, which is
asked the same queries again. Prints JSON; exits with 1 if an answer differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.operating.parts import papers as given
from bench.operating.parts import servers
from bench.operating.parts.guide import GUIDES
from bench.operating.parts.machine import PASSWORD, Machine
from bench.operating.parts.oai_server import oai_server
from bench.operating.parts.reader import Reader, wait_until

GUIDE = GUIDES / "one-machine.md"
UNITS = ("coolpapers-web", "coolpapers-index", "coolpapers-tasks")
HARVEST_DAY = "2026-11-29"
FOLLOWED = "learning"


@dataclass(frozen=True, slots=True)
class Parts:
    """The servers around the site."""

    postgres: servers.Postgres
    redis: servers.Server
    mail: servers.Server
    nginx: servers.Server


class Trial:
    """A site made by the guide. ``machine`` and ``parts`` live as long as :func:`site_of_the_guide`."""

    def __init__(self, machine: Machine, parts: Parts, reader: Reader) -> None:
        self.machine, self.parts, self.reader = machine, parts, reader
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 1)

    def wait_until_served(self) -> None:
        wait_until(self.reader.is_served, what="the site is ready", timeout_s=900)

    def lose_everything(self) -> None:
        """Kill all processes of the site; delete its data folder, its database and the queues. Backups stay."""
        for unit in UNITS:
            os.killpg(self.machine.services.main_pid(unit), 9)
        self.machine.services.stop_all()
        self.parts.redis.kill()
        shutil.rmtree(self.machine.root / "srv/coolpapers/data")
        for path in (self.machine.root / "redis").glob("*.rdb"):
            path.unlink()
        self.machine.run("runuser -u postgres -- dropdb --force coolpapers")
        self.parts.redis.start()


@contextmanager
def site_of_the_guide(root: Path, **settings: str) -> Iterator[Trial]:
    """Follow the guide up to a site that is served. ``settings`` are added to those of the guide."""
    root.mkdir(exist_ok=True)
    root.chmod(0o755)  # PostgreSQL runs as a user of its own
    with ExitStack() as stack:
        postgres = servers.Postgres(root / "postgres")
        redis, mail = servers.redis(root / "redis"), servers.mail_server(root / "mail")
        for server in (postgres, redis, mail):
            server.start()
            stack.callback(server.stop)
        ports = {name: servers.free_port() for name in ("tls", "plain", "web")}
        machine = Machine(root, replaced=_replaced(ports, redis, mail), environment=postgres.environment)
        stack.callback(machine.services.stop_all)
        certificate = servers.make_certificate(root / "etc/ssl", "papers.example.org")
        machine.write_files(GUIDE, **settings)
        nginx = servers.nginx(root / "nginx", root / "etc/nginx/sites-enabled/coolpapers", ports["tls"])
        reader = stack.enter_context(Reader(ports["tls"], certificate))
        trial = Trial(machine, Parts(postgres, redis, mail, nginx), reader)
        with trial.timed("install"):
            machine.follow(GUIDE, "Install")
        with trial.timed("start"):
            machine.follow(GUIDE, "Services")
            nginx.start()
            stack.callback(nginx.stop)
            trial.wait_until_served()
        yield trial


def _replaced(ports: Mapping[str, int], redis: servers.Server, mail: servers.Server) -> dict[str, str]:
    return {
        "127.0.0.1:8000": f"127.0.0.1:{ports['web']}",
        "127.0.0.1:6379": f"127.0.0.1:{redis.port}",
        "COOLPAPERS_EMAIL_PORT=25": f"COOLPAPERS_EMAIL_PORT={mail.port}",
        "listen 443": f"listen 127.0.0.1:{ports['tls']}",
        "listen 80": f"listen 127.0.0.1:{ports['plain']}",
    }


def run(root: Path, *, n_papers: int, n_queries: int, mode: str) -> dict[str, Any]:
    papers = given.read_papers(n_papers)
    imported, harvested = given.split_for_harvest(papers, max(10, n_papers // 20))
    queries = given.read_queries(n_queries, papers)
    with site_of_the_guide(root) as trial, oai_server(harvested, day=HARVEST_DAY) as repository:
        report = _fill(trial, imported, repository)
        report["mails"] = _mail_a_digest(trial)
        with trial.timed("queries"):
            before = trial.reader.search_all(queries, mode=mode)
        with trial.timed("backup"):
            trial.machine.run("coolpapers backup /srv/coolpapers/backups/trial.zip")
        trial.lose_everything()
        with trial.timed("restore"):
            trial.machine.follow(GUIDE, "Restore", **{"coolpapers-2026-11-30__zip": "trial.zip"})
            trial.wait_until_served()
        _wait_until_indexed(trial)
        after = trial.reader.search_all(queries, mode=mode)
        trial.reader.sign_in("ada", PASSWORD)  # the account is back
        trial.machine.follow(GUIDE, "Upgrade")
        trial.wait_until_served()
        report["doctor"] = trial.machine.run("coolpapers doctor --wait 120").strip().splitlines()
    same = sum(one == other for one, other in zip(before, after, strict=True))
    return {
        "bench": "trial_one_machine",
        "papers": len(papers),
        **report,
        "queries": len(queries),
        "queries_with_hits": sum(any(keys) for keys in before),
        "same_hits": same,
        "seconds": trial.seconds,
    }


def _fill(trial: Trial, imported: list[given.Paper], repository: str) -> dict[str, Any]:
    """Papers from a file and from the repository, until all are found."""
    path = trial.machine.root / "papers.jsonl.gz"
    given.write_papers(path, imported)
    with trial.timed("import"):
        commands = f"coolpapers createsuperuser --noinput\ncoolpapers import_papers {path}"
        trial.machine.run(commands)
    with trial.timed("harvest"):
        printed = trial.machine.run(f"coolpapers harvest_papers --base-url {repository} --set cs --interval 0")
    with trial.timed("until_found"):
        _wait_until_indexed(trial)
    return {"harvest": printed.strip().splitlines()[-1].partition(": ")[2]}


def _wait_until_indexed(trial: Trial) -> None:
    """Until the index holds the library, which a service follows without a command."""

    def holds_all() -> bool:
        try:
            trial.machine.run("coolpapers check_index")
        except RuntimeError:
            return False
        return True

    wait_until(holds_all, what="the index has followed the library", timeout_s=900, every_s=5.0)


def _mail_a_digest(trial: Trial) -> int:
    """Follow a search, let a paper arrive, and send the alert; returns the number of mails that the server got."""
    trial.reader.sign_in("ada", PASSWORD)
    trial.reader.follow(FOLLOWED)
    trial.machine.run("coolpapers send_digests")
    news = {"id": "arxiv:2611.99999", "title": "Learning about trials", "abstract": f"We are {FOLLOWED} something new."}
    path = trial.machine.root / "news.jsonl.gz"
    given.write_papers(path, [news])
    trial.machine.run(f"coolpapers import_papers {path}\ncoolpapers update_index\ncoolpapers send_digests")
    mails = [
        mail.read_text(encoding="utf-8", errors="replace") for mail in (trial.machine.root / "mail/mails/new").iterdir()
    ]
    return sum("about trials" in mail.replace("=\n", "") for mail in mails)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=20_000, help="(default: %(default)s)")
    parser.add_argument("--queries", type=int, default=500, help="(default: %(default)s)")
    parser.add_argument("--mode", default="bm25", help="ranking of the queries; (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coolpapers-trial-") as name:
        report = run(Path(name), n_papers=options.papers, n_queries=options.queries, mode=options.mode)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    raise SystemExit(report["same_hits"] != report["queries"])


if __name__ == "__main__":
    main()
