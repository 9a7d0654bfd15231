from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from coolpapers.api.callers import admit, identify
from coolpapers.api.errors import TooManyRequests, UnknownToken
from coolpapers.api.models import Scope, make_token

pytestmark = pytest.mark.django_db


def test_without_a_token_the_caller_is_an_address_and_may_not_write(rf: RequestFactory) -> None:
    caller = identify(rf.get("/", REMOTE_ADDR="192.0.2.7"))
    assert caller.name == "192.0.2.7"
    assert not caller.may_write


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_identifies_the_caller_and_its_scope(rf: RequestFactory, scope: Scope) -> None:
    token, text = make_token(user=get_user_model().objects.create(username="ada"), name="n", scope=scope)
    caller = identify(rf.get("/", headers={"Authorization": f"bearer  {text}"}))
    assert caller.token == token
    assert caller.may_write is (scope is Scope.LIBRARY)


@pytest.mark.parametrize("header", ["Bearer cp_x", "Bearer", "Basic YTpi", "cp_x"])
def test_an_invalid_token_is_refused_and_not_treated_as_anonymous(rf: RequestFactory, header: str) -> None:
    with pytest.raises(UnknownToken):
        identify(rf.get("/", headers={"Authorization": header}))


def test_sessions_are_ignored(rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")
    request.user = get_user_model().objects.create(username="ada", is_superuser=True)
    assert identify(request).token is None


def test_guessing_tokens_is_rate_limited(rf: RequestFactory, settings: Any) -> None:
    settings.API_RATE = 2
    request = rf.get("/", headers={"Authorization": "Bearer cp_x"})
    for _ in range(2):
        with pytest.raises(UnknownToken):
            admit(request)
    with pytest.raises(TooManyRequests):
        admit(request)
