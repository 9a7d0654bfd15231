from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.test import RequestFactory

from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def rendered(user: User | AnonymousUser) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return Template("{% load reader_home %}{% reader_home %}").render(Context({"request": request}))


def test_a_browser_fills_its_part_and_an_account_has_it_at_once() -> None:
    make_paper(categories=["cs.CL"])
    assert "data-waiting" in rendered(AnonymousUser())
    user = make_user()
    keep(user, Kind.PIN, "cs.CL")
    text = rendered(user)
    assert "data-waiting" not in text
    assert "Pinned categories" in text


def test_a_pin_of_a_category_that_is_not_here_is_left_out() -> None:
    make_paper(categories=["cs.CL"])
    user = make_user()
    keep(user, Kind.PIN, "no.SUCH")
    assert "no.SUCH" not in rendered(user)
    assert "Busiest categories" in rendered(user)
