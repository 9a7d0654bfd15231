"""Keywords of papers by the index of the site."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coolpapers.finding.indexing.index import update_index
from coolpapers.finding.paper_keywords import keywords_of, keywords_of_each
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def words(title: str, abstract: str = "") -> list[str]:
    return [keyword.word for keyword in keywords_of(title, abstract)]


def test_words_are_those_that_others_have_too(index_papers: Callable[[], None]) -> None:
    for title in ("Alpine flowers", "Flowers of the alps", "Rivers"):
        make_paper(title=title, abstract="")
    index_papers()
    assert words("Alpine flowers") == ["flowers"]
    assert words("Rivers") == []


def test_a_paper_that_arrives_makes_a_word_findable(index_papers: Callable[[], None]) -> None:
    make_paper(title="Rivers", abstract="")
    index_papers()
    assert words("Rivers") == []
    make_paper(title="Of rivers and seas", abstract="")
    update_index(search_backend())
    assert words("Rivers") == ["rivers"]


@pytest.mark.usefixtures("own_index")
def test_without_an_index_there_are_no_words() -> None:
    assert words("Rivers") == []
    assert list(keywords_of_each([("Rivers", ""), ("Seas", "")])) == []
