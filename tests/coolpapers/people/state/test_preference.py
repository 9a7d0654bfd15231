"""Stars of all accounts, and the preference of the reader who asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client, RequestFactory

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.preference import AccountReaders, read_preference
from search.ranking.preference import MAX_KEYWORDS, MAX_STARRED, Preference
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.papers.pages.test_views import get, titles
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db

DAY = "/arxiv/cs.CL?date=2026-03-02&sort=preference"


@pytest.fixture
def library(settings: Any, tmp_path: Path, index_papers: Callable[[], None]) -> None:
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    for number, title in enumerate(("Cars", "An oak", "Felines", "Automobile", "Trees"), start=1):
        make_paper(arxiv_id=f"2603.0000{number}", title=title, abstract="", day=MONDAY)
    index_papers()
    call_command("embed_papers", verbosity=0)


def asked(*, user: User | None = None, sent: dict[str, list[str]] | None = None) -> HttpRequest:
    request = RequestFactory().post("/", sent) if sent else RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return request


def test_stars_are_counted_over_accounts_without_removed_ones() -> None:
    ada, alan = make_user(), make_user()
    for user, key in ((ada, "a"), (alan, "a"), (ada, "b")):
        keep(user, Kind.STAR, key)
    keep(alan, Kind.STAR, "b", deleted=True)
    keep(alan, Kind.READ, "c")
    readers = AccountReaders()
    assert readers.count_stars(["a", "b", "c"]) == {"a": 2, "b": 1}
    assert readers.count_stars([]) == {}
    assert sorted(readers.starred_keys()) == ["a", "b"]


def test_the_preference_of_an_account_is_in_its_items_newest_stars_first() -> None:
    ada = make_user()
    keep(ada, Kind.STAR, "old", changed=1)
    keep(ada, Kind.STAR, "new", changed=2)
    keep(ada, Kind.STAR, "gone", changed=3, deleted=True)
    keep(ada, Kind.KEYWORD, "parsing", value={"weight": 2})
    keep(ada, Kind.KEYWORD, "odd", value={"weight": "many"})
    keep(make_user(), Kind.STAR, "others")
    preference = read_preference(asked(user=ada))
    assert list(preference.starred) == ["new", "old"]
    assert preference.keywords == {"parsing": 2.0, "odd": 1.0}


def test_posted_preferences_count_only_without_an_account() -> None:
    sent = {
        "star": ["a", "b"],
        "hide": ["c"],
        "keyword": ["parsing:2", "c++:nonsense", ":3", "x:y:3", "deep learning:1"],
    }
    preference = read_preference(asked(sent=sent))
    assert preference == Preference({"parsing": 2.0, "c++": 1.0, "x:y": 3.0, "deep learning": 1.0}, ["a", "b"], ["c"])
    assert read_preference(asked(user=make_user(), sent=sent)).is_empty
    assert read_preference(asked()).is_empty


@pytest.mark.parametrize("weight", ["nan", "inf", "-1", "0", "1e9", ""])
def test_an_invalid_weight_is_one(weight: str) -> None:
    assert read_preference(asked(sent={"keyword": [f"word:{weight}"]})).keywords == {"word": 1.0}


def test_the_preferences_of_a_request_are_limited() -> None:
    preference = read_preference(
        asked(sent={"star": [str(n) for n in range(600)], "keyword": [f"w{n}:1" for n in range(200)]})
    )
    assert (len(preference.starred), len(preference.keywords)) == (MAX_STARRED, MAX_KEYWORDS)
    assert preference.starred[0] == "0"


@pytest.mark.usefixtures("library")
def test_a_list_by_the_stars_of_an_account(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    newest = titles(get(client, DAY.replace("preference", "newest")))
    assert titles(get(client, DAY)) == newest  # nothing is known yet
    assert "Star papers or add keywords" in get(client, DAY)
    keep(ada, Kind.STAR, "arxiv:2603.00002")
    html = get(client, DAY)
    assert titles(html)[:2] == ["An oak", "Trees"]
    assert sorted(titles(html)) == sorted(newest)
    assert "Star papers or add keywords" not in html


@pytest.mark.usefixtures("library")
def test_a_list_by_posted_preferences_stores_nothing(client: Client) -> None:
    response = client.post(DAY, {"keyword": ["felines:1"]}, headers={"HX-Request": "true"})
    assert titles(response.content.decode())[0] == "Felines"
    assert not Item.objects.exists()
    assert "sessionid" not in client.cookies
    html = get(client, DAY)
    assert "data-preference" in html
    assert titles(html)[0] != "Felines"
    client.force_login(make_user())
    assert "data-preference" not in get(client, DAY)


@pytest.mark.usefixtures("library")
def test_a_search_by_preference(client: Client) -> None:
    response = client.post("/search?q=cars+OR+automobiles+OR+felines&sort=preference", {"star": ["arxiv:2603.00001"]})
    assert titles(response.content.decode()) == ["Cars", "Automobile", "Felines"]


@pytest.mark.usefixtures("library")
def test_the_most_starred_of_a_day(client: Client) -> None:
    for user in (make_user(), make_user()):
        keep(user, Kind.STAR, "arxiv:2603.00003")
    keep(make_user(), Kind.STAR, "arxiv:2603.00001")
    html = get(client, "/arxiv/cs.CL?date=2026-03-02&sort=stars")
    assert titles(html)[:2] == ["Felines", "Cars"]
    assert "starred by 2 readers" in html


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("has_account", [True, False])
def test_papers_like_those_of_no_interest_rank_lower(client: Client, has_account: bool) -> None:
    key = "arxiv:2603.00002"  # An oak; the other trees are no. 5, first in the list's own order
    assert titles(get(client, DAY))[0] == "Trees"
    if has_account:
        user = make_user()
        keep(user, Kind.HIDE, key)
        client.force_login(user)
        shown = titles(get(client, DAY))
    else:
        shown = titles(client.post(DAY, {"hide": [key]}).content.decode())
    assert sorted(shown) == ["An oak", "Automobile", "Cars", "Felines", "Trees"]
    assert shown.index("Trees") > 0
    assert not Item.objects.exclude(kind=Kind.HIDE).exists()


@pytest.mark.usefixtures("own_index")
def test_words_serve_where_no_paper_has_a_vector(
    client: Client, settings: Any, tmp_path: Path, index_papers: Callable[[], None]
) -> None:
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "none"}}
    }
    oak, *_others = [
        make_paper(title=title, abstract="", day=MONDAY)
        for title in ("Old oak forests", "Fast cars", "Slow boats", "Young oak forests")
    ]
    index_papers()
    assert titles(get(client, DAY))[0] == "Young oak forests"
    shown = titles(client.post(DAY, {"hide": [oak.key]}).content.decode())
    assert shown[0] == "Slow boats"
    assert shown[-1] == "Old oak forests"
