from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.languages import language_of, save_language
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def test_the_switch_saves_the_language_in_the_account(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    assert language_of(ada) == "en"
    for code in ("zh-hans", "en", "zh-hans"):
        client.post("/language", {"language": code, "next": "/"})
        assert language_of(ada) == code
    assert client.cookies["django_language"].value == "zh-hans"
    client.post("/language", {"language": "tlh"})
    client.get("/language")
    assert language_of(ada) == "zh-hans"
    assert Item.objects.get().revision == 3  # devices learn of each


def test_without_an_account_only_the_cookie_has_the_language(client: Client) -> None:
    response = client.post("/language", {"language": "zh-hans", "next": "/arxiv/"})
    assert response.headers["Location"] == "/arxiv/"
    assert set(client.cookies) == {"django_language"}
    assert not Item.objects.exists()


def test_a_default_language_does_not_replace_a_chosen_one() -> None:
    ada = make_user()
    save_language(ada, "zh-hans", is_chosen=False)
    assert language_of(ada) == "zh-hans"
    save_language(ada, "en", is_chosen=False)
    save_language(ada, None)
    assert language_of(ada) == "zh-hans"


@pytest.mark.parametrize("value", [{}, {"code": 5}, {"code": "tlh"}, [], "zh-hans"])
def test_an_invalid_language_item_falls_back_to_the_site(value: Any, settings: Any) -> None:
    ada = make_user()
    keep(ada, Kind.SETTING, "language", value=value)
    assert language_of(ada) == settings.LANGUAGE_CODE


@pytest.mark.usefixtures("own_index")
def test_a_reader_who_asks_for_mail_is_mailed_in_the_language_of_the_page(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    client.post("/me/searches", {"do": "add", "query": "graphs"}, headers={"Accept-Language": "zh-hans"})
    assert language_of(ada) == "en"
    client.post("/me/searches/save", {"query": "trees", "mail": "1"}, headers={"Accept-Language": "zh-hans"})
    assert language_of(ada) == "zh-hans"
