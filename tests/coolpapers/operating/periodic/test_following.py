"""Each machine does some tasks for itself, once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pytest_django import Settings

from coolpapers import celery
from coolpapers.operating.periodic import following
from coolpapers.operating.periodic.following import is_overdue, note_run, run_if_overdue

NAME = "coolpapers.finding.tasks.follow_library"


class Task:
    name = NAME

    def __init__(self) -> None:
        self.n_runs = 0

    def apply(self, *, throw: bool) -> None:
        self.n_runs += 1
        note_run(self.name)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_a_task_that_never_ran_here_is_overdue_and_is_run_once() -> None:
    task = Task()
    assert run_if_overdue(task, every_s=60, lock=lambda: True)
    assert not run_if_overdue(task, every_s=60, lock=lambda: True)
    assert task.n_runs == 1


def test_a_worker_that_shares_the_folder_leaves_nothing_to_do() -> None:
    note_run(NAME)
    assert not is_overdue(NAME, every_s=60)


def test_a_worker_may_be_late_by_half_a_period(folder: Path) -> None:
    note_run(NAME)
    now = time.time()
    assert not is_overdue(NAME, every_s=60, now=now + 80)
    assert is_overdue(NAME, every_s=60, now=now + 100)


def test_one_process_of_a_machine_runs_it() -> None:
    task = Task()
    assert not run_if_overdue(task, every_s=60, lock=lambda: False)
    assert task.n_runs == 0


def test_a_folder_that_cannot_be_written_stops_nothing(settings: Settings, folder: Path) -> None:
    (folder / "file").touch()
    settings.DATA_DIR = folder / "file"
    note_run(NAME)
    assert is_overdue(NAME, every_s=60)


@pytest.mark.django_db
def test_every_run_of_such_a_task_is_noted_and_no_other(settings: Settings, folder: Path) -> None:
    settings.DATA_DIR = folder
    celery.app.loader.import_default_modules()
    celery.app.tasks["coolpapers.people.tasks.follow_papers"].apply()
    celery.app.tasks["coolpapers.finding.tasks.verify_index"].apply()
    assert [path.name for path in (folder / ".ran").iterdir()] == ["verify_index"]


def test_the_lock_lies_in_the_data_folder(folder: Path) -> None:
    assert following.following_lock._path() == folder / ".following.lock"
