from __future__ import annotations

from datetime import date
from pathlib import Path

from coolpapers.papers.sources.references.endnote_xml import EndnoteXmlSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = EndnoteXmlSource()
LIBRARY = DATA / "references" / "library.xml"


def test_it_reads_a_library() -> None:
    journal, report = records_of(read_file(SOURCE, LIBRARY))
    assert journal.title == r"On \emph{E. coli} & CO$_2$"
    assert (journal.authors, journal.editors) == (("Jane Doe", "The Test Collaboration"), ("Ann Editor",))
    assert (journal.year, journal.submitted) == (2019, date(2019, 5, 17))
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of Tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi, journal.page_url) == ("1735-1780", "10.1000/memory", "https://example.org/1")
    assert (journal.abstract, journal.comment, journal.pdf_url) == ("We study a < b.", "In press", "")
    assert (journal.keywords, journal.affiliations) == (("tests", "shapes"), ("University of Tests", "Other Lab"))
    assert (report.kind, report.report_numbers, report.ident) == ("report", ("TR-12",), "rep")
    assert refusals_of(read_file(SOURCE, LIBRARY)) == ["library.xml, line 15: title: missing or empty"]


def test_it_recognises_its_files() -> None:
    assert recognise(Path("x.xml"), LIBRARY.read_bytes()) == "endnote-xml"


def test_types_by_number_days_by_month_and_broken_lines_are_read() -> None:
    data = (
        b"<xml><records><record><ref-type>17</ref-type><contributors><authors><author>Food and Drug Office,</author>"
        b"</authors></contributors><titles><title>T</title></titles><dates><year>2020</year><pub-dates>"
        b"<date>May 17</date></pub-dates></dates><abstract>One&#xD;&#xD;two</abstract></record></records></xml>"
    )
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.kind, record.submitted, record.authors) == ("journal", date(2020, 5, 17), ("Food and Drug Office",))
    assert record.abstract == "One\n\ntwo"
