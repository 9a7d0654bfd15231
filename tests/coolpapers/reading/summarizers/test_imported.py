from __future__ import annotations

import gzip
from io import BytesIO

import pytest

from coolpapers.papers.records.record import Refusal
from coolpapers.reading.summarizers import SummaryText, summarizers
from coolpapers.reading.summarizers.imported import MAX_CHARACTERS, ImportedSummary, read_summaries
from tests.shared_data import SHARED


def test_a_record_is_read_with_its_line_and_blank_lines_are_passed_over() -> None:
    stream = BytesIO(b'\n{"id": " arxiv:1 ", "markdown": "a\\r\\nb", "lang": "zh-CN", "kind": "llm", "x": 1}\n\n')
    (record,) = read_summaries(stream, name="f")
    assert record == ImportedSummary("arxiv:1", "a\nb\n", "zh", "", "llm", "", 2)


def test_a_text_beyond_all_measure_is_refused() -> None:
    stream = BytesIO(b'{"id": "a", "markdown": "' + b"x" * (MAX_CHARACTERS + 1) + b'"}')
    (refusal,) = read_summaries(stream, name="f")
    assert isinstance(refusal, Refusal)
    assert refusal.field == "markdown"


def test_imported_summaries_are_a_source_that_writes_none() -> None:
    source = summarizers["imported"]
    assert not source.on_demand
    with pytest.raises(NotImplementedError, match="on_demand"):
        source.write(SummaryText("", (), "", "", "en"))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout")
def test_every_real_record_is_read() -> None:
    with gzip.open(SHARED / "summaries.jsonl.gz") as stream:
        records = list(read_summaries(stream, name="summaries"))  # type: ignore[arg-type]
    assert len(records) > 1000
    assert not [record for record in records if isinstance(record, Refusal)]
