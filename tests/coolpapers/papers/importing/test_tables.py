from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError

from coolpapers.papers.importing.tables import as_date, as_json, as_time, insert_rows, select_in, update_rows
from coolpapers.papers.models import Category, ImportRun, Paper, PaperVersion, Venue
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def test_rows_are_inserted_and_updated_by_primary_key() -> None:
    insert_rows(Category, ("code", "name"), [("cs.CL", "one"), ("cs.AI", "two")])
    first = Category.objects.get(code="cs.CL")
    update_rows(Category, ("name",), [("changed", first.pk)])
    names = dict(Category.objects.values_list("code", "name"))
    assert names == {"cs.AI": "two", "cs.CL": "changed"}


def test_values_come_back_as_django_reads_them() -> None:
    paper = make_paper()
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    update_rows(
        Paper,
        ("authors", "submitted", "updated", "created_at"),
        [(as_json(["Müller", 'Q"uote']), as_date(date(2024, 2, 29)), as_date(None), as_time(moment), paper.pk)],
    )
    paper.refresh_from_db()
    assert paper.authors == ["Müller", 'Q"uote']
    assert (paper.submitted, paper.updated, paper.created_at) == (date(2024, 2, 29), None, moment)


def test_conflicts_are_an_error_unless_they_are_to_be_passed_over() -> None:
    paper = make_paper()
    columns, rows = ("paper", "number", "note"), [(paper.pk, 1, "first"), (paper.pk, 1, "second")]
    insert_rows(PaperVersion, columns, rows, ignore_conflicts=True)
    assert PaperVersion.objects.get().note == "first"
    with pytest.raises(IntegrityError):
        insert_rows(PaperVersion, columns, rows)


def test_nothing_is_asked_of_the_database_for_no_rows(django_assert_num_queries: object) -> None:
    insert_rows(ImportRun, ("source",), [])
    update_rows(ImportRun, ("source",), [])
    assert not ImportRun.objects.exists()


def test_rows_are_selected_by_many_values_with_one_parameter(django_assert_num_queries: Any) -> None:
    for slug in ("a", "b", "c'\""):
        Venue.objects.create(slug=slug, name=slug.upper())
    with django_assert_num_queries(1):
        rows = select_in(Venue, ("slug", "name"), "slug", ["a", "c'\"", "none"])
    assert sorted(rows) == [("a", "A"), ("c'\"", "C'\"")]
    pks = list(Venue.objects.values_list("pk", flat=True))
    assert len(select_in(Venue, ("slug",), "pk", pks, tail=" AND slug > 'a'")) == 2
    assert select_in(Venue, ("slug",), "slug", []) == []
