"""Read the whole database as it is at one moment, while others go on writing to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def consistent_reads() -> Iterator[BaseDatabaseWrapper]:
    """Within the block all queries of this thread see the database as it was when the block began.

    The block has a connection of its own: a read transaction in SQLite, which blocks no writer in WAL mode, and
    REPEATABLE READ in PostgreSQL. Writing in it is an error, or is lost.
    """
    own = connections[DEFAULT_DB_ALIAS]
    reading = _reading_connection(own)
    connections[DEFAULT_DB_ALIAS] = reading
    try:
        with transaction.atomic():
            with reading.cursor() as cursor:
                cursor.execute("SELECT 1 FROM django_migrations")  # the first read fixes the moment
                cursor.fetchone()
            yield reading
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        reading.close()


def _reading_connection(own: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    values: dict[str, Any] = copy.deepcopy({**own.settings_dict, "CONN_MAX_AGE": 0})
    options = values["OPTIONS"]
    if own.vendor == "sqlite":
        options["transaction_mode"] = "DEFERRED"  # IMMEDIATE would keep writers waiting
        # Each table is read once from start to end: pages in memory serve nobody a second time.
        options["init_command"] = f"{options.get('init_command', '')}PRAGMA mmap_size=0; PRAGMA cache_size=-8192;"
    elif own.vendor == "postgresql":
        from psycopg import IsolationLevel

        options.pop("pool", None)
        options["isolation_level"] = IsolationLevel.REPEATABLE_READ
    return type(own)(values, DEFAULT_DB_ALIAS)
