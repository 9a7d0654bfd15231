from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.api import token_views
from coolpapers.api.models import ApiToken, find_token, make_token
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accounts_are_open(settings: Any) -> None:
    settings.ACCOUNTS = "open"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_user("ada")
    client.force_login(user)
    return user


def test_a_reader_creates_uses_and_revokes_a_token(client: Client, ada: User) -> None:
    page = client.post("/account/tokens", {"name": "laptop", "scope": "library"}).content.decode()
    shown = re.search(r"<code>(cp_[\w-]{43})</code>", page)
    assert shown is not None
    token = find_token(shown[1])
    assert token is not None
    assert (token.user, token.name, token.may_write) == (ada, "laptop", True)
    headers = {"authorization": f"Bearer {shown[1]}"}
    assert Client().get("/api/v1/list", headers=headers).status_code == 200
    later = client.get("/account/tokens").content.decode()
    assert "laptop" in later
    assert shown[1] not in later
    assert client.post(f"/account/tokens/{token.pk}/revoke").headers["Location"] == "/account/tokens"
    assert find_token(shown[1]) is None
    assert Client().get("/api/v1/list", headers=headers).status_code == 401


def test_tokens_of_others_are_neither_shown_nor_revoked(client: Client, ada: User) -> None:
    token, _text = make_token(user=make_user("eve"), name="hers")
    assert "hers" not in client.get("/account/tokens").content.decode()
    client.post(f"/account/tokens/{token.pk}/revoke")
    assert ApiToken.objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize("form", [{"name": "", "scope": "read"}, {"name": "x", "scope": "root"}, {"name": "x" * 81}])
def test_bad_forms_create_nothing(client: Client, ada: User, form: dict[str, str]) -> None:
    assert 'role="alert"' in client.post("/account/tokens", form).content.decode()
    assert not ApiToken.objects.exists()


def test_one_reader_has_a_bounded_number_of_tokens(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_views, "MAX_TOKENS", 1)
    form = {"name": "laptop", "scope": "read"}
    assert client.post("/account/tokens", form).status_code == 200
    answer = client.post("/account/tokens", form)
    assert answer.status_code == 409
    assert "revoke one first" in answer.content.decode()
    assert ApiToken.objects.count() == 1


def test_without_accounts_or_sign_in_there_are_no_tokens(client: Client, settings: Any) -> None:
    assert client.get("/account/tokens").headers["Location"].startswith("/account/sign-in")
    settings.ACCOUNTS = "off"
    assert client.get("/account/tokens").status_code == 404
