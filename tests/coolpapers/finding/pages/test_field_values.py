"""Values of fields in the search box."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coolpapers.finding.pages.field_values import Suggestion
from coolpapers.finding.pages.suggestions import suggest
from search.language.parser import parse_query
from search.language.unparse import unparse
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def _library(index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2603.00001", categories=["cs.CL", "cs.LG"], authors=["Geoffrey Hinton"])
    make_paper(arxiv_id="2603.00002", categories=["cs.LG"], authors=["Geoffrey Hinton", "Ada van der Waals"])
    make_venue_paper("a", venue="ICLR", year=2024)
    make_venue_paper("b", venue="ICLR", year=2025)
    make_venue_paper("c", venue="ICML", year=2025)
    index_papers()


def texts(text: str) -> list[str]:
    return [one.text for one in suggest(text)]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("cat:cs.", ["cat:cs.LG ", "cat:cs.CL "]),
        ("graph CAT:learn", ["graph CAT:cs.LG "]),
        ("graph -category:cs.c", ["graph -category:cs.CL "]),
        ("(cat:cs.CL,cs.l", ["(cat:cs.CL,cs.LG "]),
        ("venue:IC", ["venue:ICLR ", "venue:ICML "]),
        ("venue:iclr", ["venue:ICLR ", 'venue:"ICLR 2025" ', 'venue:"ICLR 2024" ']),
        ("venue:iclr.2024", ['venue:"ICLR 2024" ']),
        ('venue:"iclr 20', ['venue:"ICLR 2025" ', 'venue:"ICLR 2024" ']),
        ("tree au:hin", ['tree au:"Geoffrey Hinton" ']),
        ('au:"geoffrey hi', ['au:"Geoffrey Hinton" ']),
        ("author:van_der", ['author:"Ada van der Waals" ']),
        ("cat:nothing", []),
        ("au:", []),
    ],
)
def test_a_field_at_the_end_is_completed_and_not_yet_searched(typed: str, completed: list[str]) -> None:
    assert texts(typed) == completed


@pytest.mark.usefixtures("_library")
def test_a_value_says_what_it_stands_for() -> None:
    assert suggest("cat:cs.l") == [Suggestion("cat:cs.LG ", "Machine Learning · 2 papers")]
    assert suggest("venue:icml")[0] == Suggestion("venue:ICML ", "1 paper")


@pytest.mark.usefixtures("_library")
def test_an_empty_value_offers_the_largest() -> None:
    assert texts("cat:") == ["cat:cs.LG ", "cat:cs.CL "]
    assert texts("venue:") == ["venue:ICLR ", "venue:ICML "]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("typed", ["cat:cs.", "venue:ic", "venue:iclr", "au:hin", "graph -cat:cs."])
def test_every_completion_parses_as_its_field(typed: str) -> None:
    for text in texts(typed):
        query = parse_query(text)
        assert not query.notes
        assert unparse(query.root)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("typed", ["cat:cs.CL gr", "xcat:cs", "12:30", '"cat:cs.LG" x'])
def test_other_texts_are_completed_as_words(typed: str) -> None:
    assert all(not text.endswith(" ") for text in texts(typed))


def test_without_an_index_categories_and_venues_are_still_completed(own_index: Path) -> None:
    make_paper(categories=["cs.CL"])
    assert texts("cat:cs") == ["cat:cs.CL "]
    assert texts("au:hinton") == []
