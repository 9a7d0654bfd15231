from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.sources.references.endnote_tagged import EndnoteTaggedSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = EndnoteTaggedSource()
LIBRARY = DATA / "references" / "library.enw"


def test_it_reads_a_library() -> None:
    journal, conference, preprint = records_of(read_file(SOURCE, LIBRARY))
    assert (journal.title, journal.ident) == ("On the shapes of small things", "doe2019")
    assert journal.authors == ("Jane Doe", "The Test Collaboration")
    assert (journal.year, journal.submitted) == (2019, date(2019, 5, 17))
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of Tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi, journal.page_url) == ("1735-1780", "10.1000/memory", "https://example.org/1")
    assert (journal.abstract, journal.comment) == ("We study the shapes of small things.", "In press")
    assert (journal.keywords, journal.affiliations) == (("tests", "shapes"), ("University of Tests",))
    assert (conference.kind, conference.venue_slug, conference.editors) == ("conference", "ICLR", ("Ann Editor",))
    assert (preprint.kind, preprint.arxiv_id) == ("preprint", "2101.00005")
    assert refusals_of(read_file(SOURCE, LIBRARY)) == ["library.enw, line 34: title: missing or empty"]


def test_records_without_a_type_are_parted_by_blank_lines() -> None:
    data = b"%A Doe, Jane\n%T First\n\n%A Roe, R.\n%T Second\n"
    assert [record.title for record in records_of(read_bytes(SOURCE, data))] == ["First", "Second"]


def test_a_blank_line_inside_a_typed_record_does_not_end_it() -> None:
    (record,) = records_of(read_bytes(SOURCE, b"%0 Book\n%T First\n%X One.\n\nTwo.\n\n%D 2001\n"))
    assert (record.year, record.abstract) == (2001, "One.\nTwo.".replace("\n", " "))


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [(LIBRARY.read_bytes(), "x.txt", True), (b"", "x.enw", True), (b"%0 is a comment\n% and so on", "x.txt", False)],
)
def test_it_recognises_its_files(head: bytes, name: str, wanted: bool) -> None:
    assert SOURCE.recognises(head, path=Path(name)) is wanted
    if wanted:
        assert recognise(Path(name), head) == "endnote"
