"""Pages that are kept: for whom, and what makes another one."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client

from coolpapers.finding import services
from coolpapers.finding.indexing.index import rebuild_index, update_index
from coolpapers.finding.pages import views
from coolpapers.papers.pages.page_cache import PAGES
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db

ADDRESS = "/search?q=graphs&mode=bm25"


@pytest.fixture
def counted(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> list[str]:
    """A library whose pages are kept; the texts of the searches that were made."""
    settings.PAGE_CACHE, settings.ACCOUNTS = 10, "open"
    settings.SEARCH_BACKENDS = {
        "tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": {"path": tmp_path / "index"}}
    }
    settings.SEARCH_BACKEND = "tantivy"
    make_paper(arxiv_id="2603.00001", title="On graphs")
    rebuild_index(search_backend())
    searches: list[str] = []
    search = services.search_papers

    def count(question: Any, **options: Any) -> Any:
        searches.append(question.text)
        return search(question, **options)

    monkeypatch.setattr(views, "search_papers", count)
    return searches


def sign_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, f"{name}@example.org", "long enough 1815"))
    return client


def test_the_same_page_is_made_once(counted: list[str]) -> None:
    first, second = Client().get(ADDRESS), Client().get(ADDRESS)
    assert counted == ["graphs"]
    assert first.content == second.content
    assert b"<mark>graphs</mark>" in second.content
    headers = [{name: set(value.split(", ")) for name, value in page.items()} for page in (first, second)]
    for one in headers:
        del one["X-Request-ID"]
    assert headers[0] == headers[1]


def test_it_is_sent_compressed_to_those_who_read_that(counted: list[str]) -> None:
    plain = Client().get(ADDRESS)
    packed = [Client().get(ADDRESS, headers={"accept-encoding": "gzip"}) for _ in range(6)]
    assert {gzip.decompress(response.content) for response in packed} == {plain.content}
    assert len({len(response.content) for response in packed}) > 1
    assert len(counted) == 1


@pytest.mark.parametrize(("name", "value"), [("SITE_NAME", "Papers of our lab"), ("ACCOUNTS", "off")])
def test_what_an_administrator_chooses_shows_at_once(counted: list[str], settings: Any, name: str, value: str) -> None:
    before = Client().get(ADDRESS).content
    setattr(settings, name, value)
    assert Client().get(ADDRESS).content != before
    assert len(counted) == 2


@pytest.mark.parametrize(
    ("address", "headers", "cookies"),
    [
        (f"{ADDRESS}&sort=newest", {}, {}),
        (f"{ADDRESS}&density=list", {}, {}),
        (ADDRESS, {"accept-language": "zh-hans"}, {}),
        (ADDRESS, {"hx-request": "true"}, {}),
        (ADDRESS, {"host": "papers.example"}, {}),
        (ADDRESS, {}, {"density": "list"}),
        (ADDRESS, {}, {"django_language": "zh-hans"}),
    ],
)
def test_what_changes_a_page_makes_another_one(
    counted: list[str], settings: Any, address: str, headers: dict[str, str], cookies: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().get(ADDRESS)
    client = Client()
    for name, value in cookies.items():
        client.cookies[name] = value
    assert client.get(address, headers=headers).status_code == 200
    assert len(counted) == 2


def test_a_new_paper_is_shown_at_once(counted: list[str]) -> None:
    Client().get(ADDRESS)
    make_paper(arxiv_id="2603.00002", title="More graphs")
    update_index(search_backend())
    assert "2603.00002" in Client().get(ADDRESS).content.decode()


def test_two_readers_never_see_each_others_state(counted: list[str]) -> None:
    ada, bob = sign_in("ada"), sign_in("bob")
    pages = {name: client.get(ADDRESS).content for name, client in (("ada", ada), ("bob", bob), ("nobody", Client()))}
    again = {name: client.get(ADDRESS).content for name, client in (("nobody", Client()), ("bob", bob), ("ada", ada))}
    for name in pages:
        has_account = name != "nobody"
        for html in (pages[name], again[name]):
            assert (b"data-account=" in html) is has_account
            assert (b"data-csrf=" in html) is has_account
    number = {name: User.objects.get(username=name).pk for name in ("ada", "bob")}
    assert f'data-account="{number["ada"]}"'.encode() in again["ada"]
    assert f'data-account="{number["bob"]}"'.encode() in again["bob"]
    assert counted == ["graphs"] * 5  # only the page of nobody was kept


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.post(ADDRESS, {"flags": "{}"}),
        lambda client: client.get(ADDRESS, headers={"authorization": "Bearer x"}),
        lambda client: client.get(ADDRESS, headers={"cookie": "sessionid=stale"}),
        lambda client: client.get(ADDRESS, headers={"cookie": "csrftoken=x"}),
        lambda client: client.get(ADDRESS, headers={"cookie": "unknown=1"}),
        lambda client: client.get(f"{ADDRESS}&sort=stars"),
        lambda client: client.get(f"{ADDRESS}&sort=preference"),
    ],
)
def test_requests_that_may_tell_of_a_reader_are_neither_kept_nor_answered_from_it(
    counted: list[str], ask: Callable[[Client], Any]
) -> None:
    Client().get(ADDRESS)
    for _ in range(2):
        ask(Client())
    assert len(counted) == 3


def test_a_page_of_a_failed_stage_is_not_kept(counted: list[str]) -> None:
    for _ in range(2):  # there are no vectors
        assert Client().get("/search?q=graphs&mode=dense").status_code == 200
    assert len(counted) == 2


def test_errors_are_not_kept(counted: list[str], settings: Any, tmp_path: Any) -> None:
    folder = search_backend().folder.root  # type: ignore[attr-defined]
    folder.rename(tmp_path / "away")
    assert Client().get(ADDRESS).status_code == 503
    (tmp_path / "away").rename(folder)
    assert Client().get(ADDRESS).status_code == 200


def test_the_number_of_pages_is_bounded(counted: list[str], settings: Any) -> None:
    cache: Any = caches[PAGES]
    for number in range(cache._max_entries + 50):
        cache.set(str(number), b"page")
    assert len(cache._cache) <= cache._max_entries


def test_it_can_be_switched_off(counted: list[str], settings: Any) -> None:
    settings.PAGE_CACHE = 0
    for _ in range(2):
        Client().get(ADDRESS)
    assert len(counted) == 2
