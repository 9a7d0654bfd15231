"""Administrators merge papers, keep them apart, and take that back; imports follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coolpapers.papers.duplicates.decisions import (
    find_decision,
    find_named,
    merge_papers,
    separate_papers,
    undo_decision,
)
from coolpapers.papers.errors import PairError
from coolpapers.papers.importing.curation import save_corrections
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.lookup.former_keys import surviving_keys
from coolpapers.papers.models import FormerPaper, Paper, PaperPair, PaperSource, Tombstone
from coolpapers.papers.records.record import Record, Version
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
State = PaperPair.State
PEOPLE = ["Ada Example", "Bo Müller"]


def preprint(**fields: Any) -> Record:
    return record(
        **{
            "key": "arxiv:2005.00001",
            "title": "Parsing with very few trees",
            "authors": PEOPLE,
            "submitted": "2020-05-01",
            "abstract": "We parse.",
            "versions": [Version(1), Version(2, None, "typos")],
            **fields,
        }
    )


def article(**fields: Any) -> Record:
    return record(
        **{
            "key": "x:article",
            "title": "A data-efficient parser of natural language",
            "authors": PEOPLE,
            "year": 2024,
            "venue": "Journal of Baz",
            "doi": "10.1000/1",
            "abstract": "It parses.",
            **fields,
        }
    )


def everything() -> list[Any]:
    """All that the catalogue holds of papers, rows in the order of their keys, without row numbers and revisions."""
    columns = [
        field.name for field in Paper._meta.concrete_fields if field.name not in ("id", "revision", "modified_at")
    ]
    held: list[Any] = list(Paper.objects.order_by("key").values_list(*columns))
    held += PaperSource.objects.order_by("key").values_list("key", "paper__key", "record", "content_hash", "title_key")
    for paper in Paper.objects.order_by("key"):
        held += paper.versions.order_by("number").values_list("number", "note")
        held += paper.category_rows.order_by("position").values_list("category__code")
    return held


def merge(first: str, second: str) -> Paper:
    (paper,) = merge_papers(find_named(first), find_named(second), by="ada", now=NOW).papers
    return paper


def keep_apart(first: str, second: str) -> list[Paper]:
    return separate_papers(find_named(first), find_named(second), by="ada", now=NOW).papers


def undo(first: str, second: str, state: PaperPair.State) -> list[Paper]:
    return undo_decision(find_decision(find_named(first), find_named(second), state), now=NOW).papers


def test_two_papers_are_merged_and_come_back_as_they_were() -> None:
    upsert_records([preprint(categories=["cs.CL"]), article(categories=["cs.AI", "cs.CL"])])
    before = everything()
    joined = merge("x:article", "2005.00001")
    assert Paper.objects.get() == joined
    assert (joined.key, joined.title, joined.doi) == ("arxiv:2005.00001", "Parsing with very few trees", "10.1000/1")
    assert surviving_keys(["x:article"]) == {"x:article": joined.key}
    assert Tombstone.objects.get().key == "x:article"
    pair = PaperPair.objects.get()
    assert (pair.first, pair.second, pair.state, pair.decided_by) == ("arxiv:2005.00001", "x:article", "same", "ada")
    parted = undo("arxiv:2005.00001", "x:article", State.SAME)
    assert [paper.key for paper in parted] == ["arxiv:2005.00001", "x:article"]
    assert everything() == before
    assert not Tombstone.objects.exists()
    assert not FormerPaper.objects.exists()
    assert not PaperPair.objects.exists()


def test_imports_keep_merged_papers_together() -> None:
    upsert_records([preprint(), article()])
    merge("arxiv:2005.00001", "x:article")
    upsert_records([article(abstract="It parses better."), preprint(title="Parsing with few trees")])
    joined = Paper.objects.get()
    assert joined.title == "Parsing with few trees"
    assert joined.sources.count() == 2


def test_a_merger_holds_for_papers_that_are_deleted_and_come_back() -> None:
    upsert_records([preprint(), article()])
    merge("arxiv:2005.00001", "x:article").delete()
    upsert_records([article()])
    upsert_records([preprint()])
    assert Paper.objects.get().sources.count() == 2


def test_papers_of_several_records_that_exclude_each_other_become_one_and_come_back() -> None:
    upsert_records([preprint(), record(key="acl:2020.x-1.1", title=preprint().title, authors=PEOPLE, venue="ACL 2020")])
    upsert_records([article(), article(key="x:again", pages="1-9")])
    assert Paper.objects.count() == 2
    before = everything()
    joined = merge("x:again", "acl:2020.x-1.1")
    assert (joined.key, joined.sources.count()) == ("arxiv:2005.00001", 4)
    undo("arxiv:2005.00001", "x:article", State.SAME)
    assert everything() == before


def test_papers_kept_apart_stay_apart_however_well_they_match() -> None:
    upsert_records([preprint(), article(title="Parsing with very few trees", year=2025)])
    assert PaperPair.objects.get().state == State.OPEN
    keep_apart("arxiv:2005.00001", "x:article")
    upsert_records([article(title="Parsing with very few trees", year=2020)])
    assert Paper.objects.count() == 2
    assert undo("x:article", "arxiv:2005.00001", State.APART) == [Paper.objects.get()]


def test_two_records_of_one_paper_are_parted_and_joined_again() -> None:
    upsert_records([preprint(), article(title="Parsing with very few trees", year=2020)])
    before = everything()
    parted = keep_apart("x:article", "arxiv:2005.00001")
    assert [(paper.key, paper.abstract) for paper in parted] == [
        ("arxiv:2005.00001", "We parse."),
        ("x:article", "It parses."),
    ]
    upsert_records([article(key="x:copy", title="Parsing with very few trees", year=2020)])
    assert {paper.key: paper.sources.count() for paper in Paper.objects.all()} == {
        "arxiv:2005.00001": 1,
        "x:article": 2,
    }
    Paper.objects.get(key="x:article").sources.get(key="x:copy").delete()
    undo("x:article", "arxiv:2005.00001", State.APART)
    assert everything() == before


def test_an_administrator_can_change_their_mind() -> None:
    upsert_records([preprint(), article()])
    keep_apart("x:article", "arxiv:2005.00001")
    assert merge("x:article", "arxiv:2005.00001").sources.count() == 2
    assert len(keep_apart("x:article", "arxiv:2005.00001")) == 2
    assert [pair.state for pair in PaperPair.objects.all()] == [State.APART]
    undo("x:article", "arxiv:2005.00001", State.APART)
    assert not PaperPair.objects.exists()
    assert Paper.objects.count() == 2


def test_corrections_by_hand_come_back() -> None:
    upsert_records([preprint(), article()])
    paper = Paper.objects.get(key="x:article")
    paper.title = "Corrected"
    save_corrections(paper, ["title"])
    merge("x:article", "arxiv:2005.00001")
    undo("x:article", "arxiv:2005.00001", State.SAME)
    assert Paper.objects.get(key="x:article").title == "Corrected"


def test_records_that_come_later_stay_where_they_belong_when_a_merger_is_undone() -> None:
    upsert_records([preprint(), article()])
    merge("x:article", "arxiv:2005.00001")
    upsert_records([article(key="x:copy"), preprint(key="openreview:Aa1Bb2Cc3", versions=[])])
    undo("x:article", "arxiv:2005.00001", State.SAME)
    assert {paper.key: paper.sources.count() for paper in Paper.objects.all()} == {
        "arxiv:2005.00001": 2,
        "x:article": 2,
    }


def test_mergers_of_three_are_undone_in_any_order() -> None:
    third = record(key="acl:2021.y-1.1", title="Something else entirely", authors=["Chen Wei"], venue="ACL 2021")
    upsert_records([preprint(), article(), third])
    before = everything()
    merge("x:article", "acl:2021.y-1.1")
    merge("arxiv:2005.00001", "acl:2021.y-1.1")
    assert Paper.objects.count() == 1
    first = PaperPair.objects.get(first="acl:2021.y-1.1", second="x:article")
    undo_decision(first, now=NOW)
    undo("arxiv:2005.00001", "acl:2021.y-1.1", State.SAME)
    assert everything() == before


def test_what_cannot_be_decided_is_refused() -> None:
    third = record(key="acl:2021.y-1.1", title="Something else entirely", authors=["Chen Wei"], venue="ACL 2021")
    upsert_records([preprint(), article(), third])
    for names, reason in (
        (("x:article", "x:article"), "one paper"),
        (("x:nothing", "x:article"), "no such paper"),
    ):
        with pytest.raises(PairError, match=reason):
            merge(*names)
    with pytest.raises(PairError, match="nothing to undo"):
        undo("x:article", "arxiv:2005.00001", State.SAME)
    merge("x:article", "acl:2021.y-1.1")
    merge("arxiv:2005.00001", "acl:2021.y-1.1")
    with pytest.raises(PairError, match="undo that first: merge_papers --undo"):
        keep_apart("x:article", "acl:2021.y-1.1")
    assert Paper.objects.count() == 1
