from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from coolpapers.api.models import ApiToken, find_token, make_token

pytestmark = pytest.mark.django_db


def test_an_administrator_creates_a_token_and_sees_it_once(admin_client: Client) -> None:
    user = get_user_model().objects.create(username="ada")
    values = {"user": user.pk, "name": "laptop", "scope": "library"}
    page = admin_client.post("/admin/api/apitoken/add/", values, follow=True).content.decode()
    (text,) = re.findall(r"cp_[\w-]{40,}", page)
    token = find_token(text)
    assert token is not None
    assert (token.user, token.may_write) == (user, True)
    for address in ("/admin/api/apitoken/", f"/admin/api/apitoken/{token.pk}/change/"):
        again = admin_client.get(address).content.decode()
        assert text not in again
        assert "laptop" in again


def test_only_the_name_can_be_edited_and_deleting_revokes_the_token(admin_client: Client) -> None:
    token, text = make_token(user=get_user_model().objects.create(username="ada"), name="laptop")
    admin_client.post(f"/admin/api/apitoken/{token.pk}/change/", {"name": "phone", "scope": "library"})
    token.refresh_from_db()
    assert (token.name, token.may_write) == ("phone", False)
    assert find_token(text) == token
    admin_client.post(f"/admin/api/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert find_token(text) is None
    assert not ApiToken.objects.exists()
