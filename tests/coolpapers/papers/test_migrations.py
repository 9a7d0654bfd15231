"""Libraries that were filled by an earlier version."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperCategory, PaperSource
from tests.coolpapers.papers.make import record

TITLE = "Learning to parse sentences from very few trees"


@contextmanager
def database_at(name: str) -> Iterator[Any]:
    """The models of a database as it was after a migration; it is brought up to date afterwards."""
    executor = MigrationExecutor(connection)
    executor.migrate([("papers", name)])
    yield executor.loader.project_state([("papers", name)]).apps
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def earlier() -> Iterator[Any]:
    """The database as it was before records had keys of their own."""
    with database_at("0003_revision_marks") as models:
        yield models


@pytest.fixture
def before_lists() -> Iterator[Any]:
    """The database as it was before category rows had the day of their paper."""
    with database_at("0010_sort_names") as models:
        yield models


@pytest.mark.django_db(transaction=True)
def test_records_of_an_earlier_library_are_found(earlier: Any) -> None:
    papers, sources = earlier.get_model("papers", "Paper"), earlier.get_model("papers", "PaperSource")
    row = {"title": TITLE, "authors": ["Ada Example"], "doi": "10.1000/1", "match_key": "old", "revision": 1}
    paper = papers.objects.create(key="x:1", year=2020, **row)
    sources.objects.create(paper=paper, source="file", ident="x:1", key="x:1")
    said = {"title": "Another name of the same paper", "authors": [], "doi": "10.1000/2"}
    sources.objects.create(paper=paper, source="file", ident="x:2", key="x:2", record=said)

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    first, second = PaperSource.objects.order_by("pk")
    assert None not in (first.title_key, first.authors_key, second.title_key)
    assert (first.doi, second.doi, second.authors_key) == ("10.1000/1", "10.1000/2", None)
    assert Paper.objects.get().match_key not in ("", "old")
    upsert_records([record(key="x:3", title=TITLE, authors=["Ada Example"], year=2020)])
    assert set(Paper.objects.get(key="x:1").sources.values_list("key", flat=True)) == {"x:1", "x:3"}
    assert PaperSource.objects.get(key="x:2").paper.key == "x:2"  # joined by an earlier rule, without evidence


def indexed_columns(model: type[Model]) -> set[tuple[str | None, ...]]:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return {tuple(found["columns"]) for found in constraints.values() if found["index"]}


@pytest.mark.django_db(transaction=True)
def test_category_rows_of_an_earlier_library_get_the_day_of_their_paper(
    before_lists: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = importlib.import_module("coolpapers.papers.migrations.0011_lists_by_category_and_day")
    monkeypatch.setattr(migration, "BATCH", 2)
    papers, categories = before_lists.get_model("papers", "Paper"), before_lists.get_model("papers", "Category")
    rows = before_lists.get_model("papers", "PaperCategory")
    both = [categories.objects.create(code=code) for code in ("cs.AI", "cs.LG")]
    days = [date(2024, 1, 1), None, date(2024, 1, 3), date(2024, 1, 3), date(2024, 1, 5)]
    for number, day in enumerate(days):
        paper = papers.objects.create(key=f"x:{number}", title=TITLE, announced=day, revision=1)
        for category in both:
            rows.objects.create(paper=paper, category=category)
    papers.objects.filter(key="x:3").delete()  # row numbers have a gap

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    for paper in Paper.objects.all():
        assert set(paper.category_rows.values_list("announced", flat=True)) == {paper.announced}
    assert not PaperCategory.misdated(PaperCategory.objects.all()).exists()
    assert ("announced",) not in indexed_columns(Paper)
    assert ("category_id", "announced", "paper_id") in indexed_columns(PaperCategory)
    assert not {("category_id",), ("paper_id",)} & indexed_columns(PaperCategory)

    MigrationExecutor(connection).migrate([("papers", "0010_sort_names")])
    assert ("announced",) in indexed_columns(Paper)
    assert {("category_id",), ("paper_id",)} <= indexed_columns(PaperCategory)
