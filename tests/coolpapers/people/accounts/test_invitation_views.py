from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 7"
NEW = {"username": "grace", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def _accounts_are_invited(settings: Any) -> None:
    settings.ACCOUNTS = "invited"
    settings.SITE_URL = "https://papers.example.org"


@pytest.fixture
def librarian(client: Client) -> Client:
    user = make_user("ada", password=PASSWORD)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(User.objects.get(pk=user.pk))
    return client


def link_in(text: str) -> str:
    found = re.search(r"https://papers\.example\.org(/account/sign-up\?\S+?)[\"\s<]", html.unescape(text) + " ")
    assert found is not None
    return found[1]


def test_a_librarian_makes_a_link_with_which_one_account_is_created(librarian: Client) -> None:
    assert "/account/invite" in librarian.get("/account/").content.decode()
    answer = librarian.post("/account/invite", {"name": "grace", "email": ""})
    assert mail.outbox == []
    visitor = Client()
    assert visitor.post(link_in(answer.content.decode()), NEW).headers["Location"] == "/me/"
    assert User.objects.filter(username="grace").exists()
    again = librarian.post("/account/invite", {"name": "Grace"})
    assert "There is an account of this name." in again.content.decode()


def test_the_invitation_is_mailed_where_a_mail_server_is_set_up(librarian: Client, settings: Any) -> None:
    settings.EMAIL_HOST = "smtp.example.org"
    answer = librarian.post("/account/invite", {"name": "grace", "email": "grace@example.org"})
    assert "was sent to grace@example.org" in answer.content.decode()
    assert mail.outbox[0].to == ["grace@example.org"]
    assert Client().post(link_in(str(mail.outbox[0].body)), NEW).status_code == 302


def test_readers_cannot_invite(client: Client) -> None:
    client.force_login(make_user("bob"))
    answer = client.post("/account/invite", {"name": "grace"})
    assert answer.status_code == 403
    assert "invitation=" not in answer.content.decode()
    assert "/account/invite" not in client.get("/account/").content.decode()
    assert Client().get("/account/invite").status_code == 302  # to the sign-in page


@pytest.mark.parametrize("name", ["", "two words", "a" * 151, "<b>"])
def test_names_that_no_account_can_have_are_refused(librarian: Client, name: str) -> None:
    answer = librarian.post("/account/invite", {"name": name})
    assert "invitation=" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
