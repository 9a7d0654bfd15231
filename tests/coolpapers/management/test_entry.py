"""Commands end in one sentence where the machine, not the program, is at fault."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError

from coolpapers.management.entry import PIPE_CLOSED, explain
from search.errors import IndexDamaged
from tests.house.source import ROOT


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "db.sqlite3"), "No permission:"),
        (OSError(errno.EROFS, "Read-only file system", "x"), "The disk is read-only"),
        (OperationalError("no such table: papers_paper"), "run manage.py migrate"),
        (OperationalError("database or disk is full"), "Free some space"),
        (OperationalError("attempt to write a readonly database"), "Mount it writable"),
        (OperationalError("database is locked"), "The database is busy"),
        (OperationalError("disk I/O error"), "full or fails"),
        (OperationalError('FATAL:  database "x" does not exist'), "run manage.py doctor"),
        (DatabaseError("database disk image is malformed"), "Restore a backup"),
        (OperationalError("too many SQL variables"), "The database refused the command"),
        (OperationalError("connection refused"), "run manage.py doctor"),
        (ImproperlyConfigured("Error loading psycopg2 or psycopg module"), "coolpapers[postgres]"),
        (EOFError(), "run it in a terminal"),
        (IndexDamaged("The index is damaged; run manage.py rebuild_index."), "run manage.py rebuild_index"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_expected_error_gets_a_sentence(error: Exception, sentence: str) -> None:
    assert sentence in explain(error)


def test_the_cause_of_an_error_is_explained_too() -> None:
    error = RuntimeError("wrapped")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert "The disk is full" in explain(error)


def test_an_unexpected_error_keeps_its_traceback() -> None:
    assert explain(KeyError("x")) == ""


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COOLPAPERS_")}
    env = {**inherited, "DJANGO_SETTINGS_MODULE": "coolpapers.settings", "COOLPAPERS_DATA_DIR": str(folder)}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("command", [["update_index"], ["search_papers", "graph"], ["embed_papers", "--dry-run"]])
def test_a_library_without_tables_names_the_cure(tmp_path: Path, command: list[str]) -> None:
    run = start(tmp_path, *command)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "manage.py" in run.stderr


def test_an_empty_key_is_made_anew_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    assert start(tmp_path, "check").returncode == 0
    key = (tmp_path / "secret_key").read_text(encoding="utf-8")
    assert len(key) > 40
    assert start(tmp_path, "check").returncode == 0
    assert (tmp_path / "secret_key").read_text(encoding="utf-8") == key
    assert not list(tmp_path.glob(".secret_key*"))


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    code = "import sys; from coolpapers.management.entry import run; run(['manage.py', 'help'])"
    reading, writing = os.pipe()
    os.close(reading)
    env = {**os.environ, "COOLPAPERS_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "coolpapers.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (PIPE_CLOSED, "")
