from __future__ import annotations

import errno
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError

from coolpapers.base.outages import CURES, Outage, cure_of, degrade, degraded, find_outage, outage_of_disk


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), Outage.FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Outage.FULL),
        (OSError(errno.EROFS, "Read-only file system"), Outage.READ_ONLY),
        (PermissionError(errno.EACCES, "Permission denied"), Outage.FORBIDDEN),
        (OSError(errno.EIO, "Input/output error"), Outage.FAILING),
        (OperationalError("database or disk is full"), Outage.FULL),
        (OperationalError("attempt to write a readonly database"), Outage.READ_ONLY),
        (OperationalError("cannot execute INSERT in a read-only transaction"), Outage.READ_ONLY),
        (OperationalError("disk I/O error"), Outage.FAILING),
        (OperationalError("database is locked"), Outage.BUSY),
        (OperationalError("FATAL:  sorry, too many clients already"), Outage.BUSY),
        (OperationalError("unable to open database file"), Outage.DOWN),
        (OperationalError("connection to server at localhost failed: Connection refused"), Outage.DOWN),
        (OperationalError('FATAL:  database "papers" does not exist'), Outage.DOWN),
        (InterfaceError("connection already closed"), Outage.DOWN),
        (OperationalError("no such table: papers_paper"), Outage.TABLES),
        (ProgrammingError('relation "papers_paper" does not exist'), Outage.TABLES),
        (DatabaseError("database disk image is malformed"), Outage.DAMAGED),
        (DatabaseError("file is not a database"), Outage.DAMAGED),
        (ImproperlyConfigured("Error loading psycopg2 or psycopg module"), Outage.DRIVER),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_outage_is_recognized(error: Exception, outage: Outage) -> None:
    assert find_outage(error) is outage
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = error
    assert find_outage(wrapped) is outage


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        OperationalError("too many SQL variables"),
        OperationalError("near SELEC: syntax error"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        ImproperlyConfigured("a setting"),
    ],
    ids=str,
)
def test_an_error_of_the_program_is_none(error: Exception) -> None:
    assert find_outage(error) is None


def test_every_outage_has_a_cure() -> None:
    assert set(CURES) == set(Outage)
    assert all(cure_of(outage) and "{" not in cure_of(outage) for outage in Outage)


def test_what_an_outage_prevents_is_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    before = degraded.counts().get("tries", 0)
    for _ in range(3):
        with degrade("tries"):
            raise OSError(errno.ENOSPC, "No space left on device")
    assert degraded.counts()["tries"] == before + 3
    assert len(caplog.records) == 1
    with degrade("tries"):
        pass
    with degrade("tries"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert len(caplog.records) == 2


def test_other_errors_pass() -> None:
    with pytest.raises(OSError, match="no file"), degrade("tries"):
        raise FileNotFoundError(errno.ENOENT, "no file")


def test_a_disk_that_works(tmp_path: Path) -> None:
    assert outage_of_disk(tmp_path) is None
    assert outage_of_disk(tmp_path / "absent") is None
