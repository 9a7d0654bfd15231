"""The page and the panel of related papers."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from coolpapers.papers.models import Paper
from search.errors import StageUnavailable
from search.neural.readers import VectorReader
from search.ranking import stages
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper
from tests.coolpapers.papers.pages.test_views import get, titles
from tests.search.concepts import ConceptRetriever

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(settings: Any, tmp_path: Path, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_down", {})
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    make_paper(arxiv_id="2603.00001", title="A car", abstract="On the road.", day=MONDAY)
    make_paper(arxiv_id="2603.00002", title="A road", abstract="For each car.", categories=["cs.LG"], day=MONDAY)
    make_paper(arxiv_id="2603.00003", title="An automobile", abstract="<b>In</b> motion.", day=TUESDAY)
    make_venue_paper("t_1", title="Felines")
    index_papers()
    call_command("embed_papers", verbosity=0)


@pytest.mark.usefixtures("library")
def test_the_page_shows_cards_that_say_why(client: Client) -> None:
    html = get(client, "/related/2603.00001")
    assert titles(html) == ["A road", "An automobile"]
    assert "Shared words: road, car" in html or "Shared words: car, road" in html
    assert "Semantic similarity" in html


@pytest.mark.usefixtures("library")
def test_the_panel_is_a_fragment(client: Client) -> None:
    html = get(client, "/related/2603.00001", headers={"HX-Request": "true", "HX-Target": "related-1"})
    assert "<html" not in html
    assert "A road" in html
    assert "semantic similarity:" in html
    assert 'href="/related/2603.00001"' in html


@pytest.mark.usefixtures("library")
def test_the_panel_sorts_and_filters_in_place(client: Client) -> None:
    target = f"related-{Paper.objects.get(arxiv_id='2603.00001').pk}"
    panel = {"HX-Request": "true", "HX-Target": target}
    html = get(client, "/related/2603.00001", headers=panel)
    assert f'hx-target="#{target}"' in html
    assert '<option value="cs.LG">cs.LG (1)</option>' in html
    filtered = get(client, "/related/2603.00001?sort=newest&category=cs.LG&year=", headers=panel)
    assert "A road" in filtered
    assert "An automobile" not in filtered
    assert '<option value="newest" selected>' in filtered
    assert '<option value="cs.LG" selected>' in filtered
    assert "sort=newest&amp;category=cs.LG" in filtered  # the way to the whole list keeps them


@pytest.mark.usefixtures("library")
def test_a_paper_imported_a_minute_ago_is_answered_and_the_notes_say_how(client: Client) -> None:
    paper = make_paper(
        arxiv_id="2603.00009", title="Two automobiles, one car", abstract="Motion on a road.", day=TUESDAY
    )
    call_command("update_index", verbosity=0)
    html = get(client, paper.get_absolute_url().replace("/arxiv/", "/related/"))
    assert "A road" in titles(html)
    assert "An automobile" in titles(html)
    assert "one was computed now" in html
    assert "1 new or changed paper has no embedding yet." in html


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ("sort=newest", ["An automobile", "A road"]),
        ("sort=magic", ["A road", "An automobile"]),
        ("sort=stars", ["A road", "An automobile"]),
        ("category=cs.LG", ["A road"]),
        ("year=2026", ["A road", "An automobile"]),
        ("from=2026-03-03", ["An automobile"]),
        ("show=1&skip=1", ["An automobile"]),
    ],
)
def test_sorts_filters_and_pages(client: Client, parameters: str, shown: list[str]) -> None:
    assert titles(get(client, f"/related/2603.00001?{parameters}")) == shown


@pytest.mark.usefixtures("library")
def test_scrolling_gets_the_next_cards(client: Client) -> None:
    html = get(client, "/related/2603.00001?show=1", headers={"HX-Request": "true"})
    assert titles(html) == ["A road"]
    assert "<html" not in html


@pytest.mark.usefixtures("library")
def test_without_vectors_the_page_says_so(client: Client, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "vectors")
    html = get(client, "/related/2603.00001")
    assert titles(html) == ["A road"]
    assert "Found by shared words only" in html


@pytest.mark.usefixtures("library")
def test_a_paper_without_relatives_and_one_that_is_not_here(client: Client) -> None:
    assert "No related paper was found." in get(client, "/related/t_1@OpenReview")
    get(client, "/related/2603.99999", status=404)
    get(client, "/related/nonsense", status=404)
    assert client.post("/related/2603.00001").status_code == 405


@pytest.mark.usefixtures("library")
def test_the_menu_of_cards_and_the_page_of_a_paper_have_the_button(client: Client) -> None:
    menu = r'<template id="card-menu".*href="/related/card-name" data-action="related" data-panel>.*</template>'
    assert re.search(menu, get(client, "/search?q=car"), re.S)
    assert 'href="/related/2603.00001" data-action="related" data-panel>' in get(client, "/arxiv/2603.00001")


@pytest.mark.usefixtures("own_index")
def test_without_an_index_the_page_says_how_to_make_one(client: Client) -> None:
    make_paper(arxiv_id="2603.00001")
    assert "update_index" in get(client, "/related/2603.00001", status=503)


@pytest.mark.usefixtures("library")
def test_a_papers_page_shows_its_words_and_leads_to_those_who_share_them(client: Client) -> None:
    html = get(client, "/arxiv/2603.00001")
    assert 'href="/search?q=car"' in html
    assert 'href="/search?q=road"' in html


class LoadingRetriever(ConceptRetriever):
    """Vectors that take longer to read than a stage may."""

    opened = threading.Event()

    def reader(self) -> VectorReader:
        self.opened.wait(30)
        return super().reader()


@pytest.mark.usefixtures("library")
def test_a_panel_that_comes_before_the_models_says_so_and_asks_again(client: Client, settings: Any) -> None:
    path = settings.DENSE_RETRIEVERS["default"]["OPTIONS"]["path"]
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": f"{__name__}.LoadingRetriever", "OPTIONS": {"path": path}}}
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 30, "rerank": 10_000}
    panel = {"HX-Request": "true", "HX-Target": "related-1"}
    html = get(client, "/related/2603.00001?sort=newest", headers=panel)
    assert "A road" in html  # by shared words, at once
    assert "An automobile" not in html
    assert "not ready yet" in html
    (address,) = re.findall(r'hx-get="([^"]*again[^"]*)"', html)
    assert 'hx-trigger="load delay:1s"' in html
    assert "again=" not in html.split("<ol")[1]
    LoadingRetriever.opened.set()
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 30_000, "rerank": 10_000}
    html = get(client, unescape(address), headers=panel)
    while more := re.findall(r'hx-get="([^"]*again[^"]*)"', html):  # what asked first may still be at work
        time.sleep(0.1)
        html = get(client, unescape(more[0]), headers=panel)
    assert "An automobile" in html


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("again", "asks"), [("4", True), ("5", False), ("-1", True), ("x", True)])
def test_a_panel_does_not_ask_for_ever(client: Client, again: str, asks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def unready(*_args: Any, **_kwargs: Any) -> None:
        raise StageUnavailable("loading", is_transient=True)

    monkeypatch.setattr("search.ranking.stages.run_stage", unready)
    html = get(client, f"/related/2603.00001?again={again}", headers={"HX-Request": "true", "HX-Target": "related-1"})
    assert ('hx-trigger="load' in html) == asks


@pytest.mark.usefixtures("library")
def test_the_address_says_which_signals_and_nothing_is_reread(client: Client, settings: Any) -> None:
    settings.RERANKERS = {"default": {"BACKEND": "tests.search.meanings.BackwardsReranker"}}
    settings.SEARCH_MODE = "rerank"
    assert titles(get(client, "/related/2603.00001")) == ["A road", "An automobile"]
    assert titles(get(client, "/related/2603.00001?mode=hybrid")) == ["A road", "An automobile"]
    assert titles(get(client, "/related/2603.00001?mode=bm25")) == ["A road"]
