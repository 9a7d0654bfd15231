"""Rows of a table as lines of JSON that any of our databases can take, and back.

A line is an array of the values of the table's columns, in the order that the manifest names. Dates and times are ISO
8601 with microseconds and zone, bytes are base64. Values are those of Django's fields: what differs between SQLite and
PostgreSQL (booleans, JSON, dates) is converted by the field when it is read and when it is written.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.duration import duration_iso_string

Row = tuple[Any, ...]
Model = type[models.Model]
Convert = Callable[[Any], Any]

READ_ROWS = 2_000
# Values that a driver takes as JSON holds them.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.FloatField)
# PostgreSQL stores no NUL in text, and no half of a surrogate pair. Both are written as \u… in JSON.
_REFUSED = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = (b"\\u0000", b"\\ud", b"\\uD")
_REPLACEMENT = "\ufffd"


def columns_of(model: Model) -> list[models.Field[Any, Any]]:
    """The stored columns of a table, without those that the database computes."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def encode_rows(model: Model) -> Iterator[tuple[int, bytes]]:
    """Number of rows and their lines, in batches by primary key. Memory use is constant."""
    names = [field.attname for field in columns_of(model)]
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=READ_ROWS)
    lines: list[bytes] = []
    for row in rows:
        lines.append(encode_row(row))
        if len(lines) == READ_ROWS:
            yield len(lines), b"".join(lines)
            lines = []
    if lines:
        yield len(lines), b"".join(lines)


def encode_row(row: Row) -> bytes:
    """One line. Text with half a surrogate pair and integers above 64 bits, which orjson refuses, are kept too."""
    try:
        return orjson.dumps(row, default=_encode_value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(row, default=_encode_value).encode() + b"\n"


def _encode_value(value: Any) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | memoryview() | bytearray():
            return base64.b64encode(bytes(value)).decode()
        case timedelta():
            return duration_iso_string(value)
        case Decimal() | UUID():
            return str(value)
    raise TypeError(f"{type(value).__name__} cannot be stored in a backup")


class RowDecoder:
    """Turns lines into the parameters of an INSERT for one database. ``n_replaced`` counts texts that were changed."""

    def __init__(self, fields: Sequence[models.Field[Any, Any]], connection: BaseDatabaseWrapper) -> None:
        self._converters = [
            (n, _converter(field, connection)) for n, field in enumerate(fields) if not _is_plain(field)
        ]
        self._n_columns = len(fields)
        self._needs_clean_text = connection.vendor == "postgresql"
        self.n_replaced = 0

    def decode(self, line: bytes) -> list[Any]:
        """Parameters in the order of the columns. Raises ValueError for a line of another form."""
        row: Any
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = json.loads(line)
        if not isinstance(row, list) or len(row) != self._n_columns:
            raise ValueError(f"a row of {self._n_columns} columns was expected")
        if self._needs_clean_text and any(escape in line for escape in _ESCAPED):
            row = list(map(self._cleaned, row))
        for number, convert in self._converters:
            row[number] = convert(row[number])
        return list(row)

    def _cleaned(self, value: Any) -> Any:
        match value:
            case str():
                cleaned = _REFUSED.sub(_REPLACEMENT, value)
                self.n_replaced += cleaned != value
                return cleaned
            case list():
                return [self._cleaned(part) for part in value]
            case dict():
                return {self._cleaned(name): self._cleaned(part) for name, part in value.items()}
        return value


def _is_plain(field: models.Field[Any, Any]) -> bool:
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return isinstance(target, _PLAIN)


def _converter(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert:
    return lambda value: field.get_db_prep_save(field.to_python(value), connection)
