from __future__ import annotations

import pytest
from django.db import IntegrityError

from coolpapers.people.models import SharedCollection
from coolpapers.people.models.sharing import make_token
from tests.coolpapers.people.make import make_user


def test_tokens_are_long_and_unique() -> None:
    tokens = {make_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(map(len, tokens)) >= 20


@pytest.mark.django_db
def test_a_collection_has_one_link() -> None:
    user = make_user()
    SharedCollection.objects.create(user=user, collection="c1")
    with pytest.raises(IntegrityError):
        SharedCollection.objects.create(user=user, collection="c1")
