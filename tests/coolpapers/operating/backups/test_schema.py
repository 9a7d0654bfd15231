"""Tables by migrations: the present ones, older ones, and those of a newer version."""

from __future__ import annotations

import pytest
from django.db import connection

from coolpapers.operating.backups.schema import applied_migrations, check_known, label_of, models_at
from coolpapers.operating.errors import BackupFailed, BackupUnreadable

pytestmark = pytest.mark.django_db


def test_all_tables_are_named_also_those_between_two_models() -> None:
    labels = {label_of(model) for model in models_at(connection, applied_migrations(connection))}
    assert {"papers.paper", "people.item", "reading.summary", "api.apitoken", "auth.user", "auth.user_groups"} <= labels
    tables = {model._meta.db_table for model in models_at(connection, applied_migrations(connection))}
    assert tables == set(connection.introspection.table_names()) - {"django_migrations"}


def test_an_older_state_has_its_own_columns() -> None:
    older = [migration for migration in applied_migrations(connection) if migration[0] != "papers"]
    older = [migration for migration in older if migration[0] not in ("reading", "people", "api")]
    models = {label_of(model): model for model in models_at(connection, [*older, ("papers", "0001_initial")])}
    assert "papers.revisionmark" not in models
    assert "kind" not in {field.name for field in models["papers.paper"]._meta.get_fields()}


def test_a_newer_versions_migration_is_named() -> None:
    newer = [*applied_migrations(connection), ("papers", "9999_later")]
    with pytest.raises(BackupFailed, match=r"papers\.9999_later is unknown here"):
        models_at(connection, newer)
    with pytest.raises(BackupUnreadable, match="upgrade coolpapers first"):
        check_known(connection, newer)
    check_known(connection, newer[:-1])
