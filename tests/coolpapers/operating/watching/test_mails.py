"""Mails about missing papers: to staff with an address, with what is missing and where to mend it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import Settings

from coolpapers.operating.models import AuditedDay
from coolpapers.operating.watching.mails import MAX_NAMED, mail_missing

pytestmark = pytest.mark.django_db


def audited(day: int, missing: list[str]) -> AuditedDay:
    return AuditedDay(
        location="https://example.org/oai cs",
        day=date(2026, 3, day),
        n_listed=50,
        n_missing=len(missing),
        missing=missing,
        checked_at=datetime(2026, 3, 27, tzinfo=UTC),
    )


@pytest.fixture(autouse=True)
def _people() -> None:
    User.objects.create_user("admin", "admin@example.org", is_staff=True)
    User.objects.create_user("quiet", "", is_staff=True)
    User.objects.create_user("left", "left@example.org", is_staff=True, is_active=False)
    User.objects.create_user("reader", "reader@example.org")


def test_staff_is_told_what_is_missing_and_where_to_mend_it(settings: Settings) -> None:
    settings.SITE_URL = "https://papers.example.org"
    many = [f"arxiv:2603.{number:05}" for number in range(MAX_NAMED + 5)]
    assert mail_missing([audited(3, many), audited(1, ["arxiv:2602.00001"]), audited(2, [])]) == 1
    (message,) = mail.outbox
    assert message.to == ["admin@example.org"]
    assert message.subject.endswith("26 papers are missing")
    assert message.body.index("2026-03-01: 1 of 50") < message.body.index("2026-03-03: 25 of 50")
    assert "2026-03-02" not in message.body
    assert "arxiv:2602.00001" in message.body
    assert many[MAX_NAMED] not in message.body
    assert "https://papers.example.org/status" in message.body


def test_nothing_missing_is_no_mail() -> None:
    assert mail_missing([audited(1, [])]) == 0
    assert mail.outbox == []


def test_a_mail_server_that_is_down_stops_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert mail_missing([audited(1, ["a"])]) == 0
    assert "The mail about missing papers to admin failed" in caplog.text
