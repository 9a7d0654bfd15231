from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from coolpapers.api.models import ApiToken, find_token

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_prints_the_token_once_and_nothing_else() -> None:
    get_user_model().objects.create(username="ada")
    text = run("ada", "--name", "laptop", "--scope", "library")
    token = find_token(text)
    assert token is not None
    assert (token.user.get_username(), token.name, token.scope) == ("ada", "laptop", "library")


def test_the_default_scope_is_read() -> None:
    get_user_model().objects.create(username="ada")
    run("ada", "--name", "script")
    assert not ApiToken.objects.get().may_write


@pytest.mark.parametrize("arguments", [("nobody", "--name=n"), ("ada", "--name=" + "n" * 81), ("closed", "--name=n")])
def test_invalid_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    get_user_model().objects.create(username="ada")
    get_user_model().objects.create(username="closed", is_active=False)
    with pytest.raises(CommandError):
        run(*arguments)
    assert not ApiToken.objects.exists()
