"""Make a backup of the running site. Start at :func:`make_backup`."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from coolpapers.operating.backups.archive import ArchiveWriter, Manifest, Table, file_chunks, open_archive
from coolpapers.operating.backups.folders import (
    FILES,
    INDEX,
    VECTORS,
    DataFile,
    FolderBusy,
    index_files,
    library_files,
    vector_files,
)
from coolpapers.operating.backups.rows import columns_of, encode_rows
from coolpapers.operating.backups.schema import SESSIONS, applied_migrations, label_of, models_at
from coolpapers.operating.backups.snapshots import consistent_reads
from coolpapers.operating.backups.variables import site_variables
from coolpapers.operating.errors import BackupFailed, BackupUnreadable
from coolpapers.papers.models import latest_revision, revision_origin
from search.base.aliases import ShouldStop, never_stop
from search.base.files import remove_temporary, replacing

DATABASE = "database"
SECRET_KEY = "data/secret_key"  # noqa: S105 # the name of a member
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Progress = Callable[[int, int], None]  # rows written, rows in all


@dataclass(frozen=True, slots=True)
class Site:
    """The site that is backed up: its version, its data folder, and the environment that its settings come from."""

    version: str
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """What to include beside database and files."""

    index: bool = True
    vectors: bool = True
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class BackupReport:
    """``n_files`` of the data folder; ``n_bytes`` of the finished archive."""

    path: Path
    n_rows: int
    n_files: int
    n_bytes: int
    left_out: tuple[str, ...]


class BackupStopped(BackupFailed):
    """The backup was stopped; nothing is left of it."""


def make_backup(
    path: Path,
    site: Site,
    *,
    now: datetime,
    contents: Contents = Contents(),  # frozen
    progress: Progress = lambda _n_rows, _n_total: None,
    should_stop: ShouldStop = never_stop,
) -> BackupReport:
    """Write a backup to ``path``: complete, or not at all. The site may run meanwhile; rows are of one moment.

    An older backup at ``path`` is replaced when the new one is complete. A killed process leaves a hidden temporary
    file, which the next backup to the same path deletes.

    Raises
    ------
    BackupFailed
        If ``path`` holds something else, the disk is full, or another backup is being written into the folder.
    BackupStopped
        If ``should_stop`` returned True.
    """
    _check_target(path)
    try:
        with _sole_writer(path), replacing(path) as temporary:
            report = _write(temporary, site, now=now, contents=contents, progress=progress, should_stop=should_stop)
        _sync_folder(path.parent)
    except OSError as exc:
        if exc.errno not in _FULL:
            raise
        raise BackupFailed(f"The disk of {path.parent} is full; no backup was written. Free some space.") from exc
    except DatabaseError as exc:
        if not isinstance(exc.__cause__, sqlite3.OperationalError) or "disk" not in str(exc).lower():
            raise
        raise BackupFailed(f"The database could not be read ({exc}); no backup was written.") from exc
    return BackupReport(path, report.n_rows, len(report.files()), path.stat().st_size, report.left_out)


def _check_target(path: Path) -> None:
    if path.is_dir():
        raise BackupFailed(f"{path} is a folder; name a file in it.")
    if path.exists() and path.stat().st_size:
        try:
            with open_archive(path):
                pass
        except BackupUnreadable as exc:
            raise BackupFailed(f"{path} exists and is no backup of coolpapers; choose another name.") from exc


@contextmanager
def _sole_writer(path: Path) -> Iterator[None]:
    """Lock the folder for one backup at a time, and delete what killed ones left. The system releases the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise BackupFailed(f"Another backup is being written into {path.parent}; wait until it has ended.") from exc
        remove_temporary(path)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(
    path: Path, site: Site, *, now: datetime, contents: Contents, progress: Progress, should_stop: ShouldStop
) -> Manifest:
    writer = ArchiveWriter(path)
    with ExitStack() as stack:
        stack.callback(writer.discard)
        # Index and vectors first: what they lack of the database's moment, the restored site adds.
        parts, left_out = _write_derived(writer, site.data, contents)
        with consistent_reads() as connection:
            manifest = _write_tables(writer, connection, contents, progress=progress, should_stop=should_stop)
        # Files afterwards: they are added and never changed, so every file that a row names is there.
        _write_files(writer, library_files(site.data), should_stop)
        key = site.data / "secret_key"
        if contents.secrets and key.is_file():
            writer.write(SECRET_KEY, [key.read_bytes()])
        manifest = Manifest(
            version=site.version,
            created_at=now.isoformat(),
            database=manifest.database,
            migrations=manifest.migrations,
            tables=manifest.tables,
            revision=manifest.revision,
            origin=manifest.origin,
            parts=(DATABASE, FILES, *parts),
            left_out=left_out,
            has_secrets=contents.secrets,
            variables=site_variables(site.environment, with_secrets=contents.secrets),
            members=writer.members,
        )
        writer.finish(manifest)
    return manifest


def _write_derived(writer: ArchiveWriter, data: Path, contents: Contents) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Index and vectors; the parts written, and a sentence for each that was being changed."""
    parts, left_out = [], []
    wanted: list[tuple[str, bool, Callable[[Path], AbstractContextManager[list[DataFile]]]]] = [
        (INDEX, contents.index, index_files),
        (VECTORS, contents.vectors, vector_files),
    ]
    for part, is_wanted, read in wanted:
        if not is_wanted:
            continue
        try:
            with read(data) as files:
                _write_files(writer, files, never_stop)
            parts.append(part)
        except FolderBusy as exc:
            left_out.append(f"The {part} {'are' if part == VECTORS else 'is'} left out: {exc}.")
    return tuple(parts), tuple(left_out)


def _write_tables(
    writer: ArchiveWriter,
    connection: BaseDatabaseWrapper,
    contents: Contents,
    *,
    progress: Progress,
    should_stop: ShouldStop,
) -> Manifest:
    """The rows of all tables, and a manifest of them alone."""
    migrations = applied_migrations(connection)
    models = [model for model in models_at(connection, migrations) if contents.secrets or label_of(model) != SESSIONS]
    n_total = sum(model._base_manager.count() for model in models)
    counter = _Counter(n_total, progress, should_stop)
    tables = []
    for model in models:
        label, columns = label_of(model), tuple(field.attname for field in columns_of(model))
        before = counter.n_done
        writer.write(f"tables/{label}.jsonl", counter.counted(encode_rows(model)))
        tables.append(Table(label, columns, counter.n_done - before))
    revision = latest_revision()
    return Manifest(
        version="",
        created_at="",
        database=connection.vendor,
        migrations=tuple(migrations),
        tables=tuple(tables),
        revision=revision,
        origin=revision_origin(revision),
    )


class _Counter:
    """Counts the rows of batches that pass through, and stops between two of them."""

    def __init__(self, n_total: int, progress: Progress, should_stop: ShouldStop) -> None:
        self.n_done = 0
        self._n_total = n_total
        self._progress = progress
        self._should_stop = should_stop

    def counted(self, batches: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
        for n_rows, lines in batches:
            if self._should_stop():
                raise BackupStopped("Stopped; no backup was written.")
            self.n_done += n_rows
            self._progress(self.n_done, self._n_total)
            yield lines


def _write_files(writer: ArchiveWriter, files: Iterable[DataFile], should_stop: ShouldStop) -> None:
    for file in files:
        if should_stop():
            raise BackupStopped("Stopped; no backup was written.")
        with suppress(FileNotFoundError), file.path.open("rb") as stream:  # deleted since it was listed
            writer.write(f"data/{file.name}", file_chunks(stream))
