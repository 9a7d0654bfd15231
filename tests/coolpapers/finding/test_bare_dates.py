"""``2017`` among words is that word or that year, all the way from the query to the ranking."""

from __future__ import annotations

from datetime import date

import pytest

from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.language.parser import parse_query
from search.ranking.relaxing import relax
from tests.search.make import make_document
from tests.search.trees import NOW, any_of


@pytest.fixture
def library() -> MemoryBackend:
    backend = MemoryBackend()
    backend.rebuild(
        [
            make_document("p:task", title="The 2017 shared task on parsing", day=date(2018, 1, 1)),
            make_document("p:words", title="Parsing of the shared task and a task of 2017", day=date(2018, 1, 1)),
            make_document("p:year", title="Parsing as a shared task", day=date(2017, 1, 1)),
            make_document("p:other", title="Parsing as a shared task", day=date(2016, 1, 1)),
        ],
        revision=1,
    )
    return backend


def ranked(backend: MemoryBackend, text: str) -> list[str]:
    return [hit.key for hit in backend.search(parse_query(text, now=NOW).root, Request()).hits]


def test_papers_that_say_it_rank_above_papers_of_that_year(library: MemoryBackend) -> None:
    assert ranked(library, "parsing shared task 2017")[-1] == "p:year"
    assert "p:other" not in ranked(library, "parsing shared task 2017")


def test_a_title_is_recognised_with_its_year(library: MemoryBackend) -> None:
    assert ranked(library, "2017 shared task on parsing")[0] == "p:task"


def test_alone_it_lists_the_year_newest_first(library: MemoryBackend) -> None:
    assert ranked(library, "2017") == ["p:year"]


def test_when_words_are_relaxed_it_is_a_word_and_not_all_papers_of_a_year(library: MemoryBackend) -> None:
    root = relax(parse_query("parsing zebras 2017", now=NOW).root, library)
    assert root == any_of("parsing", "zebras", "2017")
