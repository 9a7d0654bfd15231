from __future__ import annotations

from datetime import date
from pathlib import Path

from coolpapers.papers.sources.arxiv.snapshot import ArxivJsonSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = ArxivJsonSource()
SNAPSHOT = DATA / "arxiv_json" / "snapshot.jsonl"


def test_it_reads_the_bulk_metadata() -> None:
    first, old, last = records_of(read_file(SOURCE, SNAPSHOT))
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
    assert (last.key, last.announced) == ("arxiv:2401.90002", date(2024, 1, 8))


def test_bad_records_are_refused_between_good_ones() -> None:
    assert refusals_of(read_file(SOURCE, SNAPSHOT)) == [
        "snapshot.jsonl, line 3: id: 'not-an-id' is not an arXiv id",
        "snapshot.jsonl, line 4: versions: 'yesterday' is not a date",
    ]


def test_odd_shapes_are_refused() -> None:
    lines = (
        b'{"id":"2401.00001","title":"t","authors_parsed":"x"}\n'
        b'{"id":"2401.00001","title":"t","versions":[1],"authors_parsed":[]}\n'
        b"{"
    )
    assert [text.partition(": ")[2] for text in refusals_of(read_bytes(SOURCE, lines))] == [
        "authors_parsed: a list of lists [family, given, suffix] is wanted",
        "versions: a list of objects with version and created is wanted",
        "not JSON: unexpected end of data at column 2",
    ]


def test_a_dump_without_parsed_names_has_its_author_line_split() -> None:
    line = b'{"id":"2401.00001","title":"t","authors":"A. One and B. Two (X)"}'
    (record,) = records_of(read_bytes(SOURCE, line))
    assert record.authors == ("A. One", "B. Two")


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises(SNAPSHOT.read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b'{"id": "a", "title": "t"}', path=Path("any"))
