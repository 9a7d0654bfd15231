from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory

from coolpapers.people.accounts.forms import ADDRESS_FACTOR, NAME_FACTOR, DeleteForm, SignUpForm, sign_in_wait_s
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_tries(settings: Any) -> None:
    settings.SIGN_IN_RATE = 2


def attempts(name: str, *, address: str = "192.0.2.1") -> int:
    """Attempts that go through before one has to wait."""
    request = RequestFactory(REMOTE_ADDR=address).post("/account/sign-in")
    return next(number for number in range(1000) if sign_in_wait_s(request, name))


def test_attempts_of_one_name_from_one_address_are_limited_ignoring_case() -> None:
    assert attempts("ada") == 2
    assert attempts(" ADA ") == 0
    assert attempts("ada", address="192.0.2.2") == 2


def test_attempts_of_one_address_are_limited_for_all_names() -> None:
    through = sum(attempts(f"reader{number}") for number in range(ADDRESS_FACTOR + 3))
    assert through == 2 * ADDRESS_FACTOR


def test_attempts_on_one_name_from_many_addresses_are_limited() -> None:
    through = sum(attempts("ada", address=f"192.0.2.{number}") for number in range(NAME_FACTOR + 3))
    assert through == 2 * NAME_FACTOR


def test_without_a_limit_nobody_waits(settings: Any) -> None:
    settings.SIGN_IN_RATE = 0
    request = RequestFactory().post("/account/sign-in")
    assert [sign_in_wait_s(request, "ada") for _ in range(50)] == [0] * 50


def test_administrators_are_rate_limited_too(client: Client) -> None:
    make_user("boss", password="correct horse").__class__.objects.update(is_staff=True)
    wrong = {"username": "boss", "password": "no"}
    for _ in range(2):
        client.post("/admin/login/", wrong)
    answer = client.post("/admin/login/", {"username": "boss", "password": "correct horse"})
    assert "Too many attempts" in answer.content.decode()
    assert not answer.wsgi_request.user.is_authenticated


def test_an_invited_name_cannot_be_changed() -> None:
    typed = {"username": "eve", "password1": "correct horse 7", "password2": "correct horse 7"}
    form = SignUpForm(typed, name="ada")
    assert form.is_valid(), form.errors
    assert form.save().username == "ada"


def test_deleting_asks_for_the_password() -> None:
    user = make_user(password="correct horse")
    assert not DeleteForm({"password": "wrong"}, user=user).is_valid()
    assert DeleteForm({"password": "correct horse"}, user=user).is_valid()
