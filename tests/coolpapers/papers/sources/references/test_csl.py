from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.records.record import Dropped
from coolpapers.papers.sources.references.csl import CslJsonSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = CslJsonSource()
LIBRARY = DATA / "references" / "library.csl.json"


def test_it_reads_a_library() -> None:
    journal, preprint, report, extra = records_of(read_file(SOURCE, LIBRARY))
    assert (journal.title, journal.ident) == (r"On the \emph{shapes} of small things", "doe2019")
    assert journal.authors == ("Ludwig van der Vaart", "Jane Doe Jr.", "The Test Collaboration")
    assert (journal.editors, journal.publisher) == (("Ann Editor",), "Press")
    assert (journal.year, journal.submitted) == (2019, date(2019, 5, 17))
    assert (journal.kind, journal.venue_text) == ("journal", "Journal of Tests")
    assert (journal.volume, journal.issue) == ("9", "8")
    assert (journal.pages, journal.doi, journal.page_url) == ("1735-1780", "10.1000/memory", "https://example.org/1")
    assert (journal.abstract, journal.keywords) == ("We study.", ("tests", "shapes"))
    assert (preprint.kind, preprint.arxiv_id, preprint.submitted, preprint.pages) == (
        "preprint", "2101.00005", date(2021, 1, 2), ""
    )  # fmt: skip
    assert (report.year, report.report_numbers, report.publisher) == (2001, ("TR-12",), "Lab")
    assert report.dropped == (Dropped("author", "a list of names is wanted"),)
    assert (extra.doi, extra.arxiv_id, extra.authors) == ("10.1000/extra", "2101.00006", ())
    assert [dropped.field for dropped in extra.dropped] == ["author"]


def test_broken_and_untitled_items_are_refused() -> None:
    broken, untitled = refusals_of(read_file(SOURCE, LIBRARY))
    assert broken.startswith("library.csl.json, line 11: not JSON:")
    assert untitled == "library.csl.json, line 12: title: missing or empty"


def test_lists_of_text_and_an_object_with_items_are_read() -> None:
    data = b'{"items": [{"type": "journal-article", "title": ["One"], "issued": {"date-parts": [[2001]]}}]}'
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.title, record.year, record.kind) == ("One", 2001, "journal")


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (LIBRARY.read_bytes(), "csl-json"),
        (b'[{"type": "book", "title": "T", "author": [{"family": "Doe"}]}]', "csl-json"),
        (b'[{"title": "T", "authors": ["A B"], "type": "Poster"}]', "conference-json"),
    ],
)
def test_it_is_told_from_lists_of_a_conference(head: bytes, wanted: str) -> None:
    assert recognise(Path("x.json"), head) == wanted


def test_a_published_paper_has_its_arxiv_id_in_the_archive() -> None:
    data = (
        b'[{"type": "paper-conference", "title": "T", "issued": {"date-parts": [[2024]]}, "archive": "arXiv", '
        b'"archive_location": "2406.01234", "container-title": "Proceedings of the 3rd Odd Workshop", '
        b'"event-title": "ODD 2024", "keyword": "Logic, Semantics; parsing"}]'
    )
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.arxiv_id, record.kind, record.venue_slug) == ("2406.01234", "conference", "ODD")
    assert record.keywords == ("Logic, Semantics", "parsing")
