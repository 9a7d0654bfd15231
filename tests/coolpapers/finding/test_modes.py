"""The mode of ranking on the page: in its address, kept by every link, with its notes and reasons."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from django.core.management import call_command
from django.test import Client

from search.ranking import stages
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_down", {})
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.SEARCH_MODE = "bm25"
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.NoReranker"}}
    make_paper(arxiv_id="2603.00001", title="A car", abstract="", day=MONDAY)
    make_paper(arxiv_id="2603.00002", title="A car wash", abstract="", day=TUESDAY)
    make_paper(arxiv_id="2603.00003", title="An automobile", abstract="", day=TUESDAY)
    make_paper(arxiv_id="2603.00004", title="Felines", abstract="", day=TUESDAY)
    index_papers()
    call_command("embed_papers", verbosity=0)


def warm_up() -> None:
    """A page does not wait for the model; the first search in a process starts its loading."""
    from search.neural.dense import retrievers

    retrievers["default"].encoder(wait_s=20.0)


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("bm25", {"A car", "A car wash"}),
        ("dense", {"A car", "A car wash", "An automobile"}),
        ("hybrid", {"A car", "A car wash", "An automobile"}),
        ("rerank", {"A car", "A car wash", "An automobile"}),
    ],
)
def test_the_address_chooses_the_mode(client: Client, mode: str, shown: set[str]) -> None:
    warm_up()
    html = get(client, f"/search?q=car&mode={mode}")
    assert set(titles(html)) == shown
    assert f"{len(shown)} papers" in html


def test_the_setting_is_the_mode_of_addresses_without_one(client: Client, settings: Any) -> None:
    warm_up()
    settings.SEARCH_MODE = "hybrid"
    assert "An automobile" in titles(get(client, "/search?q=car"))
    assert "An automobile" not in titles(get(client, "/search?q=car&mode=bm25"))


def test_every_link_of_the_list_keeps_the_mode(client: Client) -> None:
    warm_up()
    html = get(client, "/search?q=car&mode=hybrid&explain=1&show=1")
    links = [unescape(link) for link in re.findall(r'(?:href|hx-get)="([^"]*\?[^"]*)"', html)]
    own = [link for link in links if parse_qs(urlsplit(link).query).get("q") == ["car"]]
    without = [link for link in own if parse_qs(urlsplit(link).query).get("mode") != ["hybrid"]]
    switches = re.search(r'<details class="pick modes".*?</details>', html, re.S)
    assert switches is not None
    assert len(own) > 10  # sorts, facets, pages, feeds
    assert all(link in unescape(switches[0]) for link in without)
    assert len(without) == 3  # the other three modes


def test_scrolling_goes_through_all_papers_of_the_mode(client: Client) -> None:
    warm_up()
    seen: list[str] = []
    for skip in range(3):
        seen += titles(get(client, f"/search?q=car&mode=hybrid&show=1&skip={skip}"))
    assert sorted(seen) == ["A car", "A car wash", "An automobile"]


def test_facets_count_what_the_mode_finds(client: Client) -> None:
    warm_up()
    for mode, count in (("bm25", 2), ("hybrid", 3)):
        html = get(client, f"/search?q=car&mode={mode}")
        assert re.search(rf'<span>cs\.CL</span> <span class="count">{count}</span>', html)
    assert set(titles(get(client, "/search?q=car&mode=hybrid&from=2026-03-03"))) == {"A car wash", "An automobile"}


def test_a_feed_waits_for_papers_that_have_the_words(client: Client) -> None:
    warm_up()
    feed = feedparser.parse(client.get("/search/feed?q=car&mode=hybrid").content)
    assert {entry.title for entry in feed.entries} == {"A car", "A car wash"}


def test_a_hit_says_why_when_asked(client: Client) -> None:
    warm_up()
    assert 'class="why"' not in get(client, "/search?q=car&mode=rerank")
    html = get(client, "/search?q=car&mode=rerank&explain=1")
    assert html.count('<details class="why" open>') == 3
    assert html.count('<svg class="why-bar"') == 3
    assert re.search(r'<li class="part-title">title <b>\d+ %</b> <span>car</span>', html)
    assert '<li class="part-dense">meaning <b>' in html
    assert "Semantic similarity (cosine):" in html
    assert "Found by meaning; contains none of the words." in html
    assert re.search(r"Rank \d before reranking, \d after\.", html)
    assert "<td>title</td>" in html


def test_explanations_are_there_for_words_alone(client: Client) -> None:
    html = get(client, "/search?q=car&mode=bm25&explain=1")
    assert html.count('<details class="why" open>') == 2
    assert "part-dense" not in html
    assert "Semantic similarity" not in html


def test_what_was_left_out_is_said_discreetly(client: Client, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "vectors")
    html = get(client, "/search?q=car&mode=hybrid")
    assert titles(html) == titles(get(client, "/search?q=car&mode=bm25"))
    assert "Ranked by words only" in html


def test_what_only_meaning_finds_is_not_passed_off_as_a_match(client: Client) -> None:
    warm_up()
    note = "No paper contains these words; showing papers close in meaning."
    html = get(client, "/search?q=vehicle&mode=hybrid")
    assert set(titles(html)) == {"A car", "A car wash", "An automobile"}
    assert note in html
    assert note not in get(client, "/search?q=car&mode=hybrid")
    assert note not in get(client, "/search?q=zzzz&mode=bm25")


def test_an_unknown_mode_is_noted(client: Client) -> None:
    html = get(client, "/search?q=car&mode=magic")
    assert "Unknown ranking mode “magic”." in html
    assert set(titles(html)) == {"A car", "A car wash"}


@pytest.mark.parametrize("mode", ["dense", "hybrid", "rerank"])
@pytest.mark.parametrize("text", ["x" * 10_000, "car " * 10_000, "(" * 50, '"', "-car", "C++ & <b>{}[]()^~*?"])
def test_no_text_breaks_a_page(client: Client, mode: str, text: str) -> None:
    warm_up()
    assert client.get("/search", {"q": text, "mode": mode}).status_code == 200


def test_a_line_says_where_papers_begin_that_lack_the_name(client: Client, index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2603.00005", title="A leaf", abstract="A car named XR-3872.", day=MONDAY)
    index_papers()
    call_command("embed_papers", verbosity=0)
    warm_up()
    html = unescape(get(client, "/search?q=XR-3872+automobile&mode=hybrid"))
    above, line, below = html.partition("do not contain “XR-3872”")
    assert line
    assert titles(above) == ["A leaf"]
    assert set(titles(below)) == {"An automobile", "A car", "A car wash"}
    second = unescape(get(client, "/search?q=XR-3872+automobile&mode=hybrid&skip=1&show=1"))
    assert "do not contain “XR-3872”" in second
    third = get(client, "/search?q=XR-3872+automobile&mode=hybrid&skip=2&show=1")
    assert "do not contain" not in third
    assert "do not contain" not in get(client, "/search?q=automobile&mode=hybrid")
