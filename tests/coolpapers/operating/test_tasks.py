"""The scheduled backup."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pytest_django import Settings

from coolpapers.operating.backups.archive import open_archive
from coolpapers.operating.tasks import back_up
from tests.coolpapers.operating.sites import fill_site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.BACKUP_HOUR = 0
    return tmp_path / "backups"


def test_without_a_folder_none_is_made(settings: Settings) -> None:
    settings.BACKUP_DIR = ""
    assert back_up() is False


def test_one_is_made_a_day_and_old_ones_go(folder: Path, settings: Settings) -> None:
    fill_site(settings.DATA_DIR)
    folder.mkdir()
    for number in range(1, 20):
        (folder / f"coolpapers-2020-01-{number:02}.zip").write_text("old", encoding="utf-8")
    settings.BACKUP_DAILY, settings.BACKUP_WEEKLY = 2, 0
    assert back_up() is True
    older, newest = sorted(folder.iterdir())
    assert older.name == "coolpapers-2020-01-19.zip"
    with open_archive(newest) as archive:
        archive.verify()
        assert archive.manifest.parts == ("database", "files")
    assert back_up() is False


def test_a_failure_is_logged_and_deletes_nothing(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    folder.mkdir()
    (folder / "coolpapers-2020-01-01.zip").write_text("old", encoding="utf-8")
    settings.BACKUP_DIR = str(folder / "coolpapers-2020-01-01.zip")  # no folder
    with caplog.at_level(logging.ERROR):
        assert back_up() is False
    assert "The scheduled backup failed" in caplog.text
    assert (folder / "coolpapers-2020-01-01.zip").read_text(encoding="utf-8") == "old"
