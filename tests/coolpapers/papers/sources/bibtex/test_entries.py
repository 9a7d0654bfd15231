from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.bibtex.source import BibtexSource
from tests.coolpapers.papers.make import read_bytes, records_of


def only(fields: str, *, type_: str = "article") -> Record:
    (record,) = records_of(read_bytes(BibtexSource(), f"@{type_}{{k, {fields}}}".encode()))
    return record


@pytest.mark.parametrize(
    ("fields", "arxiv_id"),
    [
        ("eprint={1706.03762v5}, archivePrefix={arXiv}", "1706.03762"),
        ("eprint={hep-th/9901001}, eprinttype={arxiv}", "hep-th/9901001"),
        ("journal={CoRR}, volume={abs/1706.03762}", "1706.03762"),
        ("note={arXiv:1706.03762}", "1706.03762"),
        ("doi={10.48550/arXiv.1706.03762}", "1706.03762"),
        ("eprint={12345}, eprinttype={pubmed}", ""),
    ],
)
def test_arxiv_ids_are_found_where_people_put_them(fields: str, arxiv_id: str) -> None:
    assert only(f"title={{Some title}}, {fields}").arxiv_id == arxiv_id


@pytest.mark.parametrize(
    ("author", "names"),
    [
        (r"Doe, Jane and \'Emile Borel and \L{}ukasz Kaiser", ["Jane Doe", "Émile Borel", "Łukasz Kaiser"]),
        (
            r"\O{}stergaard, Kim and \v{C}ech, Eduard and \"Ozg\"ur, Filiz",
            ["Kim Østergaard", "Eduard Čech", "Filiz Özgür"],
        ),
        (r"Nu\~nez, Jos\'e and Mu\~{n}oz, Luis and Jo\~ao Silva", ["José Nuñez", "Luis Muñoz", "João Silva"]),
        (r"Nguy\~{\^e}n, V\u{a}n and {\DJ}{\d{\u{a}}}ng, H{\h{a}}i", ["Văn Nguyễn", "Hải Đặng"]),
        ("{The {ATLAS} Collaboration} and others", ["The ATLAS Collaboration"]),
        ("{Barnes and Noble, Inc.}", ["Barnes and Noble, Inc."]),
        ("{{U.S. Food and Drug Administration}}", ["U.S. Food and Drug Administration"]),
        ("{A. B. Doe and C. Roe} and Moe, M.", ["A. B. Doe and C. Roe", "M. Moe"]),
        (
            r"Stan\.{i}s{\l}aw Ulam and Gel\cprime fand, I. and W{\polhk{a}}s, Z.",
            ["Stanisław Ulam", "I. Gel'fand", "Z. Wąs"],
        ),
        (r"Doe, Jane$^{1}$ and Roe, R.\thanks{x} and {et al.}", ["Jane Doe", "R. Roe"]),
        ("King, Martin L Jr and Garc&iacute;a, J.", ["Martin L King Jr", "J. García"]),
        ("{family=Vinci, given=Leonardo, prefix=da} and Doe, J.", ["Leonardo da Vinci", "J. Doe"]),
        ("张, 三 and 李四 and 王五，赵六", ["张三", "李四", "王五", "赵六"]),
        ("Erd{\\H o}s, Paul and van der Waals, Jr., Johannes", ["Paul Erdős", "Johannes van der Waals Jr."]),
        ("given=Hans, family=Harman and given=Simon, prefix=de, family=Beumont", ["Hans Harman", "Simon de Beumont"]),
        ("A.~B. Writer", ["A. B. Writer"]),
        ("A, B, C, D, E", ["B A", "D C", "E"]),
    ],
)
def test_authors_are_read(author: str, names: list[str]) -> None:
    assert list(only(f"title={{T}}, author={{{author}}}").authors) == names


@pytest.mark.parametrize(
    ("fields", "year", "day"),
    [
        ("date={2020-05-17}", 2020, "2020-05-17"),
        ("year=2020, month=may, day=7", 2020, "2020-05-07"),
        ("year={2020}, month={5}, day={07}", 2020, "2020-05-07"),
        ("date={2011-12}", 2011, None),
        ("date={2019/2020}", 2019, None),
        ("year={c2001}", 2001, None),
        ("year={in press}", None, None),
        ("year=2020, month=may", 2020, None),
        ("year=2020, month=5", 2020, None),
        ("year=2020, month={10~} # may", 2020, "2020-05-10"),
        ("year=2020, month={May 17th}", 2020, "2020-05-17"),
        ("year=2020, month={May--June}", 2020, None),
    ],
)
def test_dates_are_read(fields: str, year: int | None, day: str | None) -> None:
    record = only(f"title={{T}}, author={{A B}}, {fields}")
    assert (record.year, str(record.submitted) if record.submitted else None) == (year, day)


