from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from coolpapers.people.accounts import invitations as accounts
from coolpapers.people.accounts.invitations import delete_account, make_invitation, read_invitation
from coolpapers.people.models import Item, SyncCounter
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def test_an_invitation_is_for_one_account() -> None:
    word = make_invitation("ada")
    assert read_invitation(word) == "ada"
    make_user("Ada")
    assert read_invitation(word) is None


@pytest.mark.parametrize(
    "word",
    ["", "x", "ada", signing.dumps("ada", salt="another")],
    ids=["empty", "letter", "name", "signed for something else"],
)
def test_an_invalid_invitation_is_refused(word: str) -> None:
    assert read_invitation(word) is None


def test_an_invitation_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    word = make_invitation("ada")
    monkeypatch.setattr(accounts, "INVITATION_S", -1)
    assert read_invitation(word) is None


def test_deleting_an_account_deletes_its_data_only() -> None:
    user, other = make_user(), make_user()
    sync_items(user, [Write("star", "arxiv:1", 1)], cursor=0)
    kept = keep(other, Kind.STAR, "arxiv:1")
    for one in (user, user, other):
        Client().force_login(one)
    delete_account(user)
    assert list(Item.objects.all()) == [kept]
    assert not SyncCounter.objects.exists()
    assert [session.get_decoded()["_auth_user_id"] for session in Session.objects.all()] == [str(other.pk)]
    assert list(User.objects.all()) == [other]
