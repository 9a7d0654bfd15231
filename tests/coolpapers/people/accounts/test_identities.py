from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from coolpapers.people.accounts.identities import account_name, find_account
from coolpapers.people.accounts.provider import Identity
from coolpapers.people.accounts.roles import Role, role_of, set_role
from coolpapers.people.errors import SignInRefused
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db
ISSUER = "https://login.example.org"


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (Identity(ISSUER, "1", name="ada"), "ada"),
        (Identity(ISSUER, "1", name="Ada Lovelace"), "Ada-Lovelace"),
        (Identity(ISSUER, "1", name="李 明"), "李-明"),
        (Identity(ISSUER, "1", name="  / ", email="ada@example.org"), "ada"),
        (Identity(ISSUER, "auth0|77"), "auth0-77"),
        (Identity(ISSUER, "||"), "reader"),
        (Identity(ISSUER, "1", name="a" * 400), "a" * 150),
    ],
)
def test_names_are_made_valid(identity: Identity, name: str) -> None:
    assert account_name(identity) == name
    assert find_account(identity).username == name


def test_issuer_and_subject_together_identify_a_reader() -> None:
    first = find_account(Identity(ISSUER, "1", name="ada"))
    assert find_account(Identity(ISSUER, "1", name="renamed")) == first
    assert find_account(Identity("https://other.example.org", "1", name="ada")) != first


def test_names_that_are_taken_in_other_letters_get_a_number() -> None:
    make_user("ADA")
    assert find_account(Identity(ISSUER, "1", name="ada")).username == "ada-2"
    assert find_account(Identity(ISSUER, "2", name="ada")).username == "ada-3"


def test_without_groups_roles_stay_as_a_librarian_set_them() -> None:
    user = find_account(Identity(ISSUER, "1", name="ada"))
    set_role(user, Role.LIBRARIAN)
    assert role_of(find_account(Identity(ISSUER, "1"))) is Role.LIBRARIAN
    assert role_of(find_account(Identity(ISSUER, "1"), librarians=["library"])) is Role.READER


def test_endless_namesakes_are_refused_in_words() -> None:
    for number in range(1, 21):
        make_user("ada" if number == 1 else f"ada-{number}")
    with pytest.raises(SignInRefused, match="too many accounts"):
        find_account(Identity(ISSUER, "1", name="ada"))
    assert User.objects.count() == 20
