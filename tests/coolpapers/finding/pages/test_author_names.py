from __future__ import annotations

from collections.abc import Callable

import pytest

from coolpapers.finding.pages.author_names import AuthorName, complete_authors
from search.errors import IndexMissing
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def _library(index_papers: Callable[[], None]) -> None:
    lists = [
        ["Geoffrey Hinton", "María Díaz"],
        ["Geoffrey Hinton", "Geoff Smith"],
        ["Mary Hinton"],
        ["van der Waals, J."],
        ["王小明", "文君 李"],
        ["สมชาย ใจดี"],
    ]
    for number, authors in enumerate(lists):
        make_paper(arxiv_id=f"2603.0000{number}", title="On learning", authors=authors)
    index_papers()


def names(text: str) -> list[str]:
    return [author.name for author in complete_authors(text, limit=3)]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hint", ["Geoffrey Hinton", "Mary Hinton"]),
        ("HINTON", ["Geoffrey Hinton", "Mary Hinton"]),
        ("geof", ["Geoffrey Hinton", "Geoff Smith"]),
        ("geoffrey hin", ["Geoffrey Hinton"]),
        ("hinton geo", ["Geoffrey Hinton"]),
        ("Hinton, G", ["Geoffrey Hinton"]),
        ("dia", ["María Díaz"]),
        ("Día", ["María Díaz"]),
        ("van der w", ["van der Waals, J."]),
        ("hi", ["Geoffrey Hinton", "Mary Hinton"]),
        ("g hin", ["Geoffrey Hinton"]),
        ("文", ["文君 李"]),
        ("李", ["文君 李"]),
        ("王", ["王小明"]),
        ("王小", ["王小明"]),
        ("สมช", ["สมชาย ใจดี"]),
    ],
)
def test_beginnings_of_family_and_given_names_offer_authors(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.usefixtures("_library")
def test_the_papers_are_those_that_the_search_for_the_author_finds() -> None:
    assert complete_authors("hinton", limit=1) == [AuthorName("Geoffrey Hinton", 2)]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    "text", ["", "h", "learning", "hinton smith", "au:hinton", '"hinton"', "2603", "hin*", "a b c d e f"]
)
def test_what_is_no_name_offers_none(text: str) -> None:
    assert names(text) == []


def test_names_of_deleted_and_changed_papers_are_not_offered(index_papers: Callable[[], None]) -> None:
    changed = make_paper(arxiv_id="2603.00001", title="On learning", authors=["Geoffrey Hinton"])
    make_paper(arxiv_id="2603.00002", title="On trees", authors=["Mary Hinton"]).delete()
    index_papers()
    assert names("hint") == ["Geoffrey Hinton"]
    changed.authors = ["Ada Hinton"]
    changed.save()
    assert names("hint") == []  # the index still has the former name


@pytest.mark.usefixtures("own_index")
def test_without_an_index_the_error_is_passed_on() -> None:
    with pytest.raises(IndexMissing):
        complete_authors("hinton", limit=3)
