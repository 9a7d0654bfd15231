"""Stands for PostgreSQL where its driver is missing, so that ``doctor``, ``/readyz`` and pages can say so.

Django loads the driver with the first model: without this, no command would come to a line of its own. Every use of the
database raises ImproperlyConfigured. Django loads a backend by the name of its folder, from a module of this name.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.dummy import base


def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
    raise ImproperlyConfigured("The driver psycopg of PostgreSQL is not installed.")


class DatabaseOperations(base.DatabaseOperations):
    quote_name = refuse


class DatabaseWrapper(base.DatabaseWrapper):
    _cursor = ensure_connection = _commit = _savepoint_commit = _set_autocommit = refuse
    ops_class = DatabaseOperations
