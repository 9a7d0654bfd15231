from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.people.accounts.roles import Role, set_role
from tests.coolpapers.feeding.runs import make_source


@pytest.mark.django_db
def test_librarians_change_sources_in_the_admin() -> None:
    librarian = User.objects.create_user("lib")
    set_role(librarian, Role.LIBRARIAN)
    client = Client()
    client.force_login(librarian)
    source = make_source("feed", address="https://x.example.org/rss")
    assert b"the feed" in client.get("/admin/feeding/feedsource/").content
    assert client.get(f"/admin/feeding/feedsource/{source.pk}/change/").status_code == 200
