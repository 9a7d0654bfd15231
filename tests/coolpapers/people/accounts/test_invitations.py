from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone

from coolpapers.people.accounts import invitations as accounts
from coolpapers.people.accounts.identities import find_account
from coolpapers.people.accounts.invitations import delete_account, make_invitation, read_invitation
from coolpapers.people.accounts.provider import Identity
from coolpapers.people.models import Item, SyncCounter, UsedInvitation
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


def with_the_invitation(word: str) -> User:
    fields = {"username": "ada", "password1": "correct horse battery", "password2": "correct horse battery"}
    Client().post(f"/account/sign-up?invitation={word}", fields)
    return User.objects.get(username="ada")


def at_the_sign_in_server(_word: str) -> User:
    return find_account(Identity("https://sign-in.example.org", "1", name="Ada"))


def by_an_administrator(_word: str) -> User:
    return User.objects.create_superuser("ADA")


def rename(user: User) -> None:
    user.username = "lovelace"
    user.save()


def rename_and_delete(user: User) -> None:
    rename(user)
    delete_account(user)


def delete_on_the_administrators_page(user: User) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    fields = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    boss.post(f"/{admin_site.name}/auth/user/", fields)


def rename_by_some_fields(user: User) -> None:
    user.username = "lovelace"
    user.save(update_fields=["username"])


@pytest.mark.parametrize("create", [with_the_invitation, at_the_sign_in_server, by_an_administrator])
@pytest.mark.parametrize(
    "end", [delete_account, delete_on_the_administrators_page, rename, rename_by_some_fields, rename_and_delete]
)
def test_a_used_invitation_stays_used(
    settings: Any, create: Callable[[str], User], end: Callable[[User], None]
) -> None:
    settings.ACCOUNTS = "invited"
    word, other, of_another = make_invitation("ada"), make_invitation("Ada"), make_invitation("eve")
    end(create(word))
    assert not User.objects.filter(username__iexact="ada").exists()
    assert (read_invitation(word), read_invitation(other)) == (None, None)
    assert Client().get(f"/account/sign-up?invitation={word}").status_code == 403
    assert read_invitation(of_another) == "eve"
    assert read_invitation(make_invitation("ada")) == "ada"  # whoever left may be invited again


def test_a_used_invitation_of_a_former_version_stays_used() -> None:
    word = signing.dumps("ada", salt="coolpapers.invitation")
    assert read_invitation(word) == "ada"
    make_user("ada").delete()
    assert read_invitation(word) is None


def test_a_sign_in_uses_no_invitation() -> None:
    user = make_user("ada")
    Client().force_login(user)
    user.save()
    assert not UsedInvitation.objects.exists()


def test_names_of_deleted_accounts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("ada").delete()
    (kept,) = UsedInvitation.objects.all()
    assert kept.digest != hashlib.sha256(b"ada").hexdigest()
    assert len(kept.digest) == 64
    later = time.time() + accounts.INVITATION_S + 60
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromtimestamp(later, UTC))
    make_user("eve").delete()
    assert accounts.delete_expired_records() == 1
    assert not UsedInvitation.objects.filter(pk=kept.pk).exists()
    assert UsedInvitation.objects.count() == 1


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
