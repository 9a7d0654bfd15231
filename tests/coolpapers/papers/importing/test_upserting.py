from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.importing import upserting
from coolpapers.papers.importing.upserting import BATCH_SIZE, Upserter, UpsertReport
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import Item, Refusal
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_batches_end_early_where_abstracts_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upserting, "_BATCH_CHARACTERS", 100)
    items = [record(abstract="x" * 60) for _ in range(4)]
    assert [len(batch) for batch in upserting._batches(items, 10)] == [2, 2]


def test_items_are_read_lazily() -> None:
    taken: list[int] = []

    def items() -> Iterator[Item]:
        for number in range(BATCH_SIZE * 3):
            taken.append(number)
            if number == BATCH_SIZE + 1:
                raise SourceFormatError("the rest is lost")
            yield record()

    with pytest.raises(SourceFormatError):
        Upserter(location="here", now=NOW).run(items())
    assert Paper.objects.count() == BATCH_SIZE
    assert len(taken) == BATCH_SIZE + 2


def test_what_the_database_refuses_does_not_cost_its_neighbours() -> None:
    bad = record(key="bad")
    object.__setattr__(bad, "comment", None)  # past the checks
    refused: list[str] = []
    items: list[Item] = [record(key="a"), bad, record(key="c")]
    report = Upserter(location="here", now=NOW, refused=lambda refusal: refused.append(str(refusal))).run(items)
    assert (report.added, report.refused, report.position) == (2, 1, 3)
    assert refused[0].startswith("here: bad: the database refused it: ")
    assert sorted(Paper.objects.values_list("key", flat=True)) == ["a", "c"]


def test_an_id_that_is_used_again_for_another_paper_overwrites_nothing() -> None:
    refused: list[Refusal] = []

    def upsert(**fields: object) -> UpsertReport:
        item = record(key="own:1", **fields)
        return Upserter(location="here", now=NOW, refused=refused.append).run([record(key="own:0"), item])

    upsert(title="Attention Is All You Need", authors=["Ashish Vaswani", "Noam Shazeer"], abstract="The first.")
    upsert(title="A Survey of Meadow Birds", authors=["Vera Field"], abstract="Another.", line=7)
    assert Paper.objects.get(key="own:1").title == "Attention Is All You Need"
    assert Paper.objects.get(key="own:1").authors == ["Ashish Vaswani", "Noam Shazeer"]
    assert [(refusal.line, refusal.field) for refusal in refused] == [(7, "id")]
    assert "own:1: this id is that of another paper in the library, “Attention Is All You Need”" in refused[0].reason


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Transformers without Recurrence", "authors": ["A. Vaswani", "Noam Shazeer"]},  # retitled
        {"title": "Attention Is All You Need", "authors": ["Vera Field"]},  # authors corrected
        {"title": "Transformers without Recurrence", "authors": []},
        {"title": "Birds", "authors": ["Vera Field"], "doi": "10.1000/attention"},
    ],
)
def test_a_record_that_may_be_a_later_state_of_its_paper_replaces_it(changed: dict[str, object]) -> None:
    before = {"title": "Attention Is All You Need", "authors": ["Ashish Vaswani"], "doi": "10.1000/attention"}
    for fields in (before, {**({} if "doi" in changed else {"doi": ""}), **changed}):
        Upserter(location="here", now=NOW).run([record(key="own:1", **fields)])
    assert Paper.objects.get(key="own:1").title == changed["title"]


def test_ids_of_registries_may_change_title_and_authors() -> None:
    for title, author in (("Attention Is All You Need", "Ashish Vaswani"), ("Meadow Birds", "Vera Field")):
        Upserter(location="here", now=NOW).run([record(key="arxiv:1706.03762", title=title, authors=[author])])
    assert Paper.objects.get().title == "Meadow Birds"


def test_the_place_is_committed_with_the_batch_or_not_at_all() -> None:
    positions: list[int] = []

    def committed(report: UpsertReport) -> None:
        positions.append(report.position)
        if report.position > 2:
            raise OperationalError("the connection is lost")

    upserter = Upserter(location="here", now=NOW, batch_size=2, committed=committed)
    with pytest.raises(OperationalError):
        upserter.run(record() for _ in range(5))
    assert positions == [2, 4]
    assert Paper.objects.count() == 2
    assert upserter.report.added == 2


def test_it_stops_after_a_batch_when_asked_to() -> None:
    upserter = Upserter(location="here", now=NOW, batch_size=2, should_stop=lambda: Paper.objects.count() >= 4)
    assert upserter.run(record() for _ in range(9)).position == 4


def test_memory_does_not_grow_with_the_number_of_records() -> None:
    """Four times the records take the same memory, but for the hashes of their ids."""
    peaks = []
    for n_records in (1000, 4000):
        tracemalloc.start()
        items = (record(key=f"own:{n_records}:{n}", abstract=f"{n} " * 500) for n in range(n_records))
        Upserter(location="here", now=NOW, batch_size=200, repeats_replace=False).run(items)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
