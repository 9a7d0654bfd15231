"""Which process starts the periodic tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from coolpapers.base.background import ProcessLock
from coolpapers.operating.periodic import leader
from coolpapers.operating.periodic.leases import take_lease


@pytest.fixture(autouse=True)
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessLock]:
    made = ProcessLock(lambda: tmp_path / ".periodic.lock")
    monkeypatch.setattr(leader, "periodic_lock", made)
    yield made
    made.release()


def test_with_a_file_of_sqlite_the_lock_of_the_folder_decides(lock: ProcessLock, tmp_path: Path) -> None:
    other = ProcessLock(lambda: tmp_path / ".periodic.lock")
    assert other.take()
    assert not leader.is_leader()
    other.release()
    assert leader.is_leader()


@pytest.mark.django_db
def test_with_postgresql_another_machine_may_have_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "connection", type("Connection", (), {"vendor": "postgresql"}))
    assert take_lease(leader.LEASE, "another machine", for_s=60)
    assert not leader.is_leader()


@pytest.mark.django_db
def test_a_restarted_process_of_the_same_machine_goes_on_at_once(
    monkeypatch: pytest.MonkeyPatch, lock: ProcessLock
) -> None:
    monkeypatch.setattr(leader, "connection", type("Connection", (), {"vendor": "postgresql"}))
    assert leader.is_leader()
    lock.release()  # as when it was killed
    assert leader.is_leader()


def test_two_data_folders_are_two_holders(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "a"
    first = leader.holder()
    settings.DATA_DIR = tmp_path / "b"
    assert leader.holder() != first


def test_without_an_answer_of_the_database_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(leader, "connection", type("Connection", (), {"vendor": "postgresql"}))
    monkeypatch.setattr(leader, "take_lease", fail)
    assert not leader.is_leader()
