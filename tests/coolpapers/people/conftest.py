"""What tests of personal pages share: a reader of either kind, and with searching an index of the test database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from coolpapers.people.models import Item
from tests.coolpapers.finding.conftest import index_papers, own_index
from tests.coolpapers.people.make import make_user
from tests.coolpapers.people.readers import Reader

__all__ = ["index_papers", "own_index"]


@pytest.fixture(params=["account", "browser"])
def reader(request: pytest.FixtureRequest, client: Client) -> Iterator[Reader]:
    """With an account, and without one: of whom nothing may be stored."""
    one = Reader(client, make_user() if request.param == "account" else None)
    yield one
    if one.user is None:
        assert not Item.objects.exists()
