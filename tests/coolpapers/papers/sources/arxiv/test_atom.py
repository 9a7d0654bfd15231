from __future__ import annotations

from datetime import date
from pathlib import Path

from coolpapers.papers.sources.arxiv.atom import ArxivAtomSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = ArxivAtomSource()
FEED = DATA / "arxiv_atom" / "feed.xml"


def test_it_reads_an_answer_of_the_query_api() -> None:
    (record,) = records_of(read_file(SOURCE, FEED))
    assert (record.key, record.title) == ("arxiv:2405.90001", "Harvesting tests with $x$")
    assert record.authors == ("J. Müller", "K. Second")
    assert record.abstract == "We harvest.\n\nAnd again."
    assert record.categories == ("cs.CL", "cs.AI")
    assert (record.submitted, record.updated, record.announced) == (
        date(2024, 5, 24),
        date(2024, 5, 30),
        date(2024, 5, 27),
    )
    assert [(version.number, version.date) for version in record.versions] == [
        (1, date(2024, 5, 24)),
        (3, date(2024, 5, 30)),
    ]
    assert (record.comment, record.journal_ref, record.doi) == ("8 pages", "J. Tests 1", "10.1000/harvest.1")


def test_arxiv_s_error_is_a_refusal_that_says_it() -> None:
    items = read_file(SOURCE, DATA / "arxiv_atom" / "error.xml")
    assert refusals_of(items) == ["error.xml, line 3: arXiv answered with an error: incorrect id format for zz"]


def test_an_entry_of_another_site_is_refused() -> None:
    data = FEED.read_bytes().replace(b"http://arxiv.org/abs/2405.90001v3", b"https://example.org/1")
    assert refusals_of(read_bytes(SOURCE, data)) == ["file, line 6: id: 'https://example.org/1' is not an arXiv id"]


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises(FEED.read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b"<feed xmlns='http://www.w3.org/2005/Atom'/>", path=Path("any"))
