from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.sources.references.nbib import NbibSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = NbibSource()
LIBRARY = DATA / "references" / "library.nbib"


def test_it_reads_a_library() -> None:
    journal, retracted = records_of(read_file(SOURCE, LIBRARY))
    assert journal.title == "On the shapes of small things: a study that is wrapped over two lines"
    assert journal.authors == ("Jane A Doe", "Richard van Roe", "The Test Collaboration")
    assert (journal.year, journal.submitted, journal.ident) == (2019, date(2019, 5, 17), "pmid:12345678")
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi) == ("1735-80", "10.1000/memory")
    assert journal.page_url == "https://pubmed.ncbi.nlm.nih.gov/12345678/"
    assert journal.abstract == "BACKGROUND: We study the shapes of small things."
    assert (journal.keywords, journal.affiliations) == (("tests", "shapes"), ("University of Tests, Testville",))
    assert (retracted.withdrawn, retracted.authors, retracted.year) == (True, ("JA Doe", "R Roe"), 2020)
    assert refusals_of(read_file(SOURCE, LIBRARY)) == ["library.nbib, line 33: title: missing or empty"]


def test_it_recognises_its_files() -> None:
    assert recognise(Path("x.txt"), LIBRARY.read_bytes()) == "nbib"
    assert recognise(Path("x.nbib"), b"") == "nbib"
    assert not SOURCE.recognises(b"TY  - JOUR", path=Path("x.txt"))


def test_suffixes_translated_titles_and_seasons_are_read() -> None:
    data = b"PMID- 1\nTI  - [A title in German?].\nFAU - King, Martin L Jr\nDP  - 2001 Spring\nPT  - Journal Article\n"
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.title, record.authors, record.year) == ("A title in German?", ("Martin L King Jr",), 2001)


@pytest.mark.parametrize(
    ("title", "journal"),
    [
        ("Science (New York, N.Y.)", "Science"),
        ("Nature (London)", "Nature"),
        (
            "Journal of the American Medical Informatics Association : JAMIA",
            "Journal of the American Medical Informatics Association",
        ),
        ("The Journal of things", "The Journal of things"),
        ("Annals : the journal of everything", "Annals : the journal of everything"),
    ],
)
def test_a_journal_is_named_without_its_place_in_the_catalogue(title: str, journal: str) -> None:
    (record,) = records_of(read_bytes(SOURCE, f"PMID- 1\nTI  - A title\nFAU - Doe, Jane\nJT  - {title}\n".encode()))
    assert (record.venue_text, record.journal_ref) == (journal, journal)
