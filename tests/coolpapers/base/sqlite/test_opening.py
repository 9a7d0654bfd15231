"""Ways to open a database that cannot be written, with SQLite's own files."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coolpapers.base.sqlite.opening import Opening, choose_lockless, choose_opening, has_commits


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database whose second row is in ``-wal`` only, as a running site or a kill leaves it."""
    source, target = tmp_path / "running.sqlite3", tmp_path / "folder" / "db with ? and #.sqlite3"
    target.parent.mkdir()
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE rows (n)")
        writer.execute("INSERT INTO rows VALUES (1)")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute("INSERT INTO rows VALUES (2)")
        shutil.copy(source, target)
        shutil.copy(f"{source}-wal", wal(target))
    return target


def wal(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def count(database: Path, opening: Opening) -> int:
    with closing(sqlite3.connect(opening.uri(database), uri=True)) as reader:
        if opening is Opening.PRIVATE:
            reader.execute("PRAGMA locking_mode=EXCLUSIVE")
        (number,) = reader.execute("SELECT count(*) FROM rows").fetchone()
    return int(number)


def test_a_folder_that_can_be_written_is_opened_as_usual(database: Path) -> None:
    assert choose_opening(database) is Opening.WRITABLE
    assert choose_opening(database.with_name("absent")) is Opening.WRITABLE
    assert count(database, Opening.WRITABLE) == 2


def test_commits_in_the_log_are_read_without_its_index(database: Path) -> None:
    assert choose_lockless(database) is Opening.PRIVATE
    assert count(database, Opening.PRIVATE) == 2
    assert wal(database).stat().st_size > 0  # it is still there


def test_a_log_without_commits_is_not_opened(database: Path) -> None:
    """SQLite deletes it with the last connection, and would take this one, which has no locks, for the last."""
    content = wal(database).read_bytes()
    for rest in (content[:32], content[:40], b"", content[:32] + bytes(len(content) - 32)):
        wal(database).write_bytes(rest)
        assert choose_lockless(database) is Opening.IMMUTABLE
        assert count(database, Opening.IMMUTABLE) == 1
        assert wal(database).read_bytes() == rest
    wal(database).unlink()
    assert choose_lockless(database) is Opening.IMMUTABLE


def test_a_transaction_that_was_cut_off_is_no_commit(database: Path) -> None:
    content = bytearray(wal(database).read_bytes())
    assert has_commits(wal(database))
    page_bytes = int.from_bytes(content[8:12], "big")
    for frame in range(32, len(content), 24 + page_bytes):
        content[frame + 4 : frame + 8] = bytes(4)  # the size of the database, which only the last frame of a commit has
    wal(database).write_bytes(content)
    assert not has_commits(wal(database))
