"""The state of the library in numbers, also while a part is down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import Settings

from coolpapers.operating.watching.gauges import read_gauges
from coolpapers.papers.models import ImportRun
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def values() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {(s.name, s.labels): s.value for family in read_gauges() for s in family.samples}


def test_papers_imports_and_work_are_counted() -> None:
    paper = make_paper()
    ImportRun.objects.create(source="oai", location="x", finished=True, n_refused=3)
    ImportRun.objects.create(source="jsonl", location="y", finished=False)
    Summary.objects.create(paper=paper, language="en", requested_at=datetime(2026, 1, 1, tzinfo=UTC))
    found = values()
    assert found["coolpapers_papers", ()] == 1
    assert found["coolpapers_last_import_seconds", (("kind", "harvest"),)] > 1.7e9
    assert found["coolpapers_last_import_seconds", (("kind", "import"),)] == 0
    assert found["coolpapers_unfinished_imports", (("kind", "import"),)] == 1
    assert found["coolpapers_refused_records", (("kind", "harvest"),)] == 3
    assert found["coolpapers_work", (("state", "queued"), ("work", "summaries"))] == 1
    assert found["coolpapers_oldest_work_seconds", (("work", "summaries"),)] > 0
    assert found["coolpapers_disk_free_bytes", ()] > 0


def test_without_an_index_the_rest_is_told() -> None:
    found = values()
    assert found["coolpapers_part_up", (("part", "index"),)] == 0
    assert found["coolpapers_part_up", (("part", "library"),)] == 1
    assert ("coolpapers_index_lag", ()) not in found


def test_without_a_database_the_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("coolpapers.operating.watching.gauges.Paper.objects.count", fail)
    found = values()
    assert found["coolpapers_part_up", (("part", "library"),)] == 0
    assert found["coolpapers_part_up", (("part", "disk"),)] == 1


def test_the_age_of_the_newest_backup(tmp_path: Path, settings: Settings) -> None:
    settings.BACKUP_DIR = str(tmp_path)
    assert values()["coolpapers_last_backup_seconds", ()] == 0
    (tmp_path / "coolpapers-2026-11-30.zip").write_text("", encoding="utf-8")
    assert values()["coolpapers_last_backup_seconds", ()] > 1.7e9
