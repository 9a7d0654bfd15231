"""Django's backend for SQLite, which goes on reading where the disk is read-only or full.

Django loads a backend by the name of its folder, from a module of this name.
"""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection, OperationalError
from typing import Any

from django.db.backends.sqlite3 import base

from coolpapers.base.sqlite.opening import Opening, choose_lockless, choose_opening

# What SQLite says where -shm cannot grow (a full disk), and where neither file can be created.
_NO_INDEX = ("disk I/O error", "database or disk is full", "unable to open database file")
# Only an exclusive connection may keep its index of -wal in memory; it has to say so before its first query.
_EXCLUSIVE = "PRAGMA locking_mode=EXCLUSIVE"
_READING_COMMANDS = (
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
    "SELECT 1 FROM sqlite_master LIMIT 1",  # opens the files now, where another way can be tried
)


class DatabaseWrapper(base.DatabaseWrapper):
    """``opening`` is the way in which the newest connection was opened."""

    opening = Opening.WRITABLE

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        if self.is_in_memory_db():
            return self._connect(conn_params)
        path = Path(str(conn_params["database"]))
        try:
            return self._open(conn_params, path, choose_opening(path))
        except OperationalError as exc:
            if str(exc) not in _NO_INDEX or not path.is_file():
                raise
        return self._open(conn_params, path, choose_lockless(path))

    def _open(self, conn_params: dict[str, Any], path: Path, opening: Opening) -> Connection:
        self.opening = opening
        if opening is Opening.WRITABLE:
            return self._connect(conn_params)
        self.init_commands = [*([_EXCLUSIVE] if opening is Opening.PRIVATE else []), *_READING_COMMANDS]
        self.transaction_mode = "DEFERRED"  # a block that only reads needs no write lock
        return self._connect({**conn_params, "database": opening.uri(path)})

    def _connect(self, conn_params: dict[str, Any]) -> Connection:
        connection: Connection = super().get_new_connection(conn_params)
        return connection
