from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.importing.candidates import IncomingRecord
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.importing.works import PlannedWork, WorkFinder
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "A title that is long enough to match"


def incoming(**fields: Any) -> IncomingRecord:
    return IncomingRecord.of(record(**{"title": TITLE, "authors": ["Ada Example"], "year": 2024, **fields}))


def plan(*records: IncomingRecord) -> list[PlannedWork]:
    return WorkFinder().plan(records)


def test_records_of_one_batch_find_each_other() -> None:
    works = plan(incoming(key="arxiv:2401.00001"), incoming(key="mine"), incoming(key="other", title="Something else"))
    keys = sorted(sorted(node.key for node in work.nodes) for work in works)
    assert keys == [["arxiv:2401.00001", "mine"], ["other"]]
    assert all(work.is_new for work in works)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "A title which is long enough to match", "doi": "10.1000/1", "authors": ["A. Example"]},
        {"title": "Other words at the conference", "arxiv_id": "2401.00001"},
    ],
)
def test_a_record_finds_its_work_in_the_library(fields: dict[str, Any]) -> None:
    upsert_records(
        [record(key="arxiv:2401.00001", title=TITLE, authors=["Ada Example"], doi="10.1000/1", submitted="2024-01-01")]
    )
    (work,) = plan(incoming(key="mine", **fields))
    assert work.paper_id == Paper.objects.get().pk
    assert not work.is_new


def test_every_record_of_a_work_must_agree_with_a_new_one() -> None:
    upsert_records(
        [
            record(key="mine", title=TITLE, authors=["Ada Example"], year=2024),
            record(key="acl:2024.acl-long.1", title=TITLE, authors=["Ada Example"], year=2024),
        ]
    )
    works = plan(incoming(key="acl:2024.acl-long.2"))
    assert sum(len(work.nodes) for work in works if work.paper_id is None) == 1 or len(works) == 3


def test_own_files_may_use_one_name_for_different_papers() -> None:
    upsert_records([record(key="bib:1", source="file", ident="smith2020", title="A title about cats", authors=["A B"])])
    (work,) = plan(incoming(key="bib:2", source="file", ident="smith2020"))
    assert work.is_new
