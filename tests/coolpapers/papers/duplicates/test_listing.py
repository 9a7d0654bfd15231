from __future__ import annotations

import pytest

from coolpapers.papers.duplicates.listing import describe_pairs, find_pairs
from coolpapers.papers.identity.comparisons import Weight
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperPair
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "Parsing with very few trees"


@pytest.fixture(autouse=True)
def papers() -> None:
    upsert_records(
        [
            record(key="arxiv:2005.00001", title=TITLE, authors=["A. Bee", "C. Dee"], submitted="2020-05-01"),
            record(key="x:b", title=TITLE, authors=["A. Bee", "C. Dee"], year=2024, venue="J. of Baz", doi="10.1000/1"),
        ]
    )


def test_a_pair_is_described_with_both_records() -> None:
    (described,) = describe_pairs(find_pairs())
    first, second = described.sides
    assert (first.record, first.title, first.authors, first.years) == (
        "arxiv:2005.00001",
        TITLE,
        ("A. Bee", "C. Dee"),
        (2020,),
    )
    assert (second.venue, second.years, second.identifiers) == ("J. of Baz", (2024,), {"doi": "10.1000/1"})
    assert first.identifiers == {"arxiv": "2005.00001"}
    assert described.fields_for(Weight.SAME) == ["title", "authors"]
    assert described.fields_for(Weight.DIFFERENT) == ["year"]
    assert not described.is_one_paper


def test_pairs_are_chosen_by_state_reason_and_paper() -> None:
    PaperPair.objects.create(first="x:b", second="x:gone", state="apart", reason="signs")
    PaperPair.objects.create(first="x:b", second="x:gone too", state="open", reason="signs")
    paper = Paper.objects.get(key="arxiv:2005.00001")
    assert [pair.reason for pair in find_pairs()] == ["year"]
    assert [pair.reason for pair in find_pairs(state="")] == ["signs", "year"]
    assert [pair.reason for pair in find_pairs(state="apart")] == ["signs"]
    assert [pair.reason for pair in find_pairs(state="", reasons=["year", "doi"])] == ["year"]
    assert [pair.reason for pair in find_pairs(state="", paper=paper)] == ["year"]


def test_a_record_that_is_gone_has_no_paper() -> None:
    pair = PaperPair.objects.create(first="x:b", second="x:gone", state="apart")
    (described,) = describe_pairs([pair])
    assert (described.second.paper, described.second.title, described.comparisons) == (None, "", [])
    assert (described.second.authors, described.second.years, described.second.venue) == ((), (), "")
    assert described.second.identifiers == {}
