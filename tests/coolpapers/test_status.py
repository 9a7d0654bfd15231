"""``/status``: what is missing or does not work, for librarians only, with the cure of each."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from coolpapers import status
from coolpapers.celery import app as celery_app
from coolpapers.management.diagnosis import BROKEN, OK, Finding, diagnose
from coolpapers.management.findings import PARTS
from coolpapers.operating.models import AuditedDay
from coolpapers.operating.tasks import harvest_day
from coolpapers.papers.models import ImportProblem, ImportRun
from tests.celery_broker import broker_of
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _checks(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [Finding("disk", OK, "5 GB are free."), Finding("index", BROKEN, "Missing <b>.", "manage.py update_index")]
    monkeypatch.setattr(status, "diagnose", lambda: parts)
    status.findings.forget()
    cache.clear()


@pytest.fixture
def staff(client: Client, settings: Settings) -> Client:
    settings.ACCOUNTS = "open"
    client.force_login(User.objects.create_user("librarian", is_staff=True))
    return client


def test_others_do_not_see_it(client: Client, settings: Settings) -> None:
    settings.ACCOUNTS = "open"
    assert client.get("/status").status_code == 403
    assert client.post("/status/harvest", {"day": "2026-03-02"}).status_code == 403
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/status").status_code == 403
    settings.ACCOUNTS = "off"
    client.logout()
    assert client.get("/status", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    assert client.get("/status").status_code == 200


def test_problems_come_first_with_their_cures(staff: Client) -> None:
    page = staff.get("/status").text
    assert page.index("Missing &lt;b&gt;.") < page.index("5 GB are free.")
    assert "<code>manage.py update_index</code>" in page


def test_checks_run_again_on_demand(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    staff.get("/status")
    monkeypatch.setattr(status, "diagnose", lambda: [Finding("disk", OK, "Mended.")])
    assert "Mended." not in staff.get("/status").text
    assert "Mended." in staff.get("/status?check=now", follow=True).text


def test_refused_records_are_shown_with_their_reasons(staff: Client) -> None:
    run = ImportRun.objects.create(source="jsonl", location="/data/x.jsonl", n_refused=7, finished=True)
    for number in range(7):
        ImportProblem.objects.create(
            run=run, refused=True, location="x.jsonl", line=number, reason=f"No title <{number}>."
        )
    ImportProblem.objects.create(run=run, refused=False, location="x.jsonl", line=9, field="doi", reason="Odd DOI.")
    page = staff.get("/status").text
    assert "No title &lt;4&gt;." in page
    assert "No title &lt;5&gt;." not in page
    assert "Odd DOI." not in page
    ImportRun.objects.update(finished=False)
    assert "not finished: run the command again" in staff.get("/status").text


def test_a_gap_is_harvested_again_once(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[str] = []
    monkeypatch.setattr(harvest_day, "delay", queued.append)
    day = timezone.localdate() - timedelta(days=3)
    make_paper(day=day)
    AuditedDay.objects.create(location="x", day=day, n_listed=3, n_missing=2, checked_at=timezone.now())
    assert "Harvest again" not in staff.get("/status").text  # nothing to harvest from
    ImportRun.objects.create(source="oai", location="http://127.0.0.1:9/oai#arXiv/cs//")
    page = staff.get("/status").text
    assert f'<input type="hidden" name="day" value="{day}">' in page
    for _ in range(2):
        answer = staff.post("/status/harvest", {"day": day.isoformat()}, follow=True)
        assert f"The harvest of {day} is queued." in answer.text
    assert queued == [day.isoformat()]


@pytest.mark.parametrize("day", ["", "soon", "2001-01-01", "9999-12-31"])
def test_another_day_is_refused(staff: Client, day: str) -> None:
    ImportRun.objects.create(source="oai", location="http://127.0.0.1:9/oai#arXiv/cs//")
    assert staff.post("/status/harvest", {"day": day}).status_code == 400


def test_the_form_needs_its_token(settings: Settings) -> None:
    settings.ACCOUNTS = "open"
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("librarian", is_staff=True))
    assert client.post("/status/harvest", {"day": "2026-03-02"}).status_code == 403


def test_a_dead_broker_is_told(staff: Client, settings: Settings) -> None:
    with broker_of(celery_app, settings, "redis://127.0.0.1:9/0"):
        assert "The broker does not answer" in staff.get("/status").text


@pytest.mark.parametrize("is_well", [True, False])
def test_a_chinese_page_has_no_english_sentence_of_doctor(
    staff: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_well: bool
) -> None:
    """Neither of a new site nor of one whose parts fail; paths, commands and what other programs say are code."""
    settings.DATA_DIR = tmp_path if is_well else tmp_path / "absent"
    settings.SEARCH_MODE = "bm25" if is_well else "magic"
    options = {"path": tmp_path / "vectors", "model": tmp_path / "absent"}
    if not is_well:
        settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": options}}
    monkeypatch.setattr(status, "diagnose", diagnose)
    with broker_of(celery_app, settings, "" if is_well else "redis://127.0.0.1:9/0"):
        page = staff.get("/status", headers={"Accept-Language": "zh-hans"}).text
    checks = page[page.index('id="checks"') : page.index('id="days"')]
    assert checks.count("<tr>") == 1 + len(PARTS)
    texts = re.sub(r"<[^>]+>", " ", re.sub(r"<code.*?</code>", "", checks)).replace(str(tmp_path), "")
    assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", texts) == []