@pytest.mark.parametrize(
    ("type_", "fields", "wanted"),
    [
        ("online", "title={Main Title}, subtitle={With a Subtitle}", {"title": "Main Title: With a Subtitle"}),
        ("online", "title={Why?}, subtitle={Because}", {"title": "Why? Because"}),
        ("software", "title={tool}, url={https://a.org/\\_x}", {"kind": "software", "page_url": "https://a.org/_x"}),
        ("inproceedings", "title={T}, booktitle={ICLR 2020}", {"kind": "conference", "venue_slug": "ICLR"}),
        ("incollection", "title={T}, booktitle={Book}, editor={Roe, R.}", {"kind": "chapter", "editors": ("R. Roe",)}),
        ("techreport", "title={T}, number={TR-12}", {"report_numbers": ("TR-12",), "issue": "", "kind": "report"}),
        ("techreport", "title={T}, institution={Lab}", {"publisher": "Lab"}),
        ("phdthesis", "title={T}, school={University}", {"kind": "thesis", "publisher": "University"}),
        ("article", "title={T}, reportNumber={CERN-1, DESY-2}", {"report_numbers": ("CERN-1", "DESY-2")}),
        ("article", "title={T}, author={A B}, collaboration={ATLAS}", {"authors": ("A B", "ATLAS Collaboration")}),
        ("article", "title={T}, journal={J}, volume=9, number=8", {"volume": "9", "issue": "8"}),
        ("article", "title={T}, eid={012}", {"pages": "012"}),
        ("anything", "title={T}", {"kind": "other"}),
        ("misc", "title={T}, eprint={2101.00011}, primaryClass={cs}", {"categories": ()}),
        ("article", "title={T}, journal={\\emph{Nature}}", {"venue_text": "Nature", "journal_ref": "Nature"}),
        ("article", "title={T}, doi={10.1000/a\\textless{}6::A\\textgreater 3.0}", {"doi": "10.1000/a<6::a>3.0"}),
        ("article", "title={T}, abstract={One\n two\n\nthree}", {"abstract": "One two\n\nthree"}),
        ("inproceedings", "title={T}, eventtitle={ICLR 2020}", {"venue_slug": "ICLR"}),
        ("article", "title={T}, pages={12\\,--\\,34}", {"pages": "12-34"}),
        ("misc", "title={T}, eprint={2101.00011}, primaryClass={cs.CL}", {"categories": ("cs.CL",)}),
        ("misc", "title={T}, eprint={2101.00011}, eprintclass={hep-th}", {"categories": ("hep-th",)}),
        ("misc", "title={T}, eprint={2101.00011}", {"kind": "preprint"}),
        ("misc", "title={T}, howpublished={\\url{https://doi.org/10.1000/x}}", {"doi": "10.1000/x"}),
        ("misc", "title={T}, titleaddon={Poster}, note={N}", {"title": "T", "comment": "Poster. N"}),
        ("misc", "titleaddon={A map}", {"title": "A map", "comment": ""}),
        ("book", "booktitle={A volume alone}", {"title": "A volume alone", "venue_text": ""}),
    ],
)  # fmt: skip
def test_fields_of_each_type_are_read(type_: str, fields: str, wanted: dict[str, Any]) -> None:
    record = only(fields, type_=type_)
    assert {name: getattr(record, name) for name in wanted} == wanted


def test_what_is_left_out_is_named() -> None:
    record = only('title={Fine}, note="A "quoted" word", author={A B}, crossref={nowhere}')
    assert [(dropped.field, dropped.reason) for dropped in record.dropped] == [
        ("note", "it cannot be read as BibTeX"),
        ("crossref", "the file has no entry 'nowhere'"),
    ]


def test_an_escaped_ampersand_stands_between_people() -> None:
    (record,) = records_of(read_bytes(BibtexSource(), rb"@misc{a, title={T}, author={Jane Doe \& Richard Roe}}"))
    assert record.authors == ("Jane Doe", "Richard Roe")


def test_the_number_of_a_namesake_is_no_part_of_a_name() -> None:
    (record,) = records_of(read_bytes(BibtexSource(), b"@misc{a, title={T}, author={Jane Doe 0001 and R2 D2}}"))
    assert record.authors == ("Jane Doe", "R2 D2")


def test_a_month_may_hold_the_day() -> None:
    (record,) = records_of(read_bytes(BibtexSource(), b'@misc{a, title={T}, year=2020, month=may # "~17"}'))
    assert str(record.submitted) == "2020-05-17"
