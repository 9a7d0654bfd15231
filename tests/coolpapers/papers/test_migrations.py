"""Libraries that were filled by an earlier version."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperSource
from tests.coolpapers.papers.make import record

TITLE = "Learning to parse sentences from very few trees"


@pytest.fixture
def earlier() -> Any:
    """The database as it was before records had keys of their own; brought up to date afterwards."""
    executor = MigrationExecutor(connection)
    executor.migrate([("papers", "0003_revision_marks")])
    yield executor.loader.project_state([("papers", "0003_revision_marks")]).apps
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


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
