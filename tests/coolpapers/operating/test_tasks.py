"""The scheduled backup."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from coolpapers.operating.backups.archive import open_archive
from coolpapers.operating.models import AuditedDay
from coolpapers.operating.tasks import audit_library, back_up, harvest_day
from coolpapers.papers.harvesting.fetching import PoliteClient, Timing
from coolpapers.papers.models import ImportRun
from tests.coolpapers.operating.sites import fill_site
from tests.coolpapers.papers.harvesting.oai_server import (
    Answer,
    header_xml,
    headers_xml,
    page_xml,
    record_xml,
    serving,
)

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


def test_a_day_is_harvested_again_from_every_repository(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "coolpapers.operating.tasks.polite_client",
        lambda: PoliteClient(timing=Timing(clock=time.monotonic, sleep=lambda _s: None, now=timezone.now), n_tries=2),
    )
    ImportRun.objects.create(source="oai", location="http://127.0.0.1:9/oai#arXiv///")
    answers = Answer(page_xml([record_xml("2405.00001")])), Answer(headers_xml([header_xml("2405.00001")]))
    with serving(*answers) as server:
        ImportRun.objects.create(source="oai", location=f"{server.url}#arXiv/cs//")
        assert harvest_day("2024-05-28") == 1
    assert "http://127.0.0.1:9/oai was not harvested again for 2024-05-28" in caplog.text
    (row,) = AuditedDay.objects.all()
    assert (row.day.isoformat(), row.n_listed, row.n_missing) == ("2024-05-28", 1, 0)


def test_audits_are_off_unless_asked_for(settings: Settings) -> None:
    settings.AUDIT_DAYS = 0
    with serving(Answer(headers_xml([]))) as server:
        ImportRun.objects.create(source="oai", location=f"{server.url}#arXiv/cs//")
        assert audit_library() == 0
    assert server.asked == []


def test_an_audit_runs_once_a_day_and_mails_what_is_missing(settings: Settings) -> None:
    settings.AUDIT_DAYS, settings.AUDIT_HOUR = 7, 0
    User.objects.create_user("admin", "admin@example.org", is_staff=True)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    with serving(Answer(headers_xml([header_xml("2405.00001", datestamp=yesterday)]))) as server:
        ImportRun.objects.create(source="oai", location=f"{server.url}#arXiv/cs//")
        assert audit_library() == 1
        assert audit_library() == 0
    assert len(server.asked) == 1
    assert AuditedDay.objects.count() == 7
    assert ["arxiv:2405.00001" in message.body for message in mail.outbox] == [True]
