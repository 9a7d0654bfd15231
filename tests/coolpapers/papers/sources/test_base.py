"""What every source promises, whatever the bytes are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.errors import PapersError, SourceFormatError
from coolpapers.papers.records.record import Deletion, Record, Refusal
from coolpapers.papers.sources.base import PaperSource
from coolpapers.papers.sources.registry import paper_sources
from tests.coolpapers.papers.make import DATA

FILES = {
    "jsonl": "jsonl/papers.jsonl",
    "arxiv-json": "arxiv_json/snapshot.jsonl",
    "arxiv-oai": "arxiv_oai/arxiv.xml",
    "arxiv-atom": "arxiv_atom/feed.xml",
    "acl-xml": "acl_xml/2020.acl.xml",
    "conference-json": "conference_json/iclr2025.json",
    "bibtex": "bibtex/library.bib",
}
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4)


@pytest.mark.parametrize("alias", FILES)
@given(damage=edits)
def test_damaged_files_give_records_refusals_or_one_error(alias: str, damage: list[tuple[float, int, bytes]]) -> None:
    data = (DATA / FILES[alias]).read_bytes()
    for share, n_lost, put in damage:
        place = int(share * len(data))
        data = data[:place] + put + data[place + n_lost :]
    try:
        for item in paper_sources[alias].read(io.BytesIO(data), name="damaged"):
            assert isinstance(item, Record | Refusal | Deletion)
            assert not isinstance(item, Refusal) or item.reason
    except PapersError as exc:
        assert isinstance(exc, SourceFormatError | ConnectionError)  # noqa: PT017  # both outcomes are right


@pytest.mark.parametrize("alias", FILES)
@given(data=st.binary(max_size=300))
def test_any_bytes_at_all_are_survived(alias: str, data: bytes) -> None:
    try:
        items = list(paper_sources[alias].read(io.BytesIO(data), name="noise"))
    except PapersError:
        return
    assert all(isinstance(item, Record | Refusal | Deletion) for item in items)


def test_a_source_reads_lazily() -> None:
    class Endless(io.RawIOBase):
        """A file that never ends."""

        def __init__(self) -> None:
            self.n_read = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            line = b'{"id": "a%d", "title": "One of many"}\n' % self.n_read
            self.n_read += 1
            buffer[: len(line)] = line
            return len(line)

    raw: Any = Endless()
    items = paper_sources["jsonl"].read(io.BufferedReader(raw), name="endless")
    assert [next(items).key for _ in range(3)] == ["a0", "a1", "a2"]  # type: ignore[union-attr]
    assert raw.n_read < 1000


def test_a_source_that_says_nothing_recognises_nothing() -> None:
    source = PaperSource()
    assert not source.recognises(b"{}", path=Path("x"))
    with pytest.raises(NotImplementedError, match="PaperSource does not read streams"):
        source.read(io.BytesIO(b""), name="x")
    with pytest.raises(SourceFormatError, match="is a folder"):
        list(source.read_path(Path("folder"), raw=None))
