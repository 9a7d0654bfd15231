from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from coolpapers.papers.identity.evidence import Evidence
from coolpapers.papers.identity.verdicts import Verdict, compare
from coolpapers.papers.importing.candidates import MAX_RECORDS, IncomingRecord
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.importing.works import MAX_DOUBTFUL, PlannedWork, WorkFinder
from coolpapers.papers.models import Paper, PaperSource
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


HOSTILE: dict[str, Callable[[int], dict[str, Any]]] = {
    "one title": lambda n: {"authors": [f"Ada{n} Example{n}"]},
    "one title and team": lambda _n: {},
    "one title and team, many venues": lambda n: {"venue": f"Journal of Things {n}"},
    "one title and team, many years": lambda n: {"year": 1700 + n % 300},
    "one title without authors": lambda _n: {"authors": []},
    "one DOI and team": lambda n: {"title": f"An ordinary title number {n} of a paper", "doi": "10.1000/1"},
    "one arXiv id": lambda n: {"title": f"An ordinary title number {n} of a paper", "arxiv_id": "2005.00001"},
    "a chain": lambda n: {"doi": f"10.1000/{n // 2}", "arxiv_id": f"2005.{(n + 1) // 2:05d}"},
    "titles of one kind": lambda n: {"title": f"A title that is long enough to match word{n}x"},
    "blocks": lambda n: {"title": f"A title number {n // 60} that is long enough", "year": 2000 + n % 20},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_take_few_comparisons_and_lose_no_record(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    n_records, n_compared = 600, 0

    def counted(one: Evidence, other: Evidence) -> Verdict:
        nonlocal n_compared
        n_compared += 1
        return compare(one, other)

    monkeypatch.setattr("coolpapers.papers.importing.works.compare", counted)
    records = [
        record(**{"key": f"x:{n}", "title": TITLE, "authors": ["Ada Example"], "year": 2024, **HOSTILE[kind](n)})
        for n in range(n_records)
    ]
    upsert_records(records[:400])
    upsert_records(records[400:])
    assert n_compared <= 60 * n_records
    assert set(PaperSource.objects.values_list("key", flat=True)) == {record.key for record in records}
    sizes = Counter(PaperSource.objects.values_list("paper_id", flat=True))
    assert max(sizes.values()) <= MAX_RECORDS
    assert set(sizes) == set(Paper.objects.values_list("pk", flat=True))


def test_a_record_is_listed_beside_a_few_others_only() -> None:
    records = [incoming(key=f"x:{n:02d}", year=1900 + 5 * n) for n in range(40)]
    finder = WorkFinder()
    finder.plan(records)
    counts = Counter(key for link in finder.doubtful for key in link)
    assert max(counts.values()) == MAX_DOUBTFUL
