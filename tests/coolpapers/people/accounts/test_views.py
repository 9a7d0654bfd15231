from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.base.throttling import Rate
from coolpapers.people.accounts import views as account_views
from coolpapers.people.accounts.invitations import make_invitation
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 7"
NEW = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
PAGES = ["/account/", "/account/sign-in", "/account/sign-up", "/account/password", "/account/delete"]


@pytest.fixture(autouse=True)
def _accounts_are_open(settings: Any) -> None:
    settings.ACCOUNTS = "open"


@pytest.fixture
def reader(client: Client) -> Client:
    make_user("ada", password=PASSWORD)
    client.force_login(User.objects.get(username="ada"))
    return client


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/me/").wsgi_request.user.is_authenticated)


@pytest.mark.parametrize("page", PAGES)
def test_with_accounts_off_the_pages_say_so(client: Client, settings: Any, page: str) -> None:
    settings.ACCOUNTS = "off"
    for response in (client.get(page), client.post(page, NEW)):
        assert response.status_code == 404
        assert "has no accounts" in response.content.decode()
    assert not User.objects.exists()
    assert "/account/" not in client.get("/").content.decode()


def test_every_page_links_to_sign_in_if_accounts_are_enabled(client: Client) -> None:
    assert "/account/sign-in" in client.get("/").content.decode()


def test_a_name_that_is_taken_while_the_form_is_read_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_another_sign_up(*_: object) -> int:
        make_user("ada")
        return 0

    monkeypatch.setattr(account_views, "check_rate", let_another_sign_up)
    answer = client.post("/account/sign-up", NEW)
    assert (answer.status_code, User.objects.count()) == (200, 1)
    assert "already exists" in answer.text


def test_a_reader_signs_up_out_and_in_again(client: Client) -> None:
    assert client.post("/account/sign-up", NEW | {"email": "ada@example.org"}).headers["Location"] == "/me/"
    assert is_signed_in(client)
    assert User.objects.get().email == "ada@example.org"
    assert client.post("/account/sign-out").headers["Location"] == "/account/signed-out"
    assert "data-forget" in client.get("/account/signed-out").content.decode()
    assert not is_signed_in(client)
    answer = client.post("/account/sign-in", {"username": "ada", "password": PASSWORD})
    assert answer.headers["Location"] == "/me/"
    assert is_signed_in(client)


def test_get_does_not_sign_out(reader: Client) -> None:
    assert reader.get("/account/sign-out").status_code == 405
    assert is_signed_in(reader)


@pytest.mark.parametrize(
    "changed", [{"password2": "another"}, {"password1": "12345678", "password2": "12345678"}, {"username": ""}]
)
def test_an_invalid_form_is_shown_with_its_errors(client: Client, changed: dict[str, str]) -> None:
    response = client.post("/account/sign-up", NEW | changed)
    assert response.status_code == 200
    assert "field-error" in response.content.decode()
    assert not User.objects.exists()


def test_a_name_is_taken_whatever_its_case(client: Client) -> None:
    make_user("Ada")
    assert client.post("/account/sign-up", NEW).status_code == 200
    assert User.objects.count() == 1


def test_sign_up_needs_an_invitation(client: Client, settings: Any) -> None:
    settings.ACCOUNTS = "invited"
    assert client.post("/account/sign-up", NEW).status_code == 403
    assert client.get("/account/sign-up?invitation=x").status_code == 403
    address = f"/account/sign-up?invitation={make_invitation('grace')}"
    assert 'value="grace"' in client.get(address).content.decode()
    client.post(address, NEW)
    assert [user.username for user in User.objects.all()] == ["grace"]
    assert Client().get(address).status_code == 403
    assert "/account/sign-up" not in Client().get("/account/sign-in").content.decode()


def test_too_many_attempts_get_a_retry_after(client: Client, settings: Any) -> None:
    settings.SIGN_IN_RATE = 3
    make_user("ada", password=PASSWORD)
    wrong = [client.post("/account/sign-in", {"username": "ada", "password": "no"}).status_code for _ in range(3)]
    assert wrong == [200, 200, 200]
    answer = client.post("/account/sign-in", {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 1200
    assert "Too many attempts" in answer.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize("page", ["sign-in", "sign-up", "signed-out"])
def test_the_site_has_its_own_name_here_too(client: Client, settings: Any, page: str) -> None:
    settings.SITE_NAME = "Our papers"
    html = client.get(f"/account/{page}").content.decode()
    assert "· Our papers</title>" in html
    assert "testserver" not in html.replace("http://testserver/", "")  # addresses contain the host


def test_new_accounts_per_address_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_views, "SIGN_UP_RATE", Rate(1, 3600))
    client.post("/account/sign-up", NEW)
    response = Client().post("/account/sign-up", NEW | {"username": "eve"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert User.objects.count() == 1


def test_redirects_to_other_sites_are_ignored(client: Client) -> None:
    make_user("ada", password=PASSWORD)
    form = {"username": "ada", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/account/sign-in", form).headers["Location"] == "/me/"


def test_the_password_is_changed_and_this_device_stays_signed_in(reader: Client) -> None:
    new = "battery staple 8"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert reader.post("/account/password", form).headers["Location"] == "/account/?done=password"
    assert "Password changed" in reader.get("/account/?done=password").content.decode()
    assert User.objects.get().check_password(new)


def test_everything_is_deleted_with_the_right_password_only(reader: Client) -> None:
    keep(User.objects.get(), Kind.NOTE, "arxiv:1")
    assert reader.post("/account/delete", {"password": "wrong"}).status_code == 200
    assert User.objects.exists()
    assert reader.post("/account/delete", {"password": PASSWORD}).headers["Location"] == "/account/signed-out"
    assert not User.objects.exists()
    assert not Item.objects.exists()
    assert not is_signed_in(reader)


def test_an_administrator_cannot_be_deleted_here(reader: Client) -> None:
    User.objects.update(is_staff=True)
    assert reader.post("/account/delete", {"password": PASSWORD}).status_code == 403
    assert User.objects.exists()


@pytest.mark.parametrize("page", ["/account/", "/account/password", "/account/delete"])
def test_an_account_asks_to_sign_in_first(client: Client, page: str) -> None:
    assert client.get(page).headers["Location"] == f"/account/sign-in?next={page}"


def test_accounts_use_argon2_and_forms_their_token(client: Client) -> None:
    from coolpapers.settings import PASSWORD_HASHERS

    assert PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/sign-up", NEW).status_code == 403
