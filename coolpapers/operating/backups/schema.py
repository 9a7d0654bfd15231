"""The tables of a database by its migrations: those that it has now, and those that an older backup was made from."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from coolpapers.operating.errors import BackupFailed, BackupUnreadable

Migration = tuple[str, str]  # app and name
Model = type[models.Model]

# Made by migrating, whatever the site holds. Sessions sign readers in; they end when the site is moved.
MADE_BY_MIGRATING = frozenset({"contenttypes.contenttype", "auth.permission"})
SESSIONS = "sessions.session"


def label_of(model: Model) -> str:
    """``papers.paper``"""
    return model._meta.label_lower


def applied_migrations(connection: BaseDatabaseWrapper) -> list[Migration]:
    """Migrations that the database records, in order of their names; [] for a database without tables."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def models_at(connection: BaseDatabaseWrapper, migrations: Iterable[Migration]) -> list[Model]:
    """The models after some migrations, also of tables between two models. They have fields, and no methods of ours.

    Raises
    ------
    BackupFailed
        If one of the migrations is unknown here.
    """
    loader = MigrationLoader(connection)
    migrations = list(migrations)
    unknown = [migration for migration in migrations if migration not in loader.graph.nodes]
    if unknown:
        raise BackupFailed(
            f"The database was migrated by a newer version of coolpapers ({'.'.join(unknown[0])} is unknown here); "
            "run that version."
        )
    apps = loader.project_state(migrations).apps
    every = apps.get_models(include_auto_created=True)
    return sorted((model for model in every if model._meta.managed and not model._meta.proxy), key=label_of)


def check_known(connection: BaseDatabaseWrapper, migrations: Iterable[Migration]) -> None:
    """Raise BackupUnreadable if this version lacks one of the migrations."""
    loader = MigrationLoader(connection)
    unknown = [migration for migration in migrations if migration not in loader.graph.nodes]
    if unknown:
        raise BackupUnreadable(
            f"The backup was made by a newer version of coolpapers ({'.'.join(unknown[0])} is unknown here); "
            "upgrade coolpapers first."
        )


def migrate_to(connection: BaseDatabaseWrapper, migrations: Iterable[Migration]) -> None:
    """Create the tables as they are after some migrations, in a database without tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(_last_of(executor.loader, set(migrations)))


def migrate_to_newest(connection: BaseDatabaseWrapper) -> None:
    """Apply all migrations of this version."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def _last_of(loader: MigrationLoader, migrations: set[Migration]) -> list[Migration]:
    """Migrations that none of the same app among them follows; the executor would undo what follows a target."""
    followed = {
        parent.key
        for migration in migrations
        for parent in loader.graph.node_map[migration].parents
        if parent.key[0] == migration[0]
    }
    return sorted(migrations - followed)


def drop_tables(connection: BaseDatabaseWrapper, models_there: Iterable[Model]) -> None:
    """Drop the tables of models, and the record of migrations. Constraint checks must be off in SQLite."""
    existing = set(connection.introspection.table_names())
    tables = {model._meta.db_table for model in models_there} | {MigrationRecorder.Migration._meta.db_table}
    cascade = " CASCADE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for table in sorted(tables & existing):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}{cascade}")
