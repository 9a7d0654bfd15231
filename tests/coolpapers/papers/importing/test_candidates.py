from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.importing.candidates import IncomingRecord, LibraryRecords, Node, SharedKey, may_be_retitled
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperSource
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "Learning to parse sentences from very few trees"
PEOPLE = ["Ada Example", "Bo Müller"]


def node(**fields: Any) -> Node:
    made = record(**{"title": TITLE, "authors": PEOPLE, **fields})
    return Node.of(IncomingRecord.of(made), order=1)


def test_a_record_is_found_by_its_names_title_and_authors() -> None:
    shared = node(key="acl:2020.acl-main.1", doi="10.1000/1", arxiv_id="2005.00001").shared
    assert {one.name for one in shared} == {"title", "authors", "arxiv", "doi", "entry"}
    assert SharedKey("entry", ("acl", "2020.acl-main.1")) in shared
    assert {one.name for one in node(key="mine", doi="10.1007/978-3-319-10590-1").shared} == {"title", "authors"}


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "acl2020:1", "source": "acl", "ident": "2020.acl-main.1", "title": "Other", "authors": []},
        {"title": "Other words", "authors": [], "doi": "10.1000/1"},
        {"title": "Other words", "authors": [], "arxiv_id": "2005.00001"},
        {"authors": ["Somebody Else"]},
        {"title": "Parsing sentences from very few trees"},
    ],
)
def test_papers_of_the_library_are_found_by_each_of_them(fields: dict[str, Any]) -> None:
    upsert_records(
        [record(key="acl:2020.acl-main.1", title=TITLE, authors=PEOPLE, doi="10.1000/1", arxiv_id="2005.00001")]
    )
    (found,) = LibraryRecords().sharing([node(**fields)])
    assert (found.key, found.paper_id, found.holds_paper) == ("acl:2020.acl-main.1", Paper.objects.get().pk, True)
    assert (found.evidence.title, found.evidence.authors) == (TITLE, tuple(PEOPLE))


def test_the_same_people_with_another_subject_are_not_loaded() -> None:
    upsert_records([record(title="The flow of sand in deserts", authors=PEOPLE)])
    assert LibraryRecords().sharing([node()]) == []


def test_each_paper_is_loaded_once_and_with_all_its_records() -> None:
    upsert_records([record(key=key, title=TITLE, authors=PEOPLE, year=2020) for key in ("a", "b")])
    library = LibraryRecords()
    assert [(found.key, found.holds_paper) for found in library.of_records(["b"])] == [("a", True), ("b", False)]
    assert library.of_records(["a"]) == library.sharing([node()]) == []


def test_a_paper_whose_key_no_record_has_is_held_by_its_first_record() -> None:
    upsert_records([record(key=key, title=TITLE, authors=PEOPLE, year=2020) for key in ("a", "b")])
    Paper.objects.update(key="renamed")
    assert [found.holds_paper for found in LibraryRecords().of_papers([Paper.objects.get().pk])] == [True, False]


def test_a_paper_with_very_many_records_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.papers.importing.candidates.MAX_RECORDS", 1)
    upsert_records([record(key=key, title=TITLE, authors=PEOPLE, year=2020) for key in ("a", "b")])
    assert PaperSource.objects.count() == 2
    assert LibraryRecords().sharing([node()]) == []


def test_titles_with_few_words_in_common_are_not_worth_comparing() -> None:
    assert may_be_retitled("Learning to parse trees", "Parse trees with learning")
    assert not may_be_retitled("Learning to parse trees", "Sand in the deserts")
