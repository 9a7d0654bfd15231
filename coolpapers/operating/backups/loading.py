"""The database's part of restoring: is it empty, and fill it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from coolpapers.operating.backups.archive import ArchiveReader, Table
from coolpapers.operating.backups.rows import RowDecoder, columns_of
from coolpapers.operating.backups.schema import (
    MADE_BY_MIGRATING,
    SESSIONS,
    Model,
    applied_migrations,
    drop_tables,
    label_of,
    migrate_to,
    migrate_to_newest,
    models_at,
)
from coolpapers.operating.errors import BackupUnreadable, RestoreFailed

WRITE_ROWS = 500

Progress = Callable[[int], None]  # rows written
Row = list[Any]


def stored_rows() -> dict[str, int]:
    """The number of rows of each table that holds any, beside those that every site has after migrating."""
    existing = set(connection.introspection.table_names())
    if MigrationRecorder.Migration._meta.db_table not in existing:
        return {}
    counts = {
        label_of(model): model._base_manager.count()
        for model in models_at(connection, applied_migrations(connection))
        if model._meta.db_table in existing and label_of(model) not in MADE_BY_MIGRATING | {SESSIONS}
    }
    return {label: n_rows for label, n_rows in counts.items() if n_rows}


def fill_database(archive: ArchiveReader, *, progress: Progress, before_commit: Callable[[], None]) -> int:
    """Replace all tables by those of the backup, migrated to this version, in one transaction.

    ``before_commit`` runs when all rows are in; if it fails, nothing has changed. Returns how many texts were changed
    because the database cannot store them.

    Raises
    ------
    RestoreFailed
        If the database refuses a row.
    """
    with _without_constraint_checks(), transaction.atomic(durable=True):
        there = models_at(connection, applied_migrations(connection)) if _has_tables() else []
        drop_tables(connection, there)
        migrate_to(connection, archive.manifest.migrations)
        n_replaced = _load_tables(archive, progress)
        migrate_to_newest(connection)
        ContentType.objects.clear_cache()
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)  # permissions of new tables
        before_commit()
    return n_replaced


def _has_tables() -> bool:
    return MigrationRecorder.Migration._meta.db_table in connection.introspection.table_names()


@contextmanager
def _without_constraint_checks() -> Iterator[None]:
    """SQLite drops and alters tables only without them, and they can be switched outside a transaction only."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()


def _load_tables(archive: ArchiveReader, progress: Progress) -> int:
    by_label = {label_of(model): model for model in models_at(connection, archive.manifest.migrations)}
    n_done = n_replaced = 0
    for table in archive.manifest.tables:
        model = by_label.get(table.model)
        if model is None:
            raise BackupUnreadable(f"The backup holds a table {table.model} that its migrations do not create.")
        _empty(model)
        n_rows, n_changed = _load_table(archive, table, model, lambda n_rows, base=n_done: progress(base + n_rows))  # type: ignore[misc]
        n_done, n_replaced = n_done + n_rows, n_replaced + n_changed
    _check_references()
    _reset_sequences(list(by_label.values()))
    return n_replaced


def _empty(model: Model) -> None:
    """Remove rows that a migration has added; the backup holds them, perhaps changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 # a table of ours


def _load_table(archive: ArchiveReader, table: Table, model: Model, progress: Progress) -> tuple[int, int]:
    """Rows loaded and texts changed."""
    fields = {field.attname: field for field in columns_of(model)}
    unknown = set(table.columns) - fields.keys()
    if unknown:
        raise BackupUnreadable(f"The backup's table {table.model} has unknown columns: {', '.join(sorted(unknown))}.")
    columns = [fields[name] for name in table.columns]
    decoder = RowDecoder(columns, connection)
    n_rows = 0
    with archive.lines(table.member) as lines, _inserting(model, columns) as insert:
        while batch := _decoded(table, decoder, lines, after=n_rows):
            insert(batch)
            n_rows += len(batch)
            progress(n_rows)
    if n_rows != table.n_rows:
        raise BackupUnreadable(f"The backup's table {table.model} has {n_rows:,} rows instead of {table.n_rows:,}.")
    return n_rows, decoder.n_replaced


def _decoded(table: Table, decoder: RowDecoder, lines: Iterator[bytes], *, after: int) -> list[Row]:
    batch: list[Row] = []
    try:
        batch.extend(map(decoder.decode, islice(lines, WRITE_ROWS)))
    except (ValueError, TypeError, ValidationError) as exc:
        raise BackupUnreadable(f"Row {after + len(batch) + 1:,} of {table.model} cannot be read: {exc}") from exc
    return batch


@contextmanager
def _inserting(model: Model, columns: list[models.Field[Any, Any]]) -> Iterator[Callable[[list[Row]], None]]:
    """A function that inserts rows: by COPY in PostgreSQL, where single INSERTs of long rows take three times as long.

    Raises RestoreFailed, also at the end of the block.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in columns)
    table = quote(model._meta.db_table)
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    yield lambda batch: _copy(copy, batch)
            else:
                places = ", ".join(["%s"] * len(columns))
                insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 # names of our tables
                yield lambda batch: cursor.executemany(insert, batch)
    except DatabaseError as exc:
        raise RestoreFailed(f"The database refuses a row of {label_of(model)}: {str(exc).strip()}") from exc


def _copy(copy: Any, batch: list[Row]) -> None:
    for row in batch:
        copy.write_row(row)


def _check_references() -> None:
    try:
        connection.check_constraints()
    except DatabaseError as exc:
        raise RestoreFailed(f"A row of the backup refers to a missing one: {str(exc).strip()}") from exc


def _reset_sequences(loaded: list[Model]) -> None:
    """New rows get numbers above those of the backup."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
            cursor.execute(statement)
