from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    for code, day in (("cs.CL", MONDAY), ("cs.CL", TUESDAY), ("cs.LG", TUESDAY), ("hep-th", TUESDAY)):
        make_paper(title=f"Graphs in {code}", day=day, categories=[code])
    index_papers()


def codes(html: str) -> list[str]:
    return re.findall(r'<span class="code">([^<]*)</span>\s*<svg', html)


@pytest.mark.usefixtures("library")
def test_categories_are_pinned_and_unpinned(reader: Reader) -> None:
    assert codes(reader.see("/me/home")) == ["cs.CL", "cs.LG", "hep-th"]  # the busiest, as a suggestion
    text = reader.press("/me/home", pin="hep-th")
    assert "Pinned categories" in text
    assert codes(text) == ["hep-th"]
    reader.press("/me/home", pin="cs.LG")
    assert set(reader.kept(Kind.PIN)) == {"hep-th", "cs.LG"}
    assert codes(reader.press("/me/home", unpin="hep-th")) == ["cs.LG"]


@pytest.mark.usefixtures("library")
def test_a_pinned_category_shows_its_newest_titles(reader: Reader, index_papers: Callable[[], None]) -> None:
    assert "pin-title" not in reader.see("/me/home")  # a suggestion shows its days only
    make_paper(title="The newest of cs.CL", day=WEDNESDAY, categories=["cs.CL"])
    index_papers()
    html = reader.press("/me/home", pin="cs.CL")
    lines = re.findall(r'<a class="pin-title" href="([^"]*)" dir="auto">([^<]*)</a>', html)
    assert [title for _, title in lines] == ["The newest of cs.CL", "Graphs in cs.CL"]
    assert all(path.startswith("/arxiv/") for path, _ in lines)


@pytest.mark.usefixtures("library")
def test_a_category_is_pinned_on_its_page(reader: Reader) -> None:
    assert "Pinned ✓" in reader.press("/me/pins", code="cs.LG", do="pin")
    assert set(reader.kept(Kind.PIN)) == {"cs.LG"}
    assert ">Pin<" in reader.press("/me/pins", code="cs.LG", do="unpin")
    assert reader.kept(Kind.PIN) == {}


@pytest.mark.usefixtures("library")
def test_bars_have_a_text_for_those_who_cannot_see_them(client: Client) -> None:
    html = client.get("/").content.decode()
    (label,) = re.findall(r'<svg class="bars"[^>]*aria-label="([^"]*)"', html.split("cs.CL</span>")[1])[:1]
    assert label.startswith("Papers a day from February 18 to March 3: ")
    assert label.endswith(", 0, 1, 1")


def test_followed_searches_show_their_news(reader: Reader, index_papers: Callable[[], None]) -> None:
    make_paper(title="Graphs")
    index_papers()
    reader.press("/me/searches/save", query="graphs", name="My graphs")
    make_paper(title="Graphs again")
    index_papers()
    text = reader.see("/me/home")
    assert "My graphs" in text
    assert "1 new" in text
    assert "1 new" not in reader.press("/me/home", seen="1")


@pytest.mark.usefixtures("library")
def test_an_account_has_its_home_without_scripts(client: Client) -> None:
    user = make_user()
    keep(user, Kind.PIN, "hep-th")
    keep(user, Kind.SEARCH, "s1", value={"query": "graphs", "name": "My graphs"})
    client.force_login(user)
    html = client.get("/").content.decode()
    assert codes(html) == ["hep-th"]
    assert "My graphs" in html
    assert client.post("/me/home", {"pin": "cs.LG"}).headers["Location"] == "/"
    assert codes(client.get("/").content.decode()) == ["hep-th", "cs.LG"]


@pytest.mark.usefixtures("library")
def test_anything_may_be_posted(client: Client) -> None:
    for form in (
        {"pin": "\0"},
        {"pin": "x" * 5000},
        {"unpin": "nothing"},
        {"items": "{"},
        {"seen": "1", "items": "[1]"},
    ):
        assert client.post("/me/home", form, headers={"HX-Request": "true"}).status_code == 200
        assert client.post("/me/pins", form, headers={"HX-Request": "true"}).status_code == 200
