from __future__ import annotations

import re
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "correct horse 7", "battery staple 8"
ADDRESS = re.compile(r"^https://papers\.example\.org(/account/\S+)$", re.MULTILINE)


class DeadServer(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("no route")


@pytest.fixture(autouse=True)
def _accounts_and_mail(settings: Any) -> None:
    settings.ACCOUNTS = "invited"
    settings.EMAIL_HOST = "smtp.example.org"
    settings.SITE_URL = "https://papers.example.org"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_user("ada", password=PASSWORD)
    user.email = "ada@example.org"
    user.save()
    return user


def mailed_path() -> str:
    found = ADDRESS.search(str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/me/").wsgi_request.user.is_authenticated)


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client: Client, ada: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    other_device = Client()
    other_device.force_login(ada)
    assert "/account/reset" in text_of(client.get("/account/sign-in"))
    answer = client.post("/account/reset", {"email": "ADA@example.org"}, headers={"host": "evil.example.com"})
    assert "ADA@example.org" in text_of(answer)
    assert mail.outbox[0].to == ["ada@example.org"]
    path = mailed_path()
    form = client.get(path, follow=True)
    step = form.redirect_chain[-1][0]
    answer = client.post(step, {"new_password1": NEW, "new_password2": NEW})
    assert answer.headers["Location"] == "/account/sign-in?done=password"
    assert "Password changed." in text_of(client.get("/account/sign-in?done=password"))
    assert client.post("/account/sign-in", {"username": "ada", "password": NEW}).status_code == 302
    assert not is_signed_in(other_device)
    assert "This link is not valid" in text_of(Client().get(path, follow=True))


def test_the_answer_does_not_tell_who_has_an_account(client: Client, ada: User) -> None:
    known = text_of(client.post("/account/reset", {"email": "ada@example.org"}))
    unknown = text_of(client.post("/account/reset", {"email": "bob@example.org"}))
    assert known.replace("ada@", "bob@") == unknown
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}])
def test_closed_accounts_and_accounts_without_password_get_no_link(
    client: Client, ada: User, change: dict[str, Any]
) -> None:
    User.objects.filter(pk=ada.pk).update(**change)
    client.post("/account/reset", {"email": "ada@example.org"})
    assert mail.outbox == []


def test_one_mailbox_is_not_filled(client: Client, ada: User) -> None:
    for _try in range(3):
        assert client.post("/account/reset", {"email": "ada@example.org"}).status_code == 200
    refused = client.post("/account/reset", {"email": " Ada@example.org"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert len(mail.outbox) == 3


def test_a_dead_mail_server_is_named_and_nothing_changes(client: Client, ada: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"
    answer = client.post("/account/reset", {"email": "ada@example.org"})
    assert answer.status_code == 503
    assert "The mail server did not take the mail" in text_of(answer)
    client.force_login(ada)
    answer = client.post("/account/email", {"email": "new@example.org", "password": PASSWORD})
    assert answer.status_code == 503
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_without_a_mail_server_the_page_says_whom_to_ask(client: Client, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    answer = client.get("/account/reset")
    assert answer.status_code == 404
    assert "Ask its administrator" in text_of(answer)
    assert "/account/reset" not in text_of(client.get("/account/sign-in"))


@pytest.mark.parametrize("path", ["/account/reset/MQ/x-y", "/account/reset/%00/%ff", "/account/reset/~~~/set-password"])
def test_invented_links_are_refused(client: Client, path: str) -> None:
    assert "This link is not valid" in text_of(client.get(path, follow=True))


def test_a_new_address_counts_once_its_owner_opens_the_link(client: Client, ada: User) -> None:
    client.force_login(ada)
    answer = client.post("/account/email", {"email": "lovelace@example.org", "password": PASSWORD})
    assert "lovelace@example.org" in text_of(answer)
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert mail.outbox[-1].to == ["lovelace@example.org"]
    path = mailed_path()
    client.get(path)  # as a program that checks mails does
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert client.post(path).headers["Location"] == "/account/?done=email"
    ada.refresh_from_db()
    assert ada.email == "lovelace@example.org"
    assert mail.outbox[-1].to == ["ada@example.org"]  # told of the change
    assert client.post(path).status_code == 403


def test_a_link_to_an_address_is_of_one_account(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.post("/account/email", {"email": "lovelace@example.org", "password": PASSWORD})
    path = mailed_path()
    client.force_login(make_user("eve"))
    assert client.post(path).status_code == 403
    assert User.objects.get(username="eve").email == ""
    assert client.post("/account/email/confirm?token=invented").status_code == 403


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"email": "new@example.org", "password": "wrong"}, "Wrong password."),
        ({"email": "new@", "password": PASSWORD}, "valid email"),
    ],
)
def test_a_wrong_password_or_address_changes_nothing(
    client: Client, ada: User, form: dict[str, str], problem: str
) -> None:
    client.force_login(ada)
    assert problem in text_of(client.post("/account/email", form))
    assert mail.outbox == []


def test_an_address_is_removed_at_once(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert client.post("/account/email", {"email": "", "password": PASSWORD}).status_code == 302
    ada.refresh_from_db()
    assert ada.email == ""


def test_without_a_mail_server_the_address_is_stored_unconfirmed(client: Client, ada: User, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    client.force_login(ada)
    client.post("/account/email", {"email": "new@example.org", "password": PASSWORD})
    ada.refresh_from_db()
    assert ada.email == "new@example.org"
