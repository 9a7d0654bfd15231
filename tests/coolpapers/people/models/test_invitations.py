from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from coolpapers.people.models import UsedInvitation

pytestmark = pytest.mark.django_db


def test_a_name_is_recorded_once() -> None:
    UsedInvitation.objects.create(digest="0" * 64, used_at=timezone.now())
    with transaction.atomic(), pytest.raises(IntegrityError):
        UsedInvitation.objects.create(digest="0" * 64, used_at=timezone.now())
