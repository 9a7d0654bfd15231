from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.people.models import AlertState, OpenMail
from coolpapers.people.searches.subscriptions import (
    read_token,
    start_alerts,
    stop_alerts,
    unsubscribe_address,
    unsubscribe_token,
)
from tests.coolpapers.people.alerts.alerting import after
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_a_token_identifies_its_reader_without_expiry() -> None:
    user, other = make_user(), make_user()
    assert read_token(unsubscribe_token(user)) == user
    assert read_token(unsubscribe_token(other)) == other
    token = unsubscribe_token(user)
    user.delete()
    assert read_token(token) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(st.text(max_size=40))
def test_an_unsigned_token_is_invalid(text: str) -> None:
    assert read_token(text) is None
    assert read_token(f"1:{text}") is None


def test_the_address_is_absolute(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    assert unsubscribe_address(make_user()).startswith("https://papers.example.org/me/alerts/stop/")


def test_stopping_discards_the_open_mail_and_starting_skips_the_pause() -> None:
    user = make_user()
    OpenMail.objects.create(user=user)
    stop_alerts(user, now=after(1))
    assert not OpenMail.objects.exists()
    assert AlertState.objects.get().stopped_at == after(1)
    start_alerts(user, now=after(9))
    state = AlertState.objects.get()
    assert (state.stopped_at, state.checked_at) == (None, after(9))
