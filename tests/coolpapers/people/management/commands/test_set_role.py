from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from coolpapers.people.accounts.roles import Role, role_of
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_an_account_gets_a_role(capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user("ada")
    call_command("set_role", "ada", "librarian")
    assert role_of(User.objects.get(pk=user.pk)) is Role.LIBRARIAN
    assert "ada is now: librarian" in capsys.readouterr().out


def test_a_name_without_an_account_is_refused_with_the_cure() -> None:
    with pytest.raises(CommandError, match="invite_reader grace"):
        call_command("set_role", "grace", "reader")


def test_the_only_administrator_stays_one() -> None:
    User.objects.create_superuser("ada")
    with pytest.raises(CommandError, match="only administrator"):
        call_command("set_role", "ada", "reader")
    User.objects.create_superuser("grace")
    call_command("set_role", "ada", "reader")
    assert role_of(User.objects.get(username="ada")) is Role.READER
