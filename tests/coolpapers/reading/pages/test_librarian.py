from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from coolpapers.reading.pages.librarian import asks_librarian, is_librarian
from coolpapers.reading.pdfs.requests import decide_fetching

pytestmark = pytest.mark.django_db


def request_from(address: str, *, is_staff: bool = False, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)
    request.user = User(username="ada", is_staff=True) if is_staff else AnonymousUser()
    return request


def test_without_accounts_it_is_whoever_sits_at_the_machine(settings: Settings) -> None:
    settings.ACCOUNTS = "off"
    for address in ("127.0.0.1", "::1"):
        assert is_librarian(request_from(address))
    for address in ("192.168.1.5", "151.101.131.42", ""):
        assert not is_librarian(request_from(address))
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):  # a proxy on the same machine
        headers: dict[str, Any] = {name: "151.101.131.42"}
        assert not is_librarian(request_from("127.0.0.1", **headers))


def test_with_accounts_it_is_the_staff(settings: Settings) -> None:
    settings.ACCOUNTS = "invited"
    assert not is_librarian(request_from("127.0.0.1"))
    assert is_librarian(request_from("151.101.131.42", is_staff=True))


def test_the_question_comes_once() -> None:
    librarian = request_from("127.0.0.1")
    assert asks_librarian(librarian)
    assert not asks_librarian(request_from("151.101.131.42"))
    decide_fetching(is_on=False)
    assert not asks_librarian(librarian)
