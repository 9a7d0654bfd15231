from __future__ import annotations

import pytest
from django.db import IntegrityError

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def test_active_items_are_those_of_a_kind_that_are_not_deleted() -> None:
    user = make_user()
    star = keep(user, Kind.STAR, "arxiv:1")
    keep(user, Kind.STAR, "arxiv:2", deleted=True)
    keep(user, Kind.HIDE, "arxiv:1")
    assert list(Item.objects.active(Kind.STAR)) == [star]


def test_an_item_is_unique_per_user() -> None:
    user = make_user()
    keep(user, Kind.STAR, "arxiv:1")
    keep(make_user(), Kind.STAR, "arxiv:1")
    with pytest.raises(IntegrityError):
        keep(user, Kind.STAR, "arxiv:1")


def test_items_are_deleted_with_their_user() -> None:
    user = make_user()
    keep(user, Kind.NOTE, "arxiv:1", value={"text": "mine"})
    user.delete()
    assert not Item.objects.exists()
