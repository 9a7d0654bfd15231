"""Restore a backup into an empty site: the whole one, or nothing. Start at :func:`restore_backup`.

Files are unpacked beside their places, all rows are written in one transaction, the files are moved into place, and the
transaction is committed. A process that is killed before the commit leaves a site without papers, into which the backup
can be restored again; the moved files are replaced then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from coolpapers.operating.backups.archive import ArchiveReader, Manifest, open_archive
from coolpapers.operating.backups.loading import fill_database, stored_rows
from coolpapers.operating.backups.making import SECRET_KEY
from coolpapers.operating.backups.schema import applied_migrations, check_known
from coolpapers.operating.errors import RestoreRefused
from coolpapers.papers.models import latest_revision, revision_origin
from search.base.files import replacing

STAGING = ".restoring"  # in the data folder
# Folders that are moved as a whole, because their files belong together.
_WHOLE = ("index", "vectors", "anchors")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Called while a backup is restored: bytes verified so far, rows written so far."""

    verified: Progress = lambda _n_bytes: None
    loaded: Progress = lambda _n_rows: None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """``was_there``: the site held this backup already, and nothing was changed.

    ``n_replaced`` counts texts with characters that PostgreSQL cannot store; these were replaced.
    """

    manifest: Manifest
    n_rows: int
    n_files: int
    n_replaced: int = 0
    was_there: bool = False


def restore_backup(path: Path, data: Path, *, replace: bool = False, hooks: Hooks = Hooks()) -> RestoreReport:  # frozen
    """Restore ``path`` into this site's database and the folder ``data``.

    ``replace`` deletes what the site holds, in the same transaction.

    Raises
    ------
    BackupUnreadable
        If the file is no backup, is damaged, or of a newer version. Nothing was changed.
    RestoreRefused
        If the site is not empty, or the disk lacks space. Nothing was changed.
    RestoreFailed
        If the database refuses a row. The database is unchanged.
    """
    with open_archive(path) as archive:
        manifest = archive.manifest
        check_known(connection, manifest.migrations)
        counts = stored_rows()
        if counts and _holds(manifest):
            return RestoreReport(manifest, 0, 0, was_there=True)
        if counts and not replace:
            raise RestoreRefused(_not_empty(counts))
        archive.verify(hooks.verified)
        _check_space(archive, data)
        staging = data / STAGING
        try:
            _unpack(archive, staging)
            n_replaced = fill_database(
                archive, progress=hooks.loaded, before_commit=lambda: _move_into_place(staging, data)
            )
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return RestoreReport(manifest, manifest.n_rows, len(manifest.files()), n_replaced)


def read_manifest(path: Path) -> Manifest:
    """What a backup holds. Raises BackupUnreadable."""
    with open_archive(path) as archive:
        return archive.manifest


def _holds(manifest: Manifest) -> bool:
    """Whether the site is in the very state of the backup, as after a restore that was killed at its end."""
    if set(manifest.migrations) - set(applied_migrations(connection)):
        return False
    revision = latest_revision()
    return 0 < revision == manifest.revision and revision_origin(revision) == manifest.origin


def _not_empty(counts: dict[str, int]) -> str:
    n_papers, n_accounts = counts.get("papers.paper", 0), counts.get("auth.user", 0)
    return (
        f"The site is not empty: it holds {n_papers:,} papers, {n_accounts:,} accounts and {sum(counts.values()):,} "
        "rows in all. Restore into an empty data folder (COOLPAPERS_DATA_DIR) or database, or add --replace to delete "
        "what the site holds."
    )


def _check_space(archive: ArchiveReader, data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    manifest = archive.manifest
    n_needed = sum(manifest.members[name][0] for name in manifest.files())
    if connection.vendor == "sqlite":
        n_needed += 2 * (manifest.n_bytes - n_needed)  # tables with their indexes, and the log of the transaction
    n_free = shutil.disk_usage(data).free
    if n_free < n_needed:
        raise RestoreRefused(
            f"The disk of {data} has {n_free / 1e6:,.0f} MB free, and the backup needs about {n_needed / 1e6:,.0f} MB. "
            "Free some space; nothing was changed."
        )


def _unpack(archive: ArchiveReader, staging: Path) -> None:
    """Write the files of the backup below the staging folder, and flush them to the disk."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    for name in archive.manifest.files():
        target = staging / name.removeprefix("data/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as stream:
            for chunk in archive.chunks(name):
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())


def _move_into_place(staging: Path, data: Path) -> None:
    for entry in sorted(staging.iterdir()):
        if entry.name in _WHOLE:
            _swap_folder(entry, data / entry.name, retired=staging / f".{entry.name}")
        elif f"data/{entry.name}" == SECRET_KEY:
            _replace_secret(entry, data / entry.name)
        else:
            _merge(entry, data / entry.name)


def _swap_folder(source: Path, target: Path, *, retired: Path) -> None:
    """Put a folder in the place of another. Processes that have its files open keep reading them."""
    if target.exists():
        target.rename(retired)
    source.rename(target)


def _merge(source: Path, target: Path) -> None:
    """Move files into a folder, over files of the same name."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        return
    for child in source.iterdir():
        _merge(child, target / child.name)


def _replace_secret(source: Path, target: Path) -> None:
    with replacing(target) as temporary:  # readable by its owner only
        temporary.write_bytes(source.read_bytes())
