from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.sources.references.ris import RisSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = RisSource()
LIBRARY = DATA / "references" / "library.ris"


def test_it_reads_a_library() -> None:
    journal, conference, preprint, thesis = records_of(read_file(SOURCE, LIBRARY))
    assert journal.title == "On the shapes of small things"
    assert journal.authors == ("Ludwig van der Vaart", "Jane Doe Jr.", "The Test Collaboration")
    assert (journal.year, journal.submitted) == (2019, date(2019, 5, 17))
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of Tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi, journal.page_url) == ("1735-1780", "10.1000/memory", "https://example.org/1")
    assert (journal.abstract, journal.comment) == ("We study the shapes of small things.", "In press")
    assert journal.keywords == ("tests", "shapes")
    assert (conference.kind, conference.venue_slug, conference.year) == ("conference", "ICLR", 2020)
    assert (conference.authors, conference.editors, conference.pages) == (("Richard Roe",), ("Ann Editor",), "1-12")
    assert (preprint.kind, preprint.arxiv_id) == ("preprint", "2101.00005")
    assert preprint.pdf_url == "https://arxiv.org/pdf/2101.00005"
    assert (thesis.kind, thesis.publisher, thesis.line) == ("thesis", "University of Tests", 44)


def test_a_record_without_a_title_is_refused() -> None:
    assert refusals_of(read_file(SOURCE, LIBRARY)) == ["library.ris, line 41: title: missing or empty"]


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [
        (b"TY  - JOUR\r\nTI  - T", "x.txt", True),
        (b"\xef\xbb\xbfTY  - JOUR", "x.txt", True),
        (b"Provider: Test\nContent: text\n\n\nTY  - JOUR", "x.txt", True),
        (b"", "x.ris", True),
        (b"PMID- 1\nTI  - T", "x.txt", False),
        (b"Party  - JOUR", "x.txt", False),
    ],
)
def test_it_recognises_its_files(head: bytes, name: str, wanted: bool) -> None:
    assert SOURCE.recognises(head, path=Path(name)) is wanted
    if wanted:
        assert recognise(Path(name), head) == "ris"


def test_another_encoding_is_named() -> None:
    data = "TY  - JOUR\nTI  - Größe\nER  - \nTY  - JOUR\nTI  - Fine\nPB  - Größe\nER  - \n".encode("latin-1")
    items = read_bytes(SOURCE, data, name="x.ris")
    assert refusals_of(items) == ["x.ris, line 1: TI: not UTF-8 (found byte 0xf6); save the file as UTF-8"]
    assert [dropped.field for record in records_of(items) for dropped in record.dropped] == ["PB"]


def test_the_conference_in_short_names_the_series_of_its_proceedings() -> None:
    data = b"TY  - CONF\r\nTI  - T\r\nT2  - AMTA 2014\r\nC3  - Workshop on Odd Translation\r\nER  - \r\n"
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.venue_slug, record.venue_year, record.venue_text) == ("AMTA", 2014, "Workshop on Odd Translation")


def test_the_number_of_a_thesis_is_no_issue() -> None:
    data = b"TY  - THES\r\nTI  - T\r\nSN  - 12\r\nER  - \r\n"
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.issue, record.report_numbers) == ("", ("12",))


def test_a_line_with_several_people_and_an_abstract_in_parts_are_read() -> None:
    data = b"TY  - JOUR\nTI  - T\nAU  - Doe J, Roe R, Moe M\nAB  - One.\nAB  - Two.\nER  - \n"
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.authors, record.abstract) == (("J Doe", "R Roe", "M Moe"), "One.\n\nTwo.")


def test_tags_in_small_letters_are_tags() -> None:
    (record,) = records_of(read_bytes(SOURCE, b"TY  - JOUR\nti  - A - b\nau  - Doe, J.\nER  - \n"))
    assert (record.title, record.authors) == ("A - b", ("J. Doe",))
