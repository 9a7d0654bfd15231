from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from coolpapers.papers.importing import rows
from coolpapers.papers.importing.rows import (
    PaperContent,
    PaperTables,
    SourceState,
    content_from_json,
    content_of_paper,
)
from coolpapers.papers.importing.tables import as_json
from coolpapers.papers.models import Category, Paper, PaperSource, Venue
from coolpapers.papers.records.record import PAPER_FIELDS, content_of
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)

FULL = {
    "key": "acl:2024.acl-long.1", "title": "A title with $x$ and ü", "abstract": "One.\n\nTwo.",
    "abstract_label": "ours",
    "authors": ["Ada Example", "Bo Müller"], "year": 2024, "submitted": "2024-01-01", "updated": "2024-02-01",
    "announced": "2024-01-02", "categories": ["cs.CL", "cs.AI"], "venue": "ACL 2024", "comment": "12 pages",
    "journal_ref": "J. T. 1", "doi": "10.1000/x", "arxiv_id": "2401.00001", "page_url": "https://example.org/1",
    "pdf_url": "https://example.org/1.pdf", "code_url": "https://example.org/code", "keywords": ["a"], "tldr": "short",
    "n_citations": 5,
}  # fmt: skip


def insert(content: dict[str, object], key: str = "k") -> Paper:
    with transaction.atomic():
        PaperTables(now=NOW).insert_papers({key: PaperContent.of(content)}, first_revision=7)
    return Paper.objects.select_related("venue").get(key=key)


def test_content_comes_back_from_the_row_as_it_went_in() -> None:
    content = content_of(record(**FULL))
    paper = insert(content)
    back = content_of_paper(paper)
    assert as_json(back) == as_json(content)
    assert PaperContent.of(back) == PaperContent(back, paper.match_key, paper.content_hash)
    assert paper.revision == 7


def test_content_comes_back_from_a_source_s_json() -> None:
    content = content_of(record(**FULL))
    paper = insert(content)
    tables = PaperTables(now=NOW)
    tables.insert_sources([(SourceState(paper.pk, "hash", content, 1, None, ""), record(**FULL))])
    stored = PaperSource.objects.get().record
    assert stored is not None
    back = content_from_json(stored)
    assert list(back) == list(PAPER_FIELDS)
    assert as_json(back) == as_json(content)
    assert back["submitted"] == content["submitted"]


def test_names_of_venues_and_categories_are_made_once() -> None:
    tables = PaperTables(now=NOW)
    for number, key in enumerate("ab"):
        content = content_of(record(venue="ICLR 2025", categories=["cs.CL", "own"]))
        tables.insert_papers({key: PaperContent.of(content)}, first_revision=number)
    assert Venue.objects.get().name == "International Conference on Learning Representations"
    assert dict(Category.objects.values_list("code", "name")) == {"cs.CL": "Computation and Language", "own": ""}


def test_columns_are_those_of_the_model() -> None:
    columns = {field.name for field in Paper._meta.concrete_fields}
    assert set(rows._COLUMNS) | {"id", "key", "edited", "created_at"} == columns
