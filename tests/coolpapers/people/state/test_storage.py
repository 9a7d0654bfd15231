from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.storage import account_writes, load_items, parse_items, save_writes, serialize_items
from coolpapers.people.state.writes import Write
from tests.coolpapers.people.make import keep as keep_item
from tests.coolpapers.people.make import make_user

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_items_are_read_back_as_written() -> None:
    writes = [
        Write(Kind.COLLECTION, "c1", 5, {"name": "Zoë </script>"}),
        Write(Kind.MEMBER, "c1/hep-th/9901001", 2**50, deleted=True),
    ]
    assert parse_items(serialize_items(writes)) == writes


@given(st.one_of(st.text(max_size=50), st.recursive(st.none() | st.integers(), st.lists).map(json.dumps)))
def test_invalid_items_are_dropped(text: str) -> None:
    assert parse_items(text) == []


def test_only_items_of_these_pages_are_read() -> None:
    rows = [{"kind": kind, "key": "k", "changed": 1, "value": {}} for kind in (*Kind, "nonsense")]
    known = {Kind.COLLECTION, Kind.MEMBER, Kind.SEARCH, Kind.KEYWORD, Kind.PIN}
    assert {write.kind for write in parse_items(json.dumps(rows))} == known


@pytest.mark.django_db
def test_items_of_a_visitor_come_with_the_form_and_are_not_stored(rf: RequestFactory) -> None:
    request: Any = rf.post("/", {"items": serialize_items([Write(Kind.COLLECTION, "c1", 5, {"name": "x"})])})
    request.user = AnonymousUser()
    items = load_items(request, now=NOW)
    assert [one.name for one in items.collections()] == ["x"]
    save_writes(request.user, items.create("y"))
    assert not Item.objects.exists()


@pytest.mark.django_db
def test_posted_items_are_ignored_for_accounts(rf: RequestFactory) -> None:
    request: Any = rf.post("/", {"items": serialize_items([Write(Kind.COLLECTION, "c1", 5, {"name": "x"})])})
    request.user = make_user()
    assert load_items(request, now=NOW).collections() == []
    for name in ("y", "z"):
        save_writes(request.user, load_items(request, now=NOW).create(name))
    assert [one.name for one in load_items(request, now=NOW).collections()] == ["y", "z"]


@pytest.mark.django_db
def test_deleted_items_are_included(rf: RequestFactory) -> None:
    user = make_user()
    keep_item(user, Kind.COLLECTION, "c1", deleted=True)
    keep_item(user, Kind.STAR, "k")
    assert [(write.key, write.deleted) for write in account_writes(user)] == [("c1", True)]


# The clock of a browser is taken for its own items, so that what it wrote last stays last.
def test_the_time_of_a_visitor_is_that_of_the_browser(rf: RequestFactory) -> None:
    ahead = int(NOW.timestamp() * 1000) + 3_600_000
    request: Any = rf.post("/", {"items": "[]", "now": str(ahead)})
    request.user = AnonymousUser()
    assert load_items(request, now=NOW).create("x")[0].changed == ahead
    for odd in ("", "x", "-1", "9" * 40, "1.5"):
        request = rf.post("/", {"items": "[]", "now": odd})
        request.user = AnonymousUser()
        assert load_items(request, now=NOW).create("x")[0].changed == int(NOW.timestamp() * 1000)
