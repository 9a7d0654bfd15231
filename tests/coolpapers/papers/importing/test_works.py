from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.importing.works import IncomingRecord, WorkFinder
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "A title that is long enough to match"


def met(**fields: Any) -> IncomingRecord:
    return IncomingRecord.of(record(**{"title": TITLE, "authors": ["Ada Example"], **fields}))


def test_records_of_one_batch_find_each_other() -> None:
    batch = [met(key="arxiv:2401.00001"), met(key="mine"), met(key="other", title="Something else entirely")]
    finder = WorkFinder(batch)
    first, second, third = (finder.work_of(one) for one in batch)
    assert first is second
    assert first is not third
    assert [one.record.key for one in first.met] == ["arxiv:2401.00001", "mine"]
    assert first.paper_id is None


def test_a_record_finds_its_work_in_the_library() -> None:
    upsert_records([record(key="arxiv:2401.00001", title=TITLE, authors=["Ada Example"], doi="10.1000/1")])
    for fields in ({}, {"title": "Other title", "doi": "10.1000/1"}, {"title": "Other", "arxiv_id": "2401.00001"}):
        one = met(key="mine", **fields)
        assert WorkFinder([one]).work_of(one).paper_id is not None


def test_every_record_of_a_work_must_agree_with_a_new_one() -> None:
    upsert_records(
        [
            record(key="mine", title=TITLE, authors=["Ada Example"]),
            record(key="acl:2024.acl-long.1", title=TITLE, authors=["Ada Example"]),
        ]
    )
    other = met(key="acl:2024.acl-long.2")
    assert WorkFinder([other]).work_of(other).paper_id is None


def test_own_files_may_use_one_name_for_different_papers() -> None:
    upsert_records([record(key="bib:1", source="file", ident="smith2020", title="A title about cats", authors=["A B"])])
    one = met(key="bib:2", source="file", ident="smith2020")
    assert WorkFinder([one]).work_of(one).paper_id is None
