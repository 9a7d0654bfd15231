"""Lists in an order that readers give them: nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from coolpapers.papers.lookup.readers import Preferred, Readers
from coolpapers.papers.models import Paper
from coolpapers.papers.pages import reader_orders
from coolpapers.papers.pages.reader_orders import page_for_reader
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


class KnownReaders(Readers):
    """Stars by key as given; prefers the last title in the alphabet."""

    stars: Mapping[str, int] = {}

    def count_stars(self, keys: Collection[str]) -> Mapping[str, int]:
        return {key: self.stars[key] for key in keys if key in self.stars}

    def starred_keys(self) -> Collection[str]:
        return self.stars

    def order(self, request: HttpRequest, keys: Sequence[str]) -> Preferred:
        titles_of = dict(Paper.objects.values_list("key", "title"))
        return Preferred(sorted(keys, key=titles_of.__getitem__, reverse=True), ("By the alphabet.",))


@pytest.fixture(autouse=True)
def _readers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.READERS = {"default": {"BACKEND": f"{__name__}.KnownReaders"}}
    monkeypatch.setattr(KnownReaders, "stars", {"arxiv:2603.00001": 1, "arxiv:2603.00003": 4, "gone": 7})
    for number in range(1, 7):
        make_paper(
            arxiv_id=f"2603.0000{number}",
            title=f"Number {number}",
            day=MONDAY if number < 4 else TUESDAY,
            categories=["cs.CL", "cs.LG"] if number % 2 else ["cs.CL"],
        )


def pages(sort: str, *, size: int) -> list[str]:
    papers = Paper.objects.order_by("-announced", "-pk")
    request = RequestFactory().get("/")
    found: list[str] = []
    for start in range(0, 12, size):
        page, _notes = page_for_reader(request, papers, sort, start=start, size=size)
        assert len(page) <= size
        found += [paper.title for paper in page]
    return [title.removeprefix("Number ") for title in found]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 10])
def test_stars_come_first_and_the_others_follow_newest_first(size: int) -> None:
    assert pages("stars", size=size) == ["3", "1", "6", "5", "4", "2"]


@pytest.mark.parametrize("size", [1, 2, 4, 10])
def test_a_preference_orders_the_first_and_leaves_the_rest(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pages("preference", size=size) == ["6", "5", "4", "3", "2", "1"]
    monkeypatch.setattr(KnownReaders, "order", lambda _self, _request, keys: Preferred(sorted(keys)))
    monkeypatch.setattr(reader_orders, "PREFERENCE_DEPTH", 4)
    assert pages("preference", size=size) == ["3", "4", "5", "6", "2", "1"]


def test_pages_of_categories_and_venues_take_these_sorts(client: Client) -> None:
    make_venue_paper("a_1", title="Alone")
    assert titles(get(client, "/arxiv/cs.LG?from=2026-01&sort=stars")) == ["Number 3", "Number 1", "Number 5"]
    html = get(client, "/arxiv/cs.CL?from=2026-01&sort=preference")
    assert titles(html)[:2] == ["Number 6", "Number 5"]
    assert "By the alphabet." in html
    assert 'aria-current="true">♥ For me</a>' in html
    assert titles(get(client, "/venue/ICLR.2025?sort=stars")) == ["Alone"]


def test_windows_of_days_hold_for_the_most_starred(client: Client) -> None:
    assert titles(get(client, "/arxiv/cs.CL?date=2026-03-02&sort=stars")) == ["Number 3", "Number 1", "Number 2"]
    assert titles(get(client, "/arxiv/cs.CL?date=2026-03-03&sort=stars")) == ["Number 6", "Number 5", "Number 4"]


def test_cards_say_how_many_starred_them(client: Client) -> None:
    html = get(client, "/arxiv/cs.CL?from=2026-01")
    assert html.count('class="star-count"') == 2
    assert "starred by 4 readers" in html
    assert "starred by 1 reader<" in html


def test_next_cards_can_be_asked_for_by_post_without_a_token(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/arxiv/cs.CL?from=2026-01&sort=preference&show=2", headers={"HX-Request": "true"})
    assert response.status_code == 200
    html = response.content.decode()
    assert titles(html) == ["Number 6", "Number 5"]
    assert "<html" not in html
    assert "sort=preference" in html  # the way to the next cards
