"""The page with the cloud of words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.papers.pages.test_views import get
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(index_papers: Callable[[], None]) -> list[str]:
    titles = ["Parsing <b>trees</b>", "Trees and graphs", "C++ trees", "C++ graphs", "Oceans"]
    papers = [make_paper(title=title, abstract="") for title in titles]
    index_papers()
    return [paper.key for paper in papers]


def table(html: str) -> list[tuple[str, int]]:
    rows = re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a></th><td>(\d+)</td>', html)
    return [(word, int(count)) for word, count in rows]


def drawn(html: str) -> list[str]:
    return re.findall(r"<text [^>]*>(.*?)</text>", html)


def test_an_account_sees_the_words_of_what_it_opened(client: Client, keys: list[str]) -> None:
    ada = make_user()
    for key in keys[:3]:
        keep(ada, Kind.READ, key)
    keep(ada, Kind.READ, keys[3], deleted=True)
    keep(make_user(), Kind.READ, keys[3])
    client.force_login(ada)
    html = get(client, "/me/words")
    assert table(html) == [("trees", 3), ("C++", 1), ("graphs", 1)]
    assert sorted(drawn(html)) == sorted(word for word, _count in table(html))
    assert 'href="/search?q=C%2B%2B"' in html
    assert "From the 3 most recently opened papers." in html
    assert "data-word-cloud" not in html


def test_a_browser_posts_its_opened_papers_and_nothing_is_stored(client: Client, keys: list[str]) -> None:
    assert 'data-word-cloud data-path="/me/words"' in get(client, "/me/words")
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        "/me/words", {"keys": "\n".join([*keys[:2], "gone", "a\0b"])}, headers={"HX-Request": "true"}
    )
    html = response.content.decode()
    assert "<html" not in html
    assert ("trees", 2) in table(html)
    assert not Item.objects.exists()
    assert not strict.cookies


def test_posted_without_htmx_it_is_a_page(client: Client, keys: list[str]) -> None:
    html = client.post("/me/words", {"keys": keys[0]}).content.decode()
    assert "<h1>" in html
    assert "From 1 recently opened paper." in html
    assert "data-word-cloud" not in html


def test_the_picture_has_no_inline_styles_and_a_title(client: Client, keys: list[str]) -> None:
    html = client.post("/me/words", {"keys": "\n".join(keys)}, headers={"HX-Request": "true"}).content.decode()
    assert "style=" not in html
    assert html.count('role="img"') == 1
    assert 'aria-labelledby="cloud-title"' in html
    assert re.search(r'viewBox="0 0 480 [\d.]+"', html)


def test_without_papers_it_says_what_to_do(client: Client) -> None:
    client.force_login(make_user())
    assert "No keywords yet" in get(client, "/me/words")
    assert client.put("/me/words").status_code == 405
