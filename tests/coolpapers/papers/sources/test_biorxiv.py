from __future__ import annotations

import io
from datetime import date

import pytest

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.records.record import Record, Refusal, Version
from coolpapers.papers.sources.biorxiv import BiorxivSource, Listing, read_listing
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_file

PATH = DATA / "biorxiv" / "details.json"


def test_it_reads_postings() -> None:
    first, second = read_file(BiorxivSource(), PATH)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.key, first.source) == ("doi:10.1101/2026.03.01.700001", "doi")
    assert first.authors == ("A. B. Example", "C. Sample", "D. de la Cruz")
    assert (first.submitted, first.versions) == (date(2026, 3, 1), (Version(1, date(2026, 3, 1)),))
    assert first.pdf_url == "https://www.biorxiv.org/content/10.1101/2026.03.01.700001v1.full.pdf"
    assert (first.kind, first.publisher, first.keywords) == ("preprint", "bioRxiv", ("developmental biology",))
    assert (second.submitted, second.updated, second.versions) == (
        None,
        date(2026, 3, 2),
        (Version(3, date(2026, 3, 2)),),
    )
    assert second.journal_ref == "https://doi.org/10.1038/s41586-026-00001-2"


def test_it_is_recognised() -> None:
    assert recognise(PATH, PATH.read_bytes()) == "biorxiv"


def test_the_counts_of_a_list() -> None:
    assert read_listing(PATH.read_bytes()) == Listing(2, 3)
    assert read_listing(b'{"messages":[{"status":"no posts found"}],"collection":[]}') == Listing(0, 0)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"messages":[{"status":"error"}],"collection":[]}', b"<html>"])
def test_other_answers_are_none(data: bytes) -> None:
    with pytest.raises(SourceFormatError):
        read_listing(data)


def test_a_posting_without_doi_or_title_costs_itself() -> None:
    rows = b'{"messages":[],"collection":[{"title":"T"},{"doi":"10.1101/1"},{"doi":"10.1101/2","title":"U"},7]}'
    items = list(BiorxivSource().read(io.BytesIO(rows), name="x"))
    assert [type(item) for item in items] == [Refusal, Refusal, Record]
