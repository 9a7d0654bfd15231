"""What each guide needs beside its commands: its servers, what its sentences ask for, and what to look at."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from typing import Any

from bench.operating.parts.guide import GUIDES
from bench.operating.parts.oai_server import oai_server
from tests.coolpapers.operating.guides.following import Plan, Prepare
from tests.coolpapers.operating.guides.plans_of_containers import containers
from tests.coolpapers.operating.guides.plans_of_opensearch import opensearch
from tests.coolpapers.operating.guides.plans_of_pages import server, watching
from tests.coolpapers.operating.guides.site import N_PAPERS, Site, records
from tests.servers import make_postgres_database, postgres_server, redis_server

_SCHEDULED = "import django; django.setup(); from coolpapers.operating.tasks import back_up; print(back_up())"
# What the site does when a harvest has brought papers.
_NEW_PAPERS = "celery -A coolpapers call coolpapers.finding.tasks.follow_library"


def one_machine(site: Site, stack: ExitStack) -> Plan:
    """The settings and services are those of the trial; here the commands of administrators run."""
    paper = {"arxiv_id": "2602.00001", "title": "Harvested parsers", "abstract": "New.", "categories": ["cs.CL"]}
    url = stack.enter_context(oai_server([{**paper, "authors": ["Ada Byron"]}], day="2026-11-29"))
    site.words |= {
        "createsuperuser": "createsuperuser --noinput",
        "--set cs": f"--set cs --base-url {url} --interval 0",
    }
    site.make_administrator_answers()
    with gzip.open(site.folder / "papers.jsonl.gz", "wt") as file:
        file.write(records(3, first=N_PAPERS))

    def look() -> None:
        site.run("coolpapers update_index")
        assert len(site.hits()) == N_PAPERS + 3 + 1
        assert "vectors        16 papers, up to date" in site.run("coolpapers doctor")

    return Plan(end=look)


def several_machines(site: Site, stack: ExitStack) -> Plan:
    def is_long(printed: str) -> None:
        assert len(printed.strip()) >= 50

    return Plan(after={"Settings: python3 -c": is_long})


def backups(site: Site, stack: ExitStack) -> Plan:
    site.words["/srv/backups/"] = f"{site.folder}/srv/backups/"
    before = site.hits()

    def lose_data() -> None:
        shutil.rmtree(site.data)

    def look(printed: str) -> None:
        assert site.hits() == before

    def use_postgres() -> None:
        address = stack.enter_context(postgres_server())
        make_postgres_database(address, "papers")
        site.environment["COOLPAPERS_DATABASE_URL"] = f"{address}/papers"

    def look_without_the_file(printed: str) -> None:
        (site.data / "db.sqlite3").unlink()
        look(printed)

    def go_back() -> None:
        site.run("python manage.py backup back.zip")
        del site.environment["COOLPAPERS_DATABASE_URL"]
        shutil.rmtree(site.data)
        look(site.run("python manage.py restore back.zip"))
        back_up_by_schedule(site)

    return Plan(
        before={
            "Restore: python manage.py restore": lose_data,
            "Move from SQLite to PostgreSQL: python manage.py restore": use_postgres,
        },
        after={
            "Restore: python manage.py restore": look,
            "Move from SQLite to PostgreSQL: python manage.py restore": look_without_the_file,
        },
        end=go_back,
    )


def back_up_by_schedule(site: Site) -> None:
    """The last section of the guide: a dated file, seven days and four weeks, and nothing else is touched."""
    folder = site.folder / "srv" / "backups"
    today = date.today()
    old = [folder / f"coolpapers-{today - timedelta(days=n)}.zip" for n in range(1, 60)]
    for path in old:
        path.write_bytes(b"")
    script = f"COOLPAPERS_BACKUP_DIR={folder} COOLPAPERS_BACKUP_HOUR=0 DJANGO_SETTINGS_MODULE=coolpapers.settings"
    assert "True" in site.run(f"{script} python -c '{_SCHEDULED}'")
    kept = sorted(folder.glob("coolpapers-*.zip"), reverse=True)
    assert kept[:7] == [folder / f"coolpapers-{today}.zip", *old[:6]]
    assert 7 < len(kept) <= 11
    assert (folder / "site.zip").stat().st_size


def upgrade(site: Site, stack: ExitStack) -> Plan:
    before = site.hits()

    def go_back() -> None:
        shutil.rmtree(site.data)
        site.run("coolpapers restore before-upgrade.zip")
        assert site.hits() == before

    return Plan(end=go_back)


def tasks(site: Site, stack: ExitStack) -> Plan:
    """The workers answer, take the queues of the guide's table, and index a new paper; beat gives them tasks."""
    site.environment["COOLPAPERS_BROKER_URL"] = stack.enter_context(redis_server()).url
    page = (GUIDES / "tasks.md").read_text(encoding="utf-8")
    queues = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    nodes = {f"{name}@{socket.gethostname()}" for name in ("index", "other")}
    patience_s = count(2, 4)  # what a starting worker has not heard it does not answer; a busy one answers late

    def ask(question: str) -> dict[str, Any]:
        """The answer of each worker; {} if one gave none."""
        options = f"--timeout {next(patience_s)} --destination {','.join(nodes)} --json"
        try:
            answers: dict[str, Any] = json.loads(site.run(f"celery -A coolpapers inspect {question} {options}"))
        except AssertionError:  # no node has replied
            return {}
        return answers if answers.keys() == nodes else {}

    def take_the_queues() -> bool:
        taken = {queue["name"] for of_node in ask("active_queues").values() for queue in of_node}
        assert taken <= queues
        return taken == queues

    def have_run(task: str) -> bool:
        return any(task in of_node["total"] for of_node in ask("stats").values())

    def look() -> None:
        (site.folder / "news.jsonl").write_text(records(1, first=N_PAPERS))
        site.run("coolpapers import_papers news.jsonl")
        site.run(_NEW_PAPERS)
        site.wait_until(take_the_queues, what="the workers take all queues")
        site.wait_until(lambda: len(site.hits()) == N_PAPERS + 1, what="a worker has indexed the new paper")
        summaries = "coolpapers.reading.tasks.work_on_summaries"  # only beat asks for it here, every 30 seconds
        site.wait_until(lambda: have_run(summaries), what="a worker has run a task of beat")

    return Plan(end=look)


PLANS: dict[str, Prepare] = {
    "backups.md": backups,
    "containers.md": containers,
    "one-machine.md": one_machine,
    "opensearch.md": opensearch,
    "server.md": server,
    "several-machines.md": several_machines,
    "tasks.md": tasks,
    "upgrade.md": upgrade,
    "watching.md": watching,
}
