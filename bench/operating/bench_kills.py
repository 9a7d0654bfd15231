"""What is left after SIGKILL at random moments of ``backup``, ``restore`` and ``harvest_papers``?

    python -m bench.operating.bench_kills [--kills N] [--papers N] [--seed N] [--commands backup restore harvest_papers]

The other commands that write are killed by ``bench.search.bench_kill`` and ``bench.site.bench_digest_kills``. A small
library in a temporary folder changes before each run. A process runs the command and is killed at a random moment; then
another one looks at what is left, and runs the command again. Prints JSON with the number of kills and of failures:

``unreadable``      a backup, a restored site or the library did not open after the kill, or was neither old nor new
``lost``            papers that were missing or old after the command had run again
``manual_repairs``  runs whose second command failed, so that a person would have had to act
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.search.bench_kill import FOLDER, add_papers, change_library, in_child, kill_often, report, succeeds

# bench_kill sets Django up in a folder of its own.
from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection, connections  # isort: skip

from bench.operating.parts.oai_server import oai_server
from coolpapers.operating.backups.archive import open_archive
from coolpapers.operating.backups.making import Site, make_backup
from coolpapers.operating.backups.restoring import restore_backup
from coolpapers.papers.harvesting.fetching import PoliteClient, Timing
from coolpapers.papers.harvesting.harvest import HarvestRequest, harvest
from coolpapers.papers.models import Paper

BACKUP = Path(FOLDER.name) / "backups" / "site.zip"
RESTORED = Path(FOLDER.name) / "restored"
DAY = "2026-11-29"
COMMANDS = ("backup", "restore", "harvest_papers")
ARRIVING = 120  # records of the repository before each harvest: two pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="kills of each command (default: %(default)s)")
    parser.add_argument("--papers", type=int, default=300, help="papers at the start (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS, help="(default: all)")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    call_command("migrate", verbosity=0)
    in_child(lambda: add_papers(rng, options.papers))
    results: dict[str, Any] = {}
    for command in options.commands:
        if command == "backup":
            results[command] = kill_often(_backup, _compare_backup, change_library, kills=options.kills, rng=rng)
        elif command == "restore":
            in_child(_backup)
            results[command] = kill_often(_restore, _compare_restored, _delete_restored, kills=options.kills, rng=rng)
        else:
            results[command] = _kill_harvests(options.kills, rng)
    print(json.dumps({"bench": "kills", "commands": results}, indent=1))


# ---- backup


def _backup() -> None:
    make_backup(BACKUP, Site(version="bench", data=settings.DATA_DIR, environment={}), now=datetime.now(UTC))


def _compare_backup() -> dict[str, int]:
    """The file is the former backup or the new one, whole; the next backup holds the library."""
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    counts["unreadable"] += BACKUP.exists() and not succeeds(_verify)
    if not succeeds(_backup):
        return counts | {"manual_repairs": 1}
    counts["unreadable"] += not succeeds(_verify)
    with open_archive(BACKUP) as archive:
        counts["lost"] += abs(Paper.objects.count() - _n_papers(archive.manifest))
    counts["manual_repairs"] += len(list(BACKUP.parent.iterdir())) != 1  # a temporary file was left
    return counts


def _verify() -> None:
    with open_archive(BACKUP) as archive:
        archive.verify()


def _n_papers(manifest: Any) -> int:
    return sum(table.n_rows for table in manifest.tables if table.model == "papers.paper")


# ---- restore


def _in_restored_site() -> None:
    """From now on this process works on the restored site."""
    connections.close_all()
    RESTORED.mkdir(exist_ok=True)
    connection.settings_dict["NAME"] = RESTORED / "db.sqlite3"


def _restore() -> None:
    _in_restored_site()
    restore_backup(BACKUP, RESTORED)


def _compare_restored() -> dict[str, int]:
    """The site is empty or whole; after the command has run again it holds every paper of the backup."""
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    expected = dict(Paper.objects.values_list("key", "title"))
    _in_restored_site()
    has_tables = Paper._meta.db_table in connection.introspection.table_names()
    n_papers = Paper.objects.count() if has_tables else 0
    if n_papers not in (0, len(expected)):
        report(f"{n_papers} of {len(expected)} papers after the kill")
        counts["unreadable"] += 1
    if not succeeds(lambda: restore_backup(BACKUP, RESTORED)):
        return counts | {"manual_repairs": 1}
    restored = dict(Paper.objects.values_list("key", "title"))
    counts["lost"] += len(dict(expected.items() ^ restored.items()))
    counts["manual_repairs"] += (RESTORED / ".restoring").exists()
    return counts


def _delete_restored(_rng: random.Random) -> None:
    shutil.rmtree(RESTORED, ignore_errors=True)


# ---- harvest


def _kill_harvests(kills: int, rng: random.Random) -> dict[str, Any]:
    papers: list[dict[str, Any]] = []
    with oai_server(papers, day=DAY) as url:

        def run() -> None:
            timing = Timing(clock=lambda: 0.0, sleep=lambda _s: None, now=lambda: datetime.now(UTC))
            with PoliteClient(timing=timing, interval_s=0.0) as client:
                harvest(HarvestRequest(base_url=url, from_date=DAY), client=client, now=datetime.now(UTC))

        return kill_often(
            run, lambda: _compare_harvest(run, papers), lambda rng: _arrive(papers, rng), kills=kills, rng=rng
        )


def _arrive(papers: list[dict[str, Any]], rng: random.Random) -> None:
    """The repository's next day: other papers, and some of the former day with a new title."""
    first = int(papers[-1]["arxiv_id"].split(".")[1]) + 1 if papers else 1
    changed = [{**paper, "title": f"{paper['title']} {rng.random()}"} for paper in papers[-20:]]
    abstract = "We do things."
    papers[:] = changed + [
        {"arxiv_id": f"2601.{number:05}", "title": f"A paper {rng.random()}", "abstract": abstract, "authors": ["A. B"]}
        for number in range(first, first + ARRIVING)
    ]


def _compare_harvest(run: Callable[[], None], papers: list[dict[str, Any]]) -> dict[str, int]:
    counts = {"unreadable": 0, "lost": 0, "manual_repairs": 0}
    counts["unreadable"] += not succeeds(lambda: list(Paper.objects.filter(key__startswith="arxiv:")))
    if not succeeds(run):
        return counts | {"manual_repairs": 1}
    stored = dict(Paper.objects.filter(key__startswith="arxiv:").values_list("key", "title"))
    counts["lost"] += sum(stored.get(f"arxiv:{paper['arxiv_id']}") != paper["title"] for paper in papers)
    return counts


if __name__ == "__main__":
    main()
