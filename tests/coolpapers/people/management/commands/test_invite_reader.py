from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accounts_are_for_the_invited(settings: Any) -> None:
    settings.ACCOUNTS = "invited"
    settings.SITE_URL = "https://papers.example.org"


def invite(name: str) -> str:
    out = StringIO()
    call_command("invite_reader", name, stdout=out)
    return out.getvalue().strip()


def test_the_link_creates_one_account_of_that_name(client: Client) -> None:
    address = invite("ada")
    assert address.startswith("https://papers.example.org/account/sign-up?invitation=")
    form = {"username": "x", "password1": "correct horse 7", "password2": "correct horse 7"}
    client.post(address.removeprefix("https://papers.example.org"), form)
    assert User.objects.get().username == "ada"


@pytest.mark.parametrize("name", ["", "a b", "x" * 200, "Ada"])
def test_a_name_that_cannot_be_an_account_is_refused(name: str) -> None:
    make_user("ada")
    with pytest.raises(CommandError):
        invite(name)


def test_without_accounts_the_command_fails(settings: Any) -> None:
    settings.ACCOUNTS = "off"
    with pytest.raises(CommandError, match="COOLPAPERS_ACCOUNTS"):
        invite("ada")
