from __future__ import annotations

import io
import time

import pytest

from coolpapers.papers.sources.references import tagged as module
from coolpapers.papers.sources.references.nbib import NbibSource
from coolpapers.papers.sources.references.ris import RisSource
from coolpapers.papers.sources.references.tagged import TaggedSource, join_pages
from tests.coolpapers.papers.make import read_bytes, records_of, refusals_of


def test_pages_are_joined() -> None:
    assert [join_pages("1", "5"), join_pages("1-5", ""), join_pages("1-5", "5"), join_pages("1", "1")] == [
        "1-5", "1-5", "1-5", "1"
    ]  # fmt: skip
    assert join_pages("", "5") == "5"


def test_a_record_that_is_too_long_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RECORD", 100)
    data = b"TY  - JOUR\nTI  - " + b"x" * 200 + b"\nER  - \nTY  - JOUR\nTI  - Fine\nER  - \n"
    items = read_bytes(RisSource(), data)
    assert [record.title for record in records_of(items)] == ["Fine"]
    assert refusals_of(items) == ["file, line 1: longer than 100 characters; an end mark is probably missing"]


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (RisSource(), b"TY  - JOUR\nTI  - T\nAB  - x\n" + b"y\n" * 1_000_000),
        (RisSource(), b"TY  - JOUR\n" * 50_000),
        (RisSource(), b"TY  - JOUR\nTI  - T\n" + b"AU  - Doe, Jane\n" * 100_000),
        (RisSource(), b"x" * 5_000_000),
        (NbibSource(), b"PMID- 1\nTI  - T\n" + b"AU  - Doe J\n" * 100_000),
    ],
)
def test_hostile_files_are_bounded_in_time(source: TaggedSource, data: bytes) -> None:
    began = time.process_time()
    for _ in source.read(io.BytesIO(data), name="x"):
        pass
    assert time.process_time() - began < 5
