from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from coolpapers.feeding.models import PrivateEntry
from coolpapers.feeding.uploads.shelf import match_records, shelve
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records import record as records
from coolpapers.papers.records.record import Refusal
from coolpapers.people.models import Item
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW_MS = 1_770_000_000_000
PRINTED = {"title": "On the private shelves of readers", "authors": ["Ada Example", "Bo Sample"], "year": 2024}


def test_references_are_matched_as_in_imports_and_nothing_is_written_to_the_library() -> None:
    upsert_records([record(key="arxiv:2401.00001", submitted="2024-01-01", **PRINTED), record(key="acl:P19-1")])
    before = (Paper.objects.count(), PaperSource.objects.count())
    same = record(key="bib:1", venue="ICLR 2024", **PRINTED)
    other = record(key="bib:2", title="Another paper that nobody has", authors=["Cy Third"], year=2020)
    assert match_records([same, other, record(key="acl:P19-1")]) == {
        "bib:1": "arxiv:2401.00001",
        "acl:P19-1": "acl:P19-1",
    }
    assert (Paper.objects.count(), PaperSource.objects.count()) == before


def test_a_shelf_has_a_collection_and_private_entries_of_one_reader() -> None:
    ada, bo = User.objects.create_user("ada"), User.objects.create_user("bo")
    upsert_records([record(key="arxiv:2401.00001", submitted="2024-01-01", **PRINTED)])
    items: list[records.Item] = [
        record(key="bib:1", **PRINTED),
        record(key="bib:2", doi="10.1000/x"),
        Refusal("a.bib", 9, "title", "missing"),
    ]
    for _again in range(2):  # the same file twice is one shelf
        shelved = shelve(items, owner=ada, name="my reading.bib", now_ms=NOW_MS)
        assert (shelved.n_matched, len(shelved.refusals)) == (1, 1)
    (collection,) = Item.objects.filter(user=ada, kind="collection")
    assert collection.value["name"] == "my reading"
    (member,) = Item.objects.filter(user=ada, kind="member")
    assert member.key == f"{collection.key}/arxiv:2401.00001"
    assert [entry.doi for entry in PrivateEntry.objects.filter(owner=ada)] == ["10.1000/x"]
    assert not PrivateEntry.objects.filter(owner=bo).exists()
    assert Paper.objects.count() == 1
