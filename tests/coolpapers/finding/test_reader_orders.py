"""Searches in an order that readers give them: over all hits, in every mode."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client

from coolpapers.finding import reader_orders
from coolpapers.finding.reader_orders import order_of
from coolpapers.papers.lookup.readers import Preferred, Readers
from search.ranking import stages
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


class KnownReaders(Readers):
    """Papers 2 and 5 are starred, 5 more often; prefers what came first."""

    stars: Mapping[str, int] = {"arxiv:2603.00002": 1, "arxiv:2603.00005": 3, "arxiv:2603.00009": 9}

    def count_stars(self, keys: Collection[str]) -> Mapping[str, int]:
        return {key: self.stars[key] for key in keys if key in self.stars}

    def starred_keys(self) -> Collection[str]:
        return self.stars

    def order(self, request: HttpRequest, keys: Sequence[str]) -> Preferred:
        return Preferred(sorted(keys), ("As asked.",))


@pytest.fixture(autouse=True)
def library(settings: Any, tmp_path: Path, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_down", {})
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    settings.READERS = {"default": {"BACKEND": f"{__name__}.KnownReaders"}}
    for number in range(1, 7):
        words = "car " * number  # the more cars, the higher by BM25
        make_paper(arxiv_id=f"2603.0000{number}", title=f"Car {number}", abstract=words, day=MONDAY)
    make_paper(arxiv_id="2603.00007", title="An automobile", abstract="", day=MONDAY)
    make_paper(arxiv_id="2603.00009", title="A tree", abstract="", day=MONDAY)
    index_papers()
    call_command("embed_papers", verbosity=0)


def found(client: Client, address: str, *, size: int) -> list[str]:
    pages = [titles(get(client, f"{address}&show={size}&skip={skip}")) for skip in range(0, 10, size)]
    return [title for page in pages for title in page]


def test_the_engines_sorts_are_left_to_it() -> None:
    assert order_of("newest", HttpRequest()) is None
    assert order_of("relevance", HttpRequest()) is None


@pytest.mark.parametrize("size", [1, 2, 5, 10])
@pytest.mark.parametrize("mode", ["bm25", "hybrid"])
def test_stars_sort_all_hits_and_the_rest_follow_as_the_search_ranks_them(client: Client, mode: str, size: int) -> None:
    plain = found(client, f"/search?q=car&mode={mode}", size=10)
    starred = found(client, f"/search?q=car&mode={mode}&sort=stars", size=size)
    assert starred[:2] == ["Car 5", "Car 2"]
    assert sorted(starred) == sorted(plain)
    assert "A tree" not in starred
    if mode == "bm25":
        assert starred[2:] == [title for title in plain if title not in ("Car 5", "Car 2")]
    else:
        assert "An automobile" in starred


@pytest.mark.parametrize("size", [2, 10])
def test_a_preference_orders_the_first_hits_and_leaves_the_rest(
    client: Client, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_order = [f"Car {number}" for number in range(1, 7)]
    assert found(client, "/search?q=car&mode=bm25&sort=preference", size=size) == in_order
    plain = found(client, "/search?q=car&mode=bm25", size=10)
    monkeypatch.setattr(reader_orders, "PREFERENCE_DEPTH", 3)
    assert found(client, "/search?q=car&mode=bm25&sort=preference", size=size) == [*sorted(plain[:3]), *plain[3:]]


def test_totals_facets_filters_and_notes_stay(client: Client) -> None:
    html = get(client, "/search?q=car&mode=bm25&sort=stars&year=2026")
    assert "6 papers" in html
    assert 'aria-current="true">★ Stars</a>' in html
    assert "As asked." in get(client, "/search?q=car&mode=bm25&sort=preference")
    assert titles(get(client, "/search?q=car&sort=stars&category=cs.LG")) == []


def test_hits_still_say_why_they_are_there(client: Client) -> None:
    html = get(client, "/search?q=car&mode=bm25&sort=stars&explain=1")
    assert titles(html)[:2] == ["Car 5", "Car 2"]
    assert html.count('<details class="why" open>') == 6


def test_a_relaxed_search_stays_relaxed(client: Client) -> None:
    html = get(client, "/search?q=car+zeppelin&sort=stars")
    assert titles(html)[:2] == ["Car 5", "Car 2"]
    assert "showing papers that contain some" in html
