from __future__ import annotations

from collections.abc import Callable

import feedparser
import pytest
from django.test import Client

from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    make_paper(title="Old", day=MONDAY, authors=["Ada B. Lovelace", "Alan Turing"])
    make_paper(title="New", day=TUESDAY, authors=["Ada Lovelace", "Grace Hopper"])
    make_venue_paper("talk1", year=2019, title="Talk", authors=["Ada Lovelace"])
    make_paper(title="By Alan", authors=["Alan Smith"])
    make_paper(title="By Ada", authors=["Ada Smith"])
    index_papers()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/author/Ada Lovelace", ["New", "Old", "Talk"]),
        ("/author/Ada%20Lovelace/", ["New", "Old", "Talk"]),
        ("/author/Lovelace,%20A.", ["New", "Old", "Talk"]),
        ("/author/Ada Lovelace?sort=oldest", ["Talk", "Old", "New"]),
        ("/author/Ada Lovelace?sort=stars", ["New", "Old", "Talk"]),
        ("/author/Ada Lovelace?year=2019", ["Talk"]),
        ("/author/Ada Lovelace?with=Grace%20Hopper", ["New"]),
        ("/author/Ada Lovelace?skip=1&show=1", ["Old"]),
        ("/author/Ada Lovelace?year=nonsense&sort=nonsense", ["New", "Old", "Talk"]),
    ],
)
def test_an_author_has_a_page(client: Client, address: str, shown: list[str]) -> None:
    assert titles(get(client, address)) == shown


@pytest.mark.usefixtures("library")
def test_the_page_shows_spellings_years_coauthors_and_feeds(client: Client) -> None:
    page = get(client, "/author/Ada Lovelace")
    for part in (
        "<h1>Ada Lovelace</h1>",
        "Also written",
        "<span>Ada B. Lovelace</span>",
        "/author/Grace%20Hopper",
        "?with=Grace%20Hopper",
    ):
        assert part in page
    assert '<a href="?year=2019">' in page
    assert 'href="/author/Ada%20Lovelace/feed"' in page
    # of the form that saves the search
    assert 'value="ea:&quot;Ada Lovelace&quot; OR ea:&quot;Ada B. Lovelace&quot;"' in page


@pytest.mark.usefixtures("library")
def test_names_on_cards_lead_to_the_page(client: Client) -> None:
    page = get(client, "/search?q=title:new")
    assert '<a href="/author/Grace%20Hopper">Grace Hopper</a>' in page


@pytest.mark.usefixtures("library")
def test_an_ambiguous_name_says_so_and_lists_the_people(client: Client) -> None:
    page = get(client, "/author/A. Smith")
    assert "“A. Smith” may stand for several people." in page
    assert 'href="/author/Alan%20Smith"' in page
    assert 'href="/author/Ada%20Smith"' in page


@pytest.mark.usefixtures("library")
def test_a_name_that_no_paper_has_is_404_with_near_names(client: Client) -> None:
    response = client.get("/author/Zoe Lovelace")
    assert response.status_code == 404
    page = response.content.decode()
    assert "No paper here has an author called “Zoe Lovelace”." in page
    assert 'href="/author/Ada%20Lovelace"' in page


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "name", ["%00", "%F0%9F%A6%8A", "<script>", "a" * 5000, "''", "*", "author:x", "%E2%80%A6", "—"]
)
def test_odd_names_are_404_and_escaped(client: Client, name: str) -> None:
    response = client.get(f"/author/{name}")
    assert response.status_code == 404
    assert "<script>" not in response.content.decode().partition("<main")[2].replace('<script src="', "")


@pytest.mark.usefixtures("own_index")
def test_without_an_index_the_page_says_what_to_run(client: Client) -> None:
    response = client.get("/author/Ada Lovelace")
    assert response.status_code == 503
    assert "manage.py update_index" in response.content.decode()


@pytest.mark.usefixtures("library")
def test_an_author_has_a_feed(client: Client) -> None:
    response = client.get("/author/Ada Lovelace/feed")
    feed = feedparser.parse(response.content)
    assert [entry.title for entry in feed.entries] == ["New", "Old", "Talk"]
    assert feed.feed.title == "Ada Lovelace"
    again = client.get("/author/Ada Lovelace/feed", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert client.get("/author/Nobody Here/feed").status_code == 404


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/a/lovelace_a_1", "/author/A.%20Lovelace"),
        ("/a/lovelace_a_1.atom", "/author/A.%20Lovelace/feed"),
        ("/a/lovelace_a_1.atom2", "/author/A.%20Lovelace/feed"),
        ("/a/Ada_Lovelace.atom", "/author/Ada%20Lovelace/feed"),
        ("/a/Ada Lovelace.rss", "/author/Ada%20Lovelace/feed?format=rss"),
        ("/a/Ada Lovelace", "/author/Ada%20Lovelace"),
        ("/author/?name=Ada+Lovelace", "/author/Ada%20Lovelace"),
        ("/author/", "/search"),
    ],
)
def test_addresses_of_authors_lead_to_the_page(client: Client, address: str, place: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, place)
    assert client.get(place).status_code == 200


@pytest.mark.usefixtures("library")
def test_the_papers_of_an_author_are_exported(client: Client) -> None:
    response = client.get("/author/Ada Lovelace/export?format=bibtex&year=2019")
    content = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Talk" in content
    assert "Old" not in content
