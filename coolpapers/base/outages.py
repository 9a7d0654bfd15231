"""Failures of the machine and not of the program: a full or read-only disk, a database that does not answer.

Start at :func:`find_outage`. Pages answer them with 503 (:mod:`coolpapers.base.outage_pages`), commands with a sentence
(:mod:`coolpapers.management.entry`), ``/readyz`` and ``doctor`` with a line. What a reader can do without, such as the
count of requests, is left out where it cannot be stored: :func:`degrade` counts that.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)

# Free space below which a disk counts as full: SQLite cannot store a page of an import.
FULL_BYTES = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM)


def _(text: str) -> str:
    """Mark a text for translation. Django's ``gettext_noop`` reads the settings, which import this module."""
    return text


class Outage(Enum):
    """What does not work."""

    FULL = _("full disk")
    READ_ONLY = _("read-only disk")
    FORBIDDEN = _("missing permission")
    FAILING = _("failing disk")
    BUSY = _("busy database")
    DOWN = _("no database")
    TABLES = _("missing tables")
    DAMAGED = _("damaged database")
    DRIVER = _("missing driver")


# Parts of the messages of SQLite and PostgreSQL, in small letters. SQLite reports most errors of programs, such as too
# many variables, as the same exceptions.
_MESSAGES = (
    (Outage.FULL, ("disk is full", "no space left", "disk full")),
    (Outage.READ_ONLY, ("readonly database", "read-only")),
    (Outage.FAILING, ("disk i/o error", "could not read block", "input/output error")),
    (Outage.BUSY, ("database is locked", "database table is locked", "too many clients", "connection slots")),
    (Outage.DOWN, ("fatal:",)),  # PostgreSQL refuses a connection: no such database, a wrong password
    (Outage.TABLES, ("no such table", "no such column", "has no column named", "does not exist")),
    (Outage.DAMAGED, ("is malformed", "is not a database", "file is encrypted")),
    (Outage.DOWN, ("unable to open", "connection", "server closed", "shutting down", "starting up")),
)
# An administrator's next step.
CURES = {
    Outage.FULL: _("free disk space"),
    Outage.READ_ONLY: _("mount the disk writable, or give the data folder to user {user}"),
    Outage.FORBIDDEN: _("give the data folder to user {user}"),
    Outage.FAILING: _("free disk space, and check the disk"),
    Outage.BUSY: _("wait until another command has finished"),
    Outage.DOWN: "manage.py doctor",
    Outage.TABLES: "manage.py migrate",
    Outage.DAMAGED: _("restore a backup of the data folder"),
    Outage.DRIVER: "pip install 'coolpapers[postgres]'",
}


def find_outage(error: BaseException) -> Outage | None:
    """The outage behind an error or one of its causes; None for an error of the program."""
    return next((outage for cause in causes_of(error) if (outage := _outage(cause))), None)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, the latest first."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _outage(error: BaseException) -> Outage | None:
    match error:
        case OSError(errno=number) if number in _FULL:
            return Outage.FULL
        case OSError(errno=errno.EROFS):
            return Outage.READ_ONLY
        case OSError(errno=number) if number in _REFUSED:
            return Outage.FORBIDDEN
        case OSError(errno=errno.EIO):
            return Outage.FAILING
        case ImproperlyConfigured() if "psycopg" in str(error):
            return Outage.DRIVER
        case DatabaseError() | InterfaceError():
            return _outage_of_database(error)
    return None


def _outage_of_database(error: Exception) -> Outage | None:
    text = str(error).lower()
    for outage, messages in _MESSAGES:
        if any(message in text for message in messages):
            return outage
    is_postgres = type(error.__cause__).__module__.startswith("psycopg")
    return Outage.DOWN if is_postgres and isinstance(error, OperationalError | InterfaceError) else None


def outage_of_disk(folder: Path) -> Outage | None:
    """Whether a folder cannot be written: its disk is read-only or full, or permission is missing."""
    if not folder.is_dir():
        return None
    disk = os.statvfs(folder)
    if disk.f_flag & os.ST_RDONLY:
        return Outage.READ_ONLY
    if not os.access(folder, os.W_OK):
        return Outage.FORBIDDEN
    # Some file systems count no inodes: they have no limit of files.
    has_room = disk.f_bavail * disk.f_frsize >= FULL_BYTES and (disk.f_favail or not disk.f_files)
    return None if has_room else Outage.FULL


def refine(outage: Outage, folder: Path) -> Outage:
    """What the disk itself says, where SQLite is vague: a database on a full disk may have been opened read-only."""
    is_vague = outage in (Outage.READ_ONLY, Outage.FAILING)
    return (outage_of_disk(folder) or outage) if is_vague else outage


def cure_of(outage: Outage) -> str:
    """What an administrator has to do, in English."""
    return CURES[outage].format(user=os.getuid())


def lazy_cure_of(outage: Outage) -> StrOrPromise:
    """What an administrator has to do, translated when it is shown."""
    return format_lazy(gettext_lazy(CURES[outage]), user=os.getuid())


class Degraded:
    """What this process has left out because it could not be stored, by name; each outage is logged once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._failing: set[str] = set()

    def count(self, name: str, error: BaseException) -> None:
        with self._lock:
            self._counts[name] += 1
            is_new = name not in self._failing
            self._failing.add(name)
        if is_new:
            logger.warning("Continues without storing %s: %s", name, error)

    def succeed(self, name: str) -> None:
        """Storing works again: the next failure is logged."""
        self._failing.discard(name)

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)


degraded = Degraded()


@contextmanager
def degrade(name: str) -> Iterator[None]:
    """Leave out the rest of the block if an outage prevents it; other errors pass."""
    try:
        yield
    except (OSError, DatabaseError) as exc:
        if find_outage(exc) is None:
            raise
        degraded.count(name, exc)
    else:
        degraded.succeed(name)
