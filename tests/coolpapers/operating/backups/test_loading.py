"""Rows of a backup in the database: of an older version, and those that the database refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from coolpapers.operating.backups.archive import ArchiveWriter, Manifest, Table, open_archive
from coolpapers.operating.backups.loading import fill_database, stored_rows
from coolpapers.operating.backups.rows import columns_of
from coolpapers.operating.backups.schema import applied_migrations, label_of, models_at
from coolpapers.operating.errors import BackupUnreadable, RestoreFailed
from coolpapers.papers.models import Category, Paper, PaperCategory
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db(transaction=True)

# The first state with papers: before kinds, identity keys and revision marks.
OLDER = ("papers", "0002_details_and_problems")


def write_backup(path: Path, migrations: list[tuple[str, str]], rows: dict[str, list[dict[str, object]]]) -> None:
    """An archive with some rows, in the columns that the tables had then."""
    models = {label_of(model): model for model in models_at(connection, migrations)}
    writer, tables = ArchiveWriter(path), []
    for label, values in rows.items():
        names = tuple(field.attname for field in columns_of(models[label]))
        lines = [json.dumps([row.get(name, "") for name in names]).encode() + b"\n" for row in values]
        writer.write(f"tables/{label}.jsonl", lines)
        tables.append(Table(label, names, len(lines)))
    manifest = Manifest("0.1.0", "", "sqlite", tuple(migrations), tuple(tables), members=dict(writer.members))
    writer.finish(manifest)


def fill(path: Path) -> None:
    with open_archive(path) as archive:
        fill_database(archive, progress=lambda _n_rows: None, before_commit=lambda: None)


def older_migrations() -> list[tuple[str, str]]:
    return [migration for migration in applied_migrations(connection) if migration[0] != "papers"] + [
        ("papers", "0001_initial"),
        OLDER,
    ]


def paper_row(number: int) -> dict[str, object]:
    day = "2026-03-02"
    numbers = {
        "id": number,
        "revision": number,
        "year": 2026,
        "venue_id": None,
        "venue_year": None,
        "n_citations": None,
    }
    dates = {"submitted": day, "updated": None, "announced": day, "created_at": f"{day}T00:00:00+00:00"}
    lists: dict[str, object] = {name: [] for name in ("categories", "keywords", "edited", "editors", "affiliations")}
    return {
        **numbers,
        **dates,
        **lists,
        "report_numbers": [],
        "modified_at": f"{day}T00:00:00.000001+00:00",
        "key": f"arxiv:2603.{number:05}",
        "title": f"Paper {number}",
        "authors": ["Ada Lovelace"],
        "withdrawn": False,
    }


def test_an_older_versions_rows_are_migrated(tmp_path: Path) -> None:
    migrations = older_migrations()
    write_backup(
        tmp_path / "b.zip",
        migrations,
        {"papers.paper": [paper_row(1), paper_row(2)], "papers.sequence": [{"name": "revision", "value": 2}]},
    )
    fill(tmp_path / "b.zip")
    assert [paper.title for paper in Paper.objects.order_by("pk")] == ["Paper 1", "Paper 2"]
    assert Paper.objects.get(pk=1).modified_at.microsecond == 1  # as it was, not the time of restoring
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM papers_revisionmark")  # made by a later migration, for old revisions
        assert cursor.fetchone() == (1,)
    assert set(applied_migrations(connection)) > set(migrations)


def test_a_reference_to_a_missing_row_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    paper = make_paper()
    row: dict[str, object] = {"id": 9, "paper_id": 4711, "category_id": 4712, "position": 0, "announced": None}
    write_backup(tmp_path / "b.zip", applied_migrations(connection), {"papers.papercategory": [row]})
    with pytest.raises(RestoreFailed, match="refers to a missing one"):
        fill(tmp_path / "b.zip")
    assert Paper.objects.get() == paper


def test_a_row_that_is_there_twice_names_its_table(tmp_path: Path) -> None:
    rows = [{"id": 1, "code": "cs.CL"}, {"id": 2, "code": "cs.CL"}]
    write_backup(tmp_path / "b.zip", applied_migrations(connection), {"papers.category": rows})
    with pytest.raises(RestoreFailed, match=r"refuses a row of papers\.category: UNIQUE"):
        fill(tmp_path / "b.zip")
    assert stored_rows() == {}


def test_a_line_that_is_no_row_names_its_place(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"id": 1, "code": "a"}, {"id": 2, "code": "b"}]
    write_backup(tmp_path / "b.zip", applied_migrations(connection), {"papers.category": rows})
    with open_archive(tmp_path / "b.zip") as archive:
        (table,) = archive.manifest.tables
        broken = Table(table.model, table.columns[:2], table.n_rows)
        archive.manifest = replace(archive.manifest, tables=(broken,))
        with pytest.raises(BackupUnreadable, match=r"Row 1 of papers\.category cannot be read"):
            fill_database(archive, progress=lambda _n_rows: None, before_commit=lambda: None)


def test_constraints_are_checked_again_afterwards(tmp_path: Path) -> None:
    write_backup(tmp_path / "b.zip", applied_migrations(connection), {"papers.category": [{"id": 1, "code": "cs.CL"}]})
    fill(tmp_path / "b.zip")
    assert Category.objects.get().code == "cs.CL"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone() == (1,)
    assert not PaperCategory.objects.exists()


def test_rows_are_counted_but_not_those_of_every_site() -> None:
    assert stored_rows() == {}
    make_paper()
    assert stored_rows()["papers.paper"] == 1
    assert "auth.permission" not in stored_rows()
