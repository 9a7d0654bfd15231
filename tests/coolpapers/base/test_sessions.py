from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from coolpapers.base.outages import Outage
from coolpapers.base.sessions import SessionStore

pytestmark = pytest.mark.django_db


def make_session() -> SessionStore:
    session = SessionStore()
    session["who"] = "ada"
    session.save()
    return session


def test_an_ended_session_is_deleted() -> None:
    session = make_session()
    session.flush()
    assert (session.outage, session.session_key, Session.objects.count()) == (None, None, 0)


def test_a_session_ends_although_its_row_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader with an invalid session meets on a read-only disk; the disk itself: tests/coolpapers/disks."""
    session = make_session()

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(SessionStore, "delete", fail)
    session.flush()
    assert (session.outage, session.session_key, "who" in session) == (Outage.READ_ONLY, None, False)


def test_other_errors_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("too many SQL variables")

    monkeypatch.setattr(SessionStore, "delete", fail)
    with pytest.raises(OperationalError):
        make_session().flush()
