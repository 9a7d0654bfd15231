"""Every command ends with a sentence and an exit status, whatever the machine refuses."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from coolpapers.management.entry import PIPE_CLOSED
from tests.coolpapers.disks.small_disks import folder_of_another_user, full_disk
from tests.coolpapers.management.sites import Site

pytestmark = pytest.mark.slow

# Commands that serve until they are stopped, or write into the source code: only their help is run.
HELP_ONLY = {
    "compilemessages",
    "makemessages",
    "makemigrations",
    "optimizemigration",
    "runserver",
    "serve",
    "squashmigrations",
    "startapp",
    "startproject",
    "test",
    "testserver",
}
# Arguments of commands that need others than those which are made from their parser.
ARGUMENTS = {
    "backup": ["{folder}/backup.tar"],
    "build_anchors": ["--queries", "2", "--papers-per-query", "2"],
    "changepassword": ["ada"],
    "collectstatic": ["--noinput"],
    "createsuperuser": ["--noinput", "--username", "bob", "--email", "bob@example.org"],
    "dbshell": ["--", "-batch"],
    "findstatic": ["css/main.css"],
    "flush": ["--noinput"],
    "harvest_papers": ["--base-url", "http://127.0.0.1:9/oai", "--ids", "no-id"],
    "import_papers": ["{folder}/papers.jsonl"],
    "import_summaries": ["{folder}/papers.jsonl"],
    "migrate": ["--noinput"],
    "related_papers": ["2601.00001"],
    "remove_stale_contenttypes": ["--noinput"],
    "render_markdown": ["{folder}/papers.jsonl"],
    "restore": ["{folder}/papers.jsonl"],
    "search_papers": ["graphs", "--mode", "bm25"],
    "sendtestemail": ["ada@example.org"],
    "sqlmigrate": ["papers", "0001"],
    "sqlsequencereset": ["papers"],
    "write_summaries": ["2601.00001"],
}
LAST = ("flush", "restore")  # they empty the library
STATUSES = (0, 1, 2, 3)

Fault = Callable[[Path, Path], AbstractContextManager[Path]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Site(tmp_path_factory.mktemp("library"))
    site.make()
    return site.folder


@contextmanager
def no_database(_library: Path, place: Path) -> Iterator[Path]:
    place.mkdir()
    yield place


@contextmanager
def no_index(library: Path, place: Path) -> Iterator[Path]:
    shutil.copytree(library, place)
    shutil.rmtree(place / "index")
    yield place


@contextmanager
def closed_pipe(library: Path, place: Path) -> Iterator[Path]:
    shutil.copytree(library, place)
    yield place


def command_lines(folder: Path) -> list[list[str]]:
    names = sorted(get_commands(), key=lambda name: (name in LAST, name))
    return [[name, *(part.format(folder=folder) for part in arguments_of(name))] for name in names]


def arguments_of(name: str) -> Sequence[str]:
    """What a command is called with: those above, or a value for each argument that it requires."""
    if name in HELP_ONLY:
        return ["--help"]
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    arguments: list[str] = []
    for action in parser._actions:
        if action.required and action.nargs not in (argparse.ZERO_OR_MORE, argparse.OPTIONAL, argparse.SUPPRESS):
            value = str(next(iter(action.choices))) if action.choices else "x"
            arguments += [*action.option_strings[:1], value]
    return arguments


def run_all(folder: Path, scratch: Path, *, is_pipe_closed: bool) -> list[dict[str, Any]]:
    site = Site(folder)
    cases = scratch / "cases.json"
    commands = command_lines(folder)
    cases.write_text(json.dumps({"commands": commands, "is_pipe_closed": is_pipe_closed}), encoding="utf-8")
    run = site.run("-m", "tests.coolpapers.management.command_runner", str(cases))
    assert run.returncode == 0, run.stderr
    results: list[dict[str, Any]] = json.loads(run.stdout)
    assert len(results) == len(commands) == len(get_commands())
    return results


@pytest.mark.parametrize("fault", [full_disk, folder_of_another_user, no_database, no_index, closed_pipe])
def test_it_ends_with_a_sentence(fault: Fault, library: Path, tmp_path: Path) -> None:
    is_pipe_closed = fault is closed_pipe
    with fault(library, tmp_path / "place") as folder:
        results = run_all(folder, tmp_path, is_pipe_closed=is_pipe_closed)
    statuses = (*STATUSES, PIPE_CLOSED) if is_pipe_closed else STATUSES
    failures = {
        result["command"]: (result["status"], result["errors"][-1_500:])
        for result in results
        if result["status"] not in statuses or not is_sentence(result["errors"], status=result["status"])
    }
    assert failures == {}


def is_sentence(errors: str, *, status: int) -> bool:
    """Whether standard error holds no traceback and, where a command failed, says why in a line."""
    if re.search(r"Traceback|Exception ignored", errors):
        return False
    lines = [line for line in errors.splitlines() if line.strip() and not re.match(r"\d{4}-\d\d-\d\d ", line)]
    return bool(lines) or status in (0, PIPE_CLOSED)
