"""Reading goes on where the disk is full or read-only, or the folder not ours; what stores something says so."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from coolpapers.base.outages import CURES
from tests.coolpapers.disks.addresses import READING, WRITING
from tests.coolpapers.disks.small_disks import (
    folder_of_another_user,
    full_disk,
    make_read_only,
    own_disk,
    run_as_anyone,
)
from tests.house.source import ROOT

CODE = "import django, sys; django.setup(); from tests.coolpapers.disks import visits; visits.main(sys.argv[1])"

Answers = list[dict[str, Any]]


def visit(folder: Path, what: str) -> Answers:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COOLPAPERS_")}
    env = {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "tests.coolpapers.disks.site_settings",
        "COOLPAPERS_DATA_DIR": str(folder),
    }
    run = run_as_anyone([sys.executable, "-c", CODE, what], cwd=ROOT, env=env)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    answers: Answers = json.loads(run.stdout.splitlines()[-1])
    return answers


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    visit(folder, "make")
    return folder


@pytest.fixture(scope="module")
def answers(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What the site answers where it can write."""
    return visit(shutil.copytree(library, tmp_path_factory.mktemp("whole") / "data"), "read")


@contextmanager
def read_only_disk(library: Path, place: Path) -> Iterator[Path]:
    with own_disk(place) as disk:
        shutil.copytree(library, disk / "data")
        make_read_only(disk)
        yield disk / "data"


@contextmanager
def read_only_disk_after_a_kill(library: Path, place: Path) -> Iterator[Path]:
    """As a snapshot of a running site: the newest commits are in ``-wal``, and there is no ``-shm``."""
    with own_disk(place) as disk:
        shutil.copytree(library, disk / "data")
        database = disk / "data" / "db.sqlite3"
        with closing(sqlite3.connect(database)) as writer:
            writer.execute("PRAGMA journal_mode=WAL")
            writer.execute("UPDATE papers_paper SET title = title")
            writer.commit()
            for suffix in ("", "-wal"):
                shutil.copy(f"{database}{suffix}", f"{database}{suffix}.kept")
        for suffix in ("", "-wal"):
            Path(f"{database}{suffix}.kept").rename(f"{database}{suffix}")
        make_read_only(disk)
        yield disk / "data"


pytestmark = pytest.mark.slow
DISKS = [read_only_disk, read_only_disk_after_a_kill, full_disk, folder_of_another_user]


def test_the_examples_are_answered_where_the_disk_works(answers: Answers) -> None:
    examples = [address for addresses in READING.values() for address in addresses]
    by_reader = [answer for answer in answers if answer["name"].startswith("reader /")]
    failed = [answer["name"] for answer in by_reader[: len(examples)] if answer["status"] >= 400]
    failed += [answer["name"] for answer in answers if answer["status"] >= 500]
    assert failed == []


@pytest.fixture(scope="module", params=DISKS)
def broken(request: pytest.FixtureRequest, library: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What the site answers on one of these disks, to what reads and then to what stores something."""
    with request.param(library, tmp_path_factory.mktemp("broken") / "place") as folder:
        return visit(folder, "both")


def timeless(text: str) -> str:
    """An answer without the time at which it was given (OAI-PMH)."""
    return re.sub(r"<responseDate>[^<]*</responseDate>", "", text)


def test_reading_goes_on(broken: Answers, answers: Answers) -> None:
    before = {answer["name"]: answer for answer in answers}
    after = {answer["name"]: answer for answer in broken if answer["name"] in before}
    assert after.keys() == before.keys()
    statuses = {name: answer["status"] for name, answer in after.items()}
    assert statuses == {name: answer["status"] for name, answer in before.items()}
    others = [name for name, answer in after.items() if timeless(answer["text"]) != timeless(before[name]["text"])]
    # What a reader with an account sees depends on visits, which are stored where the disk works.
    assert [name for name in others if name.startswith("visitor")] == ["visitor /readyz"]


def test_what_stores_something_says_that_it_cannot(broken: Answers) -> None:
    writes = [answer for answer in broken if answer["name"].startswith("write")]
    assert len(writes) == len(WRITING) + 1
    disk = json.loads(next(answer["text"] for answer in broken if answer["name"] == "visitor /readyz"))["disk"]
    cure = disk.rpartition("; ")[2]
    for answer in writes:
        assert "nothing can be stored" in answer["text"] or "may not write" in answer["text"], answer
        assert cure in answer["text"] or answer["name"] == "write sync", (cure, answer)
        if answer["name"] != "write mcp":  # whose errors are answers to an assistant
            assert (answer["status"], answer["retry_after"]) == (503, "60"), answer


def test_readiness_names_the_disk_and_what_was_left_out(broken: Answers) -> None:
    answer = next(answer for answer in broken if answer["name"] == "reader /readyz")
    state = json.loads(answer["text"])
    assert state["ready"] is True
    assert "papers can be read, nothing can be stored" in state["disk"]
    assert any(cure.format(user=os.getuid()) in state["disk"] for cure in CURES.values())
    assert state["degraded"]["rates"] > 0


def test_the_same_requests_store_something_where_the_disk_works(library: Path, tmp_path: Path) -> None:
    shutil.copytree(library, tmp_path / "copy")
    statuses = {answer["name"]: answer["status"] for answer in visit(tmp_path / "copy", "write")}
    assert {name: status for name, status in statuses.items() if status >= 400} == {}
