from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.acl_xml import AclXmlSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = AclXmlSource()
FILES = DATA / "acl_xml"


def test_it_reads_papers_with_their_markup() -> None:
    first, retracted = records_of(read_file(SOURCE, FILES / "2020.acl.xml"))
    assert (first.key, first.ident) == ("acl:2020.acl-main.9001", "2020.acl-main.9001")
    assert first.title == "Learning BERT in $O(n^2)$ and \\emph{less}"
    assert first.abstract == "We use \\textbf{bold} claims where $a < b$ & more."
    assert first.authors == ("Ada Example", "Cher")
    assert (first.venue_slug, first.venue_year, first.track, first.year) == ("ACL", 2020, "Main", 2020)
    assert (first.doi, first.pdf_url) == (
        "10.18653/v1/2020.acl-main.9001",
        "https://aclanthology.org/2020.acl-main.9001.pdf",
    )
    assert [(version.number, version.date, version.note) for version in first.versions] == [
        (1, None, ""),
        (2, date(2020, 8, 1), "Typos."),
    ]
    assert (retracted.ident, retracted.withdrawn) == ("2020.acl-main.9003", True)


def test_a_paper_without_title_is_refused() -> None:
    assert refusals_of(read_file(SOURCE, FILES / "2020.acl.xml")) == ["2020.acl.xml, line 19: title: missing or empty"]


def test_workshops_of_old_collections_have_two_digits_each() -> None:
    (paper,) = records_of(read_file(SOURCE, FILES / "W19.xml"))
    assert paper.ident == "W19-0107"
    assert (paper.venue_slug, paper.venue_year) == ("WTest", 2019)


@pytest.mark.parametrize(
    ("collection", "volume", "number", "ident"),
    [
        ("P19", "1", "7", "P19-1007"),
        ("D19", "57", "3", "D19-5703"),
        ("C69", "1", "2", "C69-0102"),
        ("2021.findings", "emnlp", "12", "2021.findings-emnlp.12"),
    ],
)
def test_ids_are_made_of_collection_volume_and_number(collection: str, volume: str, number: str, ident: str) -> None:
    data = (
        f'<collection id="{collection}"><volume id="{volume}"><meta><booktitle>B</booktitle><year>2019</year></meta>'
        f'<paper id="{number}"><title>T</title></paper></volume></collection>'
    )
    (paper,) = records_of(read_bytes(SOURCE, data.encode()))
    assert paper.ident == ident


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        ("<paper><title>T</title></paper>", "id: missing; a paper has an id attribute inside a collection with one"),
        ('<paper id="1"><title/></paper>', "title: missing or empty"),
    ],
)
def test_damage_is_refused(paper: str, reason: str) -> None:
    data = f'<collection id="P19"><volume id="1">{paper}</volume></collection>'
    assert refusals_of(read_bytes(SOURCE, data.encode())) == [f"file, line 1: {reason}"]


def test_it_recognises_its_files() -> None:
    assert SOURCE.recognises((FILES / "W19.xml").read_bytes(), path=Path("any"))
    assert not SOURCE.recognises(b"<feed/>", path=Path("any"))


def read_paper(paper: str, meta: str = "", *, journal: bool = True) -> Record:
    kind = ' type="journal"' if journal else ""
    data = (
        f'<collection id="Q15"><volume id="1"{kind}><meta><booktitle>Transactions of Tests, Volume 3</booktitle>'
        f'<year>2015</year>{meta}</meta><paper id="22"><title>T</title>{paper}</paper></volume></collection>'
    )
    (record,) = records_of(read_bytes(SOURCE, data.encode()))
    return record


def test_a_revised_paper_has_its_versions_and_its_erratum_is_named() -> None:
    record = read_paper(
        '<revision id="1" href="Q15-1022v1"/><revision id="2" date="2016-01-02">Fixed.</revision>'
        '<erratum id="1" hash="x">Q15-1022e1</erratum>'
    )
    assert [(version.number, version.note) for version in record.versions] == [(1, ""), (2, "Fixed.")]
    assert record.comment == "Erratum 1: https://aclanthology.org/Q15-1022e1.pdf"
    assert [version.number for version in read_paper('<revision id="2"/>').versions] == [1, 2]


@pytest.mark.parametrize(
    ("revision", "numbers"),
    [
        ('<revision id="x"/>', []),
        ('<revision id="0"/>', []),
        ('<revision id="2" date="soon"/>', [1, 2]),
        ('<revision id="two"/><revision id="3"/>', [1, 3]),
    ],
)
def test_a_revision_that_cannot_be_read_costs_itself(revision: str, numbers: list[int]) -> None:
    record = read_paper(revision)
    assert [version.number for version in record.versions] == numbers
    assert [dropped.field for dropped in record.dropped] == ["revision"]


def test_front_matter_among_the_papers_is_passed_over() -> None:
    data = (
        b'<collection id="2021.acl"><volume id="long"><meta><booktitle>B</booktitle></meta>'
        b'<paper id="1" type="frontmatter"><title>Front Matter</title></paper><paper id="2"><title>T</title>'
        b'<abstract>One<br/>two</abstract></paper><paper id="3" type="backmatter"><title>Index</title></paper>'
        b"</volume></collection>"
    )
    (record,) = read_bytes(SOURCE, data)
    assert isinstance(record, Record)
    assert (record.title, record.abstract) == ("T", "One two")


def test_a_retracted_paper_is_withdrawn_with_its_reason() -> None:
    record = read_paper('<retracted date="2020-01-02">Plagiarism.</retracted>')
    assert (record.withdrawn, record.comment) == (True, "Retracted (2020-01-02): Plagiarism.")


def test_details_of_the_publication_are_read() -> None:
    meta = "<editor><first>Ed</first><last>Itor</last></editor><publisher>Press</publisher>"
    paper = (
        "<author><first>Ann</first><last>Alpha</last><affiliation>Lab</affiliation></author><pages>1–12</pages>"
        '<pwccode url="https://github.com/a/b">a/b</pwccode>'
    )
    record = read_paper(paper, meta)
    assert (record.editors, record.publisher, record.pages) == (("Ed Itor",), "Press", "1-12")
    assert (record.kind, record.volume, record.issue) == ("journal", "3", "")
    assert (record.affiliations, record.code_url) == (("Lab",), "https://github.com/a/b")
    told = read_paper("", "<journal-volume>38</journal-volume><journal-issue>4</journal-issue>")
    assert (told.volume, told.issue) == ("38", "4")
    assert (read_paper("", journal=False).kind, read_paper("", journal=False).volume) == ("conference", "")


def test_a_volume_with_the_title_of_a_journal_is_one() -> None:
    data = (
        b"<?xml version='1.0'?><collection id='2020.tacl'><volume id='1'><meta><booktitle>V 8</booktitle><year>2020"
        b"</year><journal-volume>8</journal-volume><journal-title>Some Journal</journal-title></meta>"
        b"<paper id='1'><title>T</title></paper></volume></collection>"
    )
    (record,) = records_of(read_bytes(AclXmlSource(), data))
    assert (record.kind, record.volume) == ("journal", "8")
