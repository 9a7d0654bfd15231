from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation

from coolpapers.finding.pages.field_values import Suggestion
from coolpapers.finding.pages.suggestions import suggest
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def _library(index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2603.00001", title="Graph neural networks for parsing", categories=["cs.CL", "cs.LG"])
    make_paper(arxiv_id="2603.00002", title="Graphs of thought", categories=["cs.LG"], authors=["Geoffrey Hinton"])
    make_venue_paper("a", title="Neural trees")
    index_papers()


@pytest.mark.usefixtures("_library")
def test_categories_by_code_and_by_name() -> None:
    assert Suggestion("cs.LG", "Machine Learning · 2 papers", "/arxiv/cs.LG") in suggest("cs.")
    assert Suggestion("cs.LG", "Machine Learning · 2 papers", "/arxiv/cs.LG") in suggest("learn")
    assert [one.text for one in suggest("CS.C")] == ["cs.CL"]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("text", ["机器", "学习", "machine"])
def test_categories_by_their_names_in_either_language(text: str) -> None:
    with translation.override("zh-hans"):
        assert ("cs.LG", "/arxiv/cs.LG") in [(one.text, one.path) for one in suggest(text)]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("text", ["ICL", "iclr 20", "iclr.2025"])
def test_venues(text: str) -> None:
    assert Suggestion("ICLR 2025", "1 paper", "/venue/ICLR.2025") in suggest(text)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("text", ["hint", "Geoffrey", "geoffrey hin", "Hinton G"])
def test_authors_lead_to_their_pages(text: str) -> None:
    author = Suggestion("Geoffrey Hinton", "1 paper", "/author/Geoffrey%20Hinton")
    assert author in suggest(text)


@pytest.mark.usefixtures("_library")
def test_the_last_word_is_completed() -> None:
    assert Suggestion("neural networks") in suggest("neural netw")


@pytest.mark.usefixtures("_library")
def test_papers_with_all_the_words_in_their_title() -> None:
    paper = Suggestion("Graph neural networks for parsing", "2026", "/arxiv/2603.00001")
    assert paper in suggest("graph neur")
    assert paper in suggest("neural graph")
    assert paper not in suggest("graph quantum")


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("text", ["", "g", "()", '"', "(((", "ti:", "\x00\x01", "x" * 5000, "-", "a:b:c*", "%%%"])
def test_odd_text_gives_few_or_no_suggestions(text: str) -> None:
    assert len(suggest(text)) <= 17


@pytest.mark.usefixtures("own_index")
def test_without_an_index_places_are_still_suggested(own_index: Path) -> None:
    make_paper(categories=["cs.CL"])
    assert not own_index.exists()
    assert [one.text for one in suggest("cs.C")] == ["cs.CL"]
