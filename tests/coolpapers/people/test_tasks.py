from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from coolpapers.base.background import queue_of
from coolpapers.people.models import AlertState
from coolpapers.people.tasks import send_due_digests
from tests.coolpapers.people.alerts.alerting import come_in, make_reader

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
