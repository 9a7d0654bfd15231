from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.people.accounts.roles import Role, role_of, set_role
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_librarians_change_the_library_and_nothing_of_other_readers(client: Client) -> None:
    user = make_user("ada")
    set_role(user, Role.LIBRARIAN)
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get("/admin/papers/paper/").status_code == 200
    assert client.get("/admin/auth/user/").status_code == 403
    assert client.get("/admin/api/apitoken/").status_code == 403


@pytest.mark.parametrize("before", Role)
@pytest.mark.parametrize("after", Role)
def test_roles_replace_each_other(before: Role, after: Role) -> None:
    user = make_user()
    set_role(user, before)
    set_role(user, after)
    user = User.objects.get(pk=user.pk)
    assert role_of(user) is after
    assert user.has_perm("papers.change_paper") is (after is not Role.READER)
    assert user.groups.exists() is (after is Role.LIBRARIAN)
