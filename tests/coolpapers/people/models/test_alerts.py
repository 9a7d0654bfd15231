from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from coolpapers.people.models import AlertState, OpenMail, SentPaper
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_a_paper_is_remembered_once_for_each_reader() -> None:
    user, other = make_user(), make_user()
    for reader in (user, other):
        SentPaper.objects.create(user=reader, key="arxiv:1", sent_at=timezone.now())
    with pytest.raises(IntegrityError):
        SentPaper.objects.create(user=user, key="arxiv:1", sent_at=timezone.now())


def test_a_reader_has_one_open_mail() -> None:
    user = make_user()
    OpenMail.objects.create(user=user, message_id="<1@here>")
    with pytest.raises(IntegrityError):
        OpenMail.objects.create(user=user, message_id="<2@here>")


def test_alert_state_is_deleted_with_the_reader() -> None:
    user = make_user()
    AlertState.objects.create(user=user)
    OpenMail.objects.create(user=user, message_id="<1@here>")
    SentPaper.objects.create(user=user, key="arxiv:1", sent_at=timezone.now())
    user.delete()
    assert not any(model.objects.exists() for model in (AlertState, OpenMail, SentPaper))
