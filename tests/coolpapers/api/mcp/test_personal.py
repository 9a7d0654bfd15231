from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils.timezone import now

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.api.mcp import personal
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.selectors import starred_keys
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Any:
    return get_user_model().objects.create(username="ada")


def test_starring_and_unstarring_are_idempotent(ada: Any) -> None:
    assert personal.star(ada, ["a", "b", "a"]) == 2
    assert personal.star(ada, ["b", "c"]) == 1
    assert personal.star(ada, ["a", "zebra"], deleted=True) == 1
    assert set(personal.starred(ada)) == starred_keys(ada) == {"b", "c"}


def test_a_change_wins_over_a_device_whose_clock_is_ahead(ada: Any) -> None:
    ahead = int(now().timestamp() * 1000) + 200_000
    sync_items(ada, [Write(Kind.STAR, "a", ahead, deleted=True)], cursor=0)
    personal.star(ada, ["a"])
    assert personal.starred(ada) == ["a"]


def test_a_star_reaches_devices_at_their_next_sync(ada: Any) -> None:
    cursor = sync_items(ada, [], cursor=0).cursor
    personal.star(ada, ["a"])
    (told,) = sync_items(ada, [], cursor=cursor).items
    assert (told.kind, told.key, told.deleted) == ("star", "a", False)


def test_a_collection_is_made_grows_in_order_and_shrinks(ada: Any) -> None:
    assert personal.add_papers(ada, " To  read ", ["a", "b"]) == ("To read", 2)
    assert personal.add_papers(ada, "to READ", ["b", "c"]) == ("To read", 1)
    assert personal.members(ada, "to read") == ["a", "b", "c"]
    (one,) = personal.collections(ada)
    assert (one["name"], one["n_papers"]) == ("To read", 3)
    assert personal.remove_papers(ada, one["id"], ["b", "zebra"]) == ("To read", 1)
    assert personal.members(ada, "To read") == ["a", "c"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_collection_needs_a_name(ada: Any, name: str) -> None:
    with pytest.raises(BadParameter):
        personal.add_papers(ada, name, ["a"])


def test_an_unknown_collection_error_lists_the_existing_ones(ada: Any) -> None:
    personal.add_papers(ada, "Thesis", ["a"])
    with pytest.raises(NotFound) as caught:
        personal.remove_papers(ada, "These", ["a"])
    assert "Thesis" in caught.value.cure


def test_readers_do_not_share_stars_and_collections(ada: Any) -> None:
    bob = get_user_model().objects.create(username="bob")
    personal.star(ada, ["a"])
    personal.add_papers(ada, "Thesis", ["a"])
    assert personal.starred(bob) == []
    assert personal.collections(bob) == []
    assert not Item.objects.filter(user=bob).exists()
