from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from coolpapers.operating.models import Lease


@pytest.mark.django_db
def test_a_lease_has_one_row() -> None:
    lease = Lease.objects.create(name="work", holder="one", expires_at=timezone.now())
    assert str(lease) == "work: one"
    with pytest.raises(IntegrityError):
        Lease.objects.create(name="work", holder="other", expires_at=timezone.now())
