from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from coolpapers.people.models import ProviderIdentity
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_one_subject_of_an_issuer_is_of_one_account() -> None:
    ProviderIdentity.objects.create(user=make_user(), issuer="https://i", subject="1")
    ProviderIdentity.objects.create(user=make_user(), issuer="https://j", subject="1")
    with transaction.atomic(), pytest.raises(IntegrityError):
        ProviderIdentity.objects.create(user=make_user(), issuer="https://i", subject="1")
