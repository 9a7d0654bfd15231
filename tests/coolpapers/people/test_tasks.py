from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from coolpapers.base.background import queue_of
from coolpapers.people.models import AlertState, UsedInvitation
from coolpapers.people.tasks import delete_expired, send_due_digests
from tests.coolpapers.people.alerts.alerting import come_in, make_reader
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_the_daily_mail_goes_out_once_a_day(
    index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    index_papers()
    settings.DIGEST_HOUR = 6
    now = [dt.datetime(2026, 3, 2, 5, tzinfo=dt.UTC)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    make_reader("graphs")
    come_in("Graphs one", on=0.5)
    assert send_due_digests() == 1
    come_in("Graphs two", on=1)
    assert send_due_digests() == 0  # looked at since 6 o'clock yesterday
    now[0] += dt.timedelta(hours=1)
    assert send_due_digests() == 1
    assert [len(message.to) for message in mail.outbox] == [1, 1]


def test_a_failed_mail_is_retried_by_the_next_run(
    index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index_papers()
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 3, 2, 5, tzinfo=dt.UTC))
    reader = make_reader("graphs")
    come_in("Graphs", on=0.5)
    reader.email = "no\naddress"
    reader.save()
    assert send_due_digests() == 0
    assert "was not sent" in caplog.text
    assert AlertState.objects.get().checked_at is None


def test_mails_have_a_queue_of_their_own() -> None:
    assert queue_of("coolpapers.people.tasks.send_due_digests") == "mail"


def test_expired_sessions_and_used_invitations_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    for name in ("ada", "eve"):
        reader = make_user(name)
        Client().force_login(reader)
        reader.delete()
        monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(days=15))
    assert (Session.objects.count(), UsedInvitation.objects.count()) == (2, 2)
    assert delete_expired() == 2
    assert (Session.objects.count(), UsedInvitation.objects.count()) == (1, 1)
    assert delete_expired() == 0
