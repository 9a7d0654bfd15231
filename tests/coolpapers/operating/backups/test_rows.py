"""Every value of every kind of column comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, models
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.operating.backups.rows import READ_ROWS, RowDecoder, columns_of, encode_row, encode_rows
from coolpapers.papers.models import Category, Paper
from tests.coolpapers.papers.library import make_paper


class _Postgres:
    """The little that decoding asks of a connection, for tests that need no server."""

    vendor = "postgresql"
    ops = connection.ops


def decode(values: tuple[Any, ...], *fields: models.Field[Any, Any], vendor: Any = connection) -> list[Any]:
    return RowDecoder(fields, vendor).decode(encode_row(values))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON_VALUES)
def test_json_survives_with_large_integers_and_half_surrogates(value: Any) -> None:
    (stored,) = decode((value,), models.JSONField(null=True))
    assert (None if stored is None else json.loads(stored)) == value


@given(st.text(st.characters()))
def test_text_survives(text: str) -> None:
    assert decode((text,), models.TextField()) == [text]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC), models.DateTimeField()),
        (date(1066, 10, 14), models.DateField()),
        (timedelta(days=3, microseconds=7), models.DurationField()),
        (Decimal("1.10"), models.DecimalField(max_digits=5, decimal_places=2)),
        (UUID(int=7), models.UUIDField()),
        (b"\x00\xff", models.BinaryField()),
        (None, models.DateField(null=True)),
        (True, models.BooleanField()),
        (2**62, models.BigIntegerField()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_what_the_field_would_store(value: Any, field: models.Field[Any, Any]) -> None:
    (stored,) = decode((value,), field)
    assert stored == field.get_db_prep_save(value, connection)


def test_what_postgresql_cannot_store_is_replaced_and_counted() -> None:
    decoder = RowDecoder([models.TextField(), models.TextField()], _Postgres())  # type: ignore[arg-type]
    line = encode_row(("a\x00b", "whole \U0001f600 and \\u0000 written out"))
    assert decoder.decode(line) == ["a\ufffdb", "whole \U0001f600 and \\u0000 written out"]
    assert decoder.decode(encode_row(("half \ud83d", ""))) == ["half \ufffd", ""]
    assert decoder.n_replaced == 2


@pytest.mark.parametrize("line", [b"[1]\n", b'{"a":1}\n', b"[1,2,3]\n", b"[1,\n"])
def test_a_line_of_another_form_is_an_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"columns was expected|Expecting"):
        RowDecoder([models.IntegerField(), models.IntegerField()], connection).decode(line)


def test_a_value_without_a_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object cannot be stored in a backup"):
        encode_row((object(),))


@pytest.mark.django_db
def test_rows_come_in_batches_by_primary_key() -> None:
    Category.objects.bulk_create([Category(code=f"cs.{number}") for number in range(READ_ROWS + 1)])
    batches = list(encode_rows(Category))
    assert [n_rows for n_rows, _ in batches] == [READ_ROWS, 1]
    keys = [json.loads(line)[0] for _, lines in batches for line in lines.splitlines()]
    assert keys == sorted(keys)


@pytest.mark.django_db
def test_a_paper_comes_back_whole() -> None:
    paper = make_paper(title="Über $x^2$", keywords=["a", {"b": None}], submitted=None)
    before = Paper.objects.filter(pk=paper.pk).values().get()
    fields = columns_of(Paper)
    ((_, line),) = encode_rows(Paper)
    parameters = RowDecoder(fields, connection).decode(line)
    Paper.objects.all().delete()
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO papers_paper ({names}) VALUES ({', '.join(['%s'] * len(fields))})", parameters)
    assert Paper.objects.filter(pk=paper.pk).values().get() == before
    assert before["modified_at"] <= timezone.now()
