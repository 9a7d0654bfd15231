"""Words of the papers that a reader has opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coolpapers.people.keywords import counting
from coolpapers.people.keywords.counting import MAX_WORDS, N_SIZES, count_keywords
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(index_papers: Callable[[], None]) -> list[str]:
    titles = ["Parsing trees", "Trees and forests", "Growing trees", "Parser of graphs", "Graphs", "Oceans"]
    papers = [make_paper(title=title, abstract="") for title in titles]
    index_papers()
    return [paper.key for paper in papers]


def test_words_are_counted_by_papers_and_their_forms_together(keys: list[str]) -> None:
    counted = {one.word: one.n_papers for one in count_keywords(keys)}
    assert counted == {"trees": 3, "graphs": 2}  # what one paper alone has stands for nothing shared


def test_stop_words_are_not_in_the_cloud(index_papers: Callable[[], None]) -> None:
    papers = [
        make_paper(title=title, abstract="") for title in ("Trees across seas", "Across seas, they say", "They say")
    ]
    index_papers()
    assert [one.word for one in count_keywords([paper.key for paper in papers])] == ["seas"]


def test_the_most_frequent_comes_first_and_is_the_largest(keys: list[str]) -> None:
    found = count_keywords(keys)
    assert [one.word for one in found] == ["trees", "graphs"]
    assert [one.size for one in found] == [N_SIZES, 1]


def test_words_equally_frequent_have_one_size(keys: list[str]) -> None:
    assert {one.size for one in count_keywords(keys[3:5])} == {3}


def test_papers_count_once_and_missing_ones_do_not_count(keys: list[str]) -> None:
    assert count_keywords([keys[0], keys[0], "gone"]) == count_keywords(keys[:1])
    assert count_keywords([]) == []
    assert count_keywords(["gone"]) == []


def test_only_the_first_papers_are_counted(keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_PAPERS", 2)
    assert [one.n_papers for one in count_keywords(keys)] == [2]


def test_a_cloud_has_a_bounded_number_of_words(index_papers: Callable[[], None]) -> None:
    letters = "bcdfghjklm"
    names = [f"q{a}{b}x" for a in letters for b in letters]
    papers = [make_paper(title=" ".join(names[start : start + 10]), abstract="") for start in range(0, 100, 10)]
    for start in range(0, 100, 10):
        make_paper(title=" ".join(names[start : start + 10]), abstract="")
    index_papers()
    assert len(count_keywords([paper.key for paper in papers])) == MAX_WORDS
