from __future__ import annotations

import pytest

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.importing.stored_records import load_records, load_versions
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import Version, content_of
from tests.coolpapers.papers.make import record


@pytest.mark.django_db
def test_a_record_alone_is_what_its_paper_says() -> None:
    alone = record(key="arxiv:2603.00001", versions=[Version(1), Version(2)], keywords=["a"])
    upsert_records([alone, record()])
    papers = {paper.pk: paper for paper in Paper.objects.select_related("venue")}
    stored = load_records(papers, load_versions(papers))
    assert len(stored) == 2
    assert {**stored[alone.key].content, "keywords": ("a",)} == {
        name: list(value) if isinstance(value, tuple) and name != "keywords" else value
        for name, value in content_of(alone).items()
    }
    assert stored[alone.key].versions == [Version(1), Version(2)]
