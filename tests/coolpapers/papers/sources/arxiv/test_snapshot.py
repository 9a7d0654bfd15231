from __future__ import annotations

from datetime import date
from pathlib import Path

from coolpapers.papers.records.record import Dropped
from coolpapers.papers.sources.arxiv.snapshot import ArxivJsonSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = ArxivJsonSource()
SNAPSHOT = DATA / "arxiv_json" / "snapshot.jsonl"


def test_it_reads_the_bulk_metadata() -> None:
    first, old, undated, last = records_of(read_file(SOURCE, SNAPSHOT))
    assert (first.key, first.source, first.arxiv_id) == ("arxiv:0704.9001", "arxiv", "0704.9001")
    assert first.title == "A calculation of test cross sections"
    assert first.authors == ("C. Balázs", "E. L. Writer", "J. Doe Jr.", "X. Yuan")
    assert first.abstract == "A first sentence that is wrapped over two lines.\n\nA second paragraph with $a<b$."
    assert first.categories == ("hep-ph", "math-ph")
    assert (first.submitted, first.updated) == (date(2007, 4, 2), date(2007, 7, 24))
    assert first.announced == date(2007, 4, 4)
    assert [version.number for version in first.versions] == [1, 2]
    assert (first.journal_ref, first.doi) == ("Phys.Rev.D76:013009,2007", "10.1103/physrevd.76.000000")
    assert first.pdf_url == "https://arxiv.org/pdf/0704.9001"
    assert (old.ident, old.withdrawn, old.year) == ("math/9901001", True, 1999)
    assert (undated.submitted, undated.dropped) == (None, (Dropped("versions", "'yesterday' is not a date"),))
    assert (last.key, last.announced) == ("arxiv:2401.90002", date(2024, 1, 8))


def test_bad_records_are_refused_between_good_ones() -> None:
    assert refusals_of(read_file(SOURCE, SNAPSHOT)) == ["snapshot.jsonl, line 3: id: 'not-an-id' is not an arXiv id"]


def test_odd_shapes_cost_their_field() -> None:
    lines = (
        b'{"id":"2401.00001","title":"t","authors_parsed":"x","authors":"A. One (Lab)"}\n'
        b'{"id":"2401.00001","title":"t","versions":[1],"authors_parsed":[]}\n'
        b"{"
    )
    items = read_bytes(SOURCE, lines)
    named, dated = records_of(items)
    assert (named.authors, named.affiliations) == (("A. One",), ("Lab",))
    assert named.dropped == (Dropped("authors_parsed", "a list of lists [family, given, suffix] is wanted"),)
    assert dated.dropped == (Dropped("versions", "a list of objects with version and created is wanted"),)
    assert refusals_of(items) == ["file, line 3: not JSON: unexpected end of data at column 2"]


def test_affiliations_and_report_numbers_are_kept() -> None:
    line = (
        b'{"id":"2401.00001","title":"t","report-no":"CERN-1, DESY-2",'
        b'"authors_parsed":[["Doe","J.","","Lab A","Lab B"],[":","",""],["Alpha Collaboration","",""]]}'
    )
    (record,) = records_of(read_bytes(SOURCE, line))
    assert record.authors == ("J. Doe", "Alpha Collaboration")
    assert (record.affiliations, record.report_numbers) == (("Lab A", "Lab B"), ("CERN-1", "DESY-2"))


def test_a_dump_without_parsed_names_has_its_author_line_split() -> None:
    line = b'{"id":"2401.00001","title":"t","authors":"A. One and B. Two (X)"}'
    (record,) = records_of(read_bytes(SOURCE, line))
    assert record.authors == ("A. One", "B. Two")


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises(SNAPSHOT.read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b'{"id": "a", "title": "t"}', path=Path("any"))
