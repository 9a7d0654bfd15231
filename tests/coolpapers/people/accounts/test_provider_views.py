from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.base.throttling import Rate
from coolpapers.people.accounts import provider_views
from coolpapers.people.accounts.roles import Role, role_of, set_role
from coolpapers.people.models import ProviderIdentity
from tests.coolpapers.people.accounts.oidc_server import SITE, provider, sign_in_at_provider
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db
READERS = (
    {"sub": "1815", "preferred_username": "ada", "email": "ada@example.org", "groups": ["library"]},
    {"sub": "1906", "name": "Grace Hopper", "email": "grace@example.org", "email_verified": False},
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(*READERS) as address:
        yield address


@pytest.fixture(autouse=True)
def _site(settings: Any, issuer: str) -> None:
    settings.ACCOUNTS = "invited"
    settings.SITE_URL = SITE
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "coolpapers", "secret"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def reader_of(client: Client) -> Any:
    return client.get("/me/").wsgi_request.user


def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(client: Client) -> None:
    assert "/account/provider?next=/me/" in text_of(client.get("/account/sign-in?next=/me/"))
    answer = client.get(sign_in_at_provider(client, "1815", start="/account/provider?next=/arxiv/cs.CL"))
    assert answer.headers["Location"] == "/arxiv/cs.CL"
    user = User.objects.get()
    assert (user.username, user.email, user.has_usable_password()) == ("ada", "ada@example.org", False)
    assert reader_of(client) == user
    page = text_of(client.get("/account/"))
    assert "/account/password" not in page
    assert "/account/provider" not in page
    other_device = Client()
    assert other_device.get(sign_in_at_provider(other_device, "1815")).headers["Location"] == "/me/"
    assert reader_of(other_device) == user
    assert User.objects.count() == 1


def test_an_account_of_the_same_name_and_address_is_not_taken_over(client: Client) -> None:
    theirs = make_user("ada", password="correct horse 7")
    User.objects.filter(pk=theirs.pk).update(email="ada@example.org", is_staff=True)
    client.get(sign_in_at_provider(client, "1815"))
    assert reader_of(client).username == "ada-2"
    assert not reader_of(client).is_staff


def test_a_reader_connects_the_account_that_is_there(client: Client) -> None:
    ada = make_user("lovelace")
    client.force_login(ada)
    assert "/account/provider" in text_of(client.get("/account/"))
    answer = client.get(sign_in_at_provider(client, "1815"))
    assert answer.headers["Location"] == "/account/?done=provider"
    visitor = Client()
    visitor.get(sign_in_at_provider(visitor, "1815"))
    assert reader_of(visitor) == ada
    eve = make_user("eve")
    client.force_login(eve)
    refused = client.get(sign_in_at_provider(client, "1815"))
    assert refused.status_code == 403
    assert "belongs to another account" in text_of(refused)
    assert ProviderIdentity.objects.get().user == ada


def test_an_unverified_address_is_not_stored_and_a_name_is_made_valid(client: Client) -> None:
    client.get(sign_in_at_provider(client, "1906"))
    user = User.objects.get()
    assert (user.username, user.email) == ("Grace-Hopper", "")


def test_groups_make_and_unmake_librarians_but_not_administrators(client: Client, settings: Any) -> None:
    settings.OIDC_LIBRARIANS = ["library"]
    client.get(sign_in_at_provider(client, "1815"))
    assert role_of(User.objects.get()) is Role.LIBRARIAN
    settings.OIDC_LIBRARIANS = ["another"]
    client = Client()
    client.get(sign_in_at_provider(client, "1815"))
    assert role_of(User.objects.get()) is Role.READER
    set_role(User.objects.get(), Role.ADMIN)
    client = Client()
    client.get(sign_in_at_provider(client, "1815"))
    assert role_of(User.objects.get()) is Role.ADMIN


def test_closed_and_uninvited_readers_are_refused(client: Client, settings: Any) -> None:
    settings.OIDC_CREATE = False
    refused = client.get(sign_in_at_provider(client, "1815"))
    assert refused.status_code == 403
    assert "Ask a librarian" in text_of(refused)
    assert not User.objects.exists()
    settings.OIDC_CREATE = True
    client.get(sign_in_at_provider(client, "1815"))
    User.objects.update(is_active=False)
    client = Client()
    assert "This account is closed" in text_of(client.get(sign_in_at_provider(client, "1815")))
    assert not reader_of(client).is_authenticated


def test_an_answer_counts_once_and_in_its_own_browser(client: Client) -> None:
    answer = sign_in_at_provider(client, "1815")
    assert Client().get(answer).status_code == 403
    assert client.get(answer).status_code == 302
    client.logout()
    assert client.get(answer).status_code == 403
    assert not reader_of(client).is_authenticated


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?state=x", "?code=x&state=y", "?code=%00"])
def test_invented_answers_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/account/provider/answer{query}").status_code == 403
    assert not User.objects.exists()


def test_a_token_for_another_client_does_not_count(client: Client, settings: Any) -> None:
    answer = sign_in_at_provider(client, "1815")
    settings.OIDC_CLIENT_ID = "another"
    assert client.get(answer).status_code in {403, 502}
    assert not User.objects.exists()


def test_the_reader_is_not_sent_to_another_site(client: Client) -> None:
    answer = client.get(sign_in_at_provider(client, "1815", start="/account/provider?next=https://evil.example.com/"))
    assert answer.headers["Location"] == "/me/"


def test_a_provider_that_is_down_is_named(client: Client, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.OIDC_ISSUER = f"http://127.0.0.1:{free.getsockname()[1]}"
    answer = client.get("/account/provider")
    assert answer.status_code == 502
    assert "does not answer" in text_of(answer)
    assert settings.OIDC_ISSUER in caplog.text


def test_sign_ins_of_one_client_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_views, "RATE", Rate(1, 600))
    assert client.get("/account/provider").status_code == 302
    refused = client.get("/account/provider")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_without_a_provider_there_is_no_button(client: Client, settings: Any) -> None:
    settings.OIDC_ISSUER = ""
    assert "/account/provider" not in text_of(client.get("/account/sign-in"))
    assert client.get("/account/provider").status_code == 404
    assert client.get("/account/provider/answer").status_code == 404
