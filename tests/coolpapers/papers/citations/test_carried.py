"""Export, then import: what a format carries comes back as it was."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.importing.round_trip import compare, paper_of
from coolpapers.papers.citations.carried import CARRIED, carried_table
from coolpapers.papers.citations.work import CitedWork, Kind, describe_work
from coolpapers.papers.models import Paper
from coolpapers.papers.names.kinds import KINDS
from coolpapers.papers.names.people import split_name
from coolpapers.papers.records.record import make_record
from coolpapers.papers.sources.registry import paper_sources

PAGE = Path(__file__).parents[4] / "docs/reference/citations.md"

GIVEN = [
    "Ada",
    "J. R. R.",
    "Émile",
    "Łukasz",
    "José María",
    "Jean-Luc",
    "O.-A.",
    "Kim",
    "Vo Nguyen",
    "Ludwig van",
    "Şükrü",
    "Ð.",
    "三",
]
FAMILY = [
    "Lovelace", "Doe", "Muñoz", "Čech", "O'Neill", "Bar-Hillel", "Ærø", "Strauß", "Özgür", "D'Alembert", "Đorđević",
    "Smith", "Castro e Silva", "Duy", "García Márquez", "Gómez-Mejía Ruiz", "Muñoz de la Cruz", "Lloyd George",
]  # fmt: skip
PARTICLES = ["", "", "", "van", "van der", "de la", "'t", "'s", "von", "De", "Van", "Le", "zu", "Dos", "al", "ten"]
SUFFIXES = ["", "", "", "Jr.", "Sr.", "II", "III", "IV"]
WHOLE = [
    "ATLAS Collaboration",
    "The Planck Collaboration",
    "张三",
    "张 三丰",
    "김 철수",
    "张, 三",
    "Barnes and Noble",
    "U.S. Food and Drug Administration",
    "Jane Doe\u030c",
    "Plato",
    "Example Research Group",
    "OpenWidgets Team",
]
WORDS = [
    "deep", "Learning", "BERT", "GPT-4", "C++", "C#", "F#", "AT&T", "100%", "R&D", "α-stable", "naïve", "Weizsäcker",
    "$O(n \\log n)$", "$\\mathbb{R}^{d}$", "CO$_2$", "$k$-NN", "\\emph{E. coli}", "“quoted”", "it's", "–", "—",
    "graph_name", "a/b", "<unk>", "x < y", "(I)", "?", "Part II:", "№5", "東京", "“", "e.g.", "2/3", "W+", "W−", "*",
    "@home", "#1", "and", "others", "{x}", "~", "^", "\\alpha", "$5", "`", "''", "|", "=", "--", "…", "TeX",
    "LaTeX2e",
]  # fmt: skip
VENUES = [
    "ICLR 2021", "NeurIPS 2020", "ACL 2019", "JMLR 2003", "TACL", "Nature", "Physical Review Letters",
    "Acta Numerica 1998", "Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics",
    "Proceedings of the 3rd Workshop on Odd Inputs & Outputs (WOIO 2021)", "Foo Workshop 2020",
    "Journal of Foo and Bar", "Lecture Notes in Computer Science", "Annals of Mathematics",
    "Zeitschrift für Physik A", "IEEE Trans. Inf. Theory",
    "Findings of the Association for Computational Linguistics: EMNLP 2023", "CHI '22", "", "",
]  # fmt: skip
JOURNAL_REFS = [
    "", "", "Phys.Rev. D54 (1996) 1234-1240", "Nature 521, 436-444 (2015)", "In Proc. ICML 2018", "arXiv preprint",
    "J. Odd Results, vol. 15, no. 3, pp. 1929-1958, 2014", "Phys.Rev.D 98 (2018) 3, 030001",
]  # fmt: skip
PUBLISHERS = ["", "Open Press", "Springer & Sons", "École Polytechnique", "Example University, Dept. of Odd Things"]


@st.composite
def names(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 6)) == 0:
        return draw(st.sampled_from(WHOLE))
    given, particle, family = (draw(st.sampled_from(pool)) for pool in (GIVEN, PARTICLES, FAMILY))
    suffix = draw(st.sampled_from(SUFFIXES))
    if draw(st.booleans()):
        return ", ".join(part for part in (f"{particle} {family}".strip(), given, suffix) if part)
    return " ".join(part for part in (given, particle, family, suffix) if part)


def texts(*, max_words: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=max_words).map(lambda words: "T " + " ".join(words))


numbers = st.sampled_from(["", "", "1", "12", "D54", "XIV", "12-13", "S2"])
pages = st.sampled_from(["", "436-444", "061102", "e12", "S1-S12", "5-5", "1234"])
dates = st.none() | st.dates(dt.date(1991, 8, 1), dt.date(2026, 1, 1)).map(str)
identifiers: dict[str, list[str]] = {
    "arxiv_id": ["", "", "2406.01234", "hep-th/9711200", "math.GT/0309136"],
    "doi": ["", "10.1000/xyz-12_3", "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2", "10.1/a%2fb"],
    "page_url": ["", "https://example.org/paper?id=1&x=%20y", "https://example.org/~jane/a_b.html#top"],
    "pdf_url": ["", "https://example.org/a_(1).pdf"],
}


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    values: dict[str, Any] = {name: draw(st.sampled_from(pool)) for name, pool in identifiers.items()}
    record = make_record(
        key="file:1",
        title=draw(texts(max_words=8)),
        abstract=draw(st.just("") | texts(max_words=20)),
        authors=draw(st.lists(names(), max_size=5, unique_by=split_name)),
        editors=draw(st.lists(names(), max_size=2, unique_by=split_name)),
        year=draw(st.none() | st.integers(1700, 2026)),
        submitted=draw(dates),
        venue=draw(st.sampled_from(VENUES)),
        journal_ref=draw(st.sampled_from(JOURNAL_REFS)),
        status=draw(st.sampled_from(["", "", "Oral", "Reject"])),
        comment=draw(st.sampled_from(["", "12 pages, 3 figures", "Submitted to ICLR 2024", "Accepted & published"])),
        kind=draw(st.sampled_from(["", *KINDS])),
        volume=draw(numbers),
        issue=draw(numbers),
        pages=draw(pages),
        publisher=draw(st.sampled_from(PUBLISHERS)),
        keywords=draw(st.lists(st.sampled_from(["parsing", "Logic, Semantics", "C++", "R&D"]), max_size=3)),
        report_numbers=draw(st.lists(st.sampled_from(["CERN-TH/97-1", "TR 12"]), max_size=1)),
        categories=["cs.CL", "cs.LG"],
        **values,
    )
    return paper_of(record)


@pytest.mark.parametrize("format_name", CARRIED)
@settings(derandomize=True)
@given(st.lists(papers(), min_size=1, max_size=4))
def test_what_a_format_carries_comes_back(format_name: str, library: list[Paper]) -> None:
    losses = [(paper.title, losses) for paper, losses in compare(library, format_name) if losses]
    assert losses == []


@pytest.mark.parametrize("format_name", CARRIED)
@settings(derandomize=True)
@given(papers())
def test_a_second_round_changes_nothing(format_name: str, paper: Paper) -> None:
    """The import of an export is exported alike, so a library that goes to and fro does not wear out."""
    [(_, losses)] = compare([paper], format_name)
    assert losses == []


@pytest.mark.parametrize("format_name", CARRIED)
def test_every_kind_comes_back(format_name: str) -> None:
    carried = CARRIED[format_name]
    for kind in KINDS:
        paper = paper_of(make_record(key="file:1", title="A title", authors=["Ada Lovelace"], year=2020, kind=kind))
        work = describe_work(paper)
        assert work.kind is Kind(kind)
        assert [losses for _, losses in compare([paper], format_name)] == [[]], kind
        assert carried.kind_of(work.kind, arxiv_id="") in Kind


def test_each_entry_names_fields_of_a_work_and_a_source() -> None:
    fields = {field.name for field in dataclasses.fields(CitedWork)}
    for carried in CARRIED.values():
        assert carried.fields <= fields
        assert carried.source in set(paper_sources)


def test_the_page_shows_the_table() -> None:
    assert carried_table() in PAGE.read_text(encoding="utf-8")
