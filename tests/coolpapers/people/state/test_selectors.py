from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.selectors import shelf_keys, star_counts, starred_keys
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def test_removed_stars_are_not_listed() -> None:
    reader, other = make_user(), make_user()
    keep(reader, Kind.STAR, "arxiv:1")
    keep(reader, Kind.STAR, "arxiv:2", deleted=True)
    keep(reader, Kind.READ, "arxiv:3")
    keep(other, Kind.STAR, "arxiv:4")
    assert starred_keys(reader) == {"arxiv:1"}


def test_without_an_account_there_are_none() -> None:
    assert starred_keys(AnonymousUser()) == set()


def test_stars_are_counted_over_accounts_for_given_papers() -> None:
    first, second = make_user(), make_user()
    for user in (first, second):
        keep(user, Kind.STAR, "arxiv:1")
    keep(first, Kind.STAR, "arxiv:2")
    keep(second, Kind.STAR, "arxiv:2", deleted=True)
    keep(first, Kind.HIDE, "arxiv:3")
    keep(first, Kind.STAR, "arxiv:4")
    assert star_counts(["arxiv:1", "arxiv:2", "arxiv:3", "arxiv:5"]) == {"arxiv:1": 2, "arxiv:2": 1}


def test_lists_of_the_personal_page_are_latest_first() -> None:
    ada = make_user()
    keep(ada, Kind.STAR, "a", changed=1)
    keep(ada, Kind.STAR, "b", changed=2)
    keep(ada, Kind.READ, "b")
    keep(ada, Kind.HIDE, "c")
    assert shelf_keys(ada, "starred") == ["b", "a"]
    assert shelf_keys(ada, "unread") == ["a"]
    assert shelf_keys(ada, "hidden") == ["c"]
    assert shelf_keys(ada, "notes") == shelf_keys(AnonymousUser(), "starred") == []
