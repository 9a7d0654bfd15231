"""Rows written in bulk, past the model instances: an import of a million papers spends its time in SQL, not in Python.

``bulk_create`` builds an instance and a list of placeholders for each row and sends 27 papers a statement on SQLite;
``executemany`` with prepared rows takes a fifth of its time. Model signals and ``save`` are not called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, ignore_conflicts: bool = False
) -> None:
    """Insert rows whose values are in the order of ``columns`` (field attribute names) and prepared by ``as_*``
    below.
    """
    names = ", ".join(_column(model, name) for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    # Names come from the models, values go as parameters.
    _execute(f"INSERT INTO {table} ({names}) VALUES ({marks}){tail}", rows)  # noqa: S608


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Update rows by primary key: each row is the new values in the order of ``columns``, then the key."""
    sets = ", ".join(f"{_column(model, name)} = %s" for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    _execute(f"UPDATE {table} SET {sets} WHERE {_column(model, 'pk')} = %s", rows)  # noqa: S608


def select_in(
    model: type[models.Model], columns: Sequence[str], name: str, values: Iterable[int | str], *, tail: str = ""
) -> list[tuple[Any, ...]]:
    """Columns of the rows whose column ``name`` has one of the values, in no order.

    Values go as one parameter: Django's ``__in`` prepares and sends each for itself, which takes 5 µs a value.
    """
    wanted = list(values)
    if not wanted:
        return []
    marks = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    parameter = wanted if connection.vendor == "postgresql" else as_json(wanted)
    names = ", ".join(_column(model, column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Names and tail come from the code, values go as a parameter.
        cursor.execute(f"SELECT {names} FROM {table} WHERE {_column(model, name)} {marks}{tail}", [parameter])  # noqa: S608
        return list(cursor.fetchall())


def as_json(value: object) -> str:
    if value == []:
        return "[]"
    return orjson.dumps(value).decode()


def as_date(value: date | None) -> Any:
    return None if value is None else _adapt_date(value)


@lru_cache(maxsize=4096)
def _adapt_date(value: date) -> Any:
    """An import meets the same days again and again, and Django's way to the connection is long."""
    return connection.ops.adapt_datefield_value(value)


def as_time(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return connection.ops.quote_name(str(getattr(field, "column", name)))


def _execute(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    prepared = list(rows)
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(sql, prepared)
