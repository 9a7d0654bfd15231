from __future__ import annotations

import datetime as dt

import bibtexparser
import pytest
from bibtexparser import middlewares
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations import cite
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def parse(text: str) -> list[bibtexparser.model.Entry]:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    return list(library.entries)


def fields_of(text: str) -> dict[str, str]:
    (entry,) = parse(text)
    return {field.key: field.value for field in entry.fields}


def test_an_arxiv_paper_is_written_as_arxiv_writes_it() -> None:
    paper = make_paper(
        title="Attention Is All You Need",
        authors=["Ashish Vaswani", "Noam Shazeer"],
        arxiv_id="1706.03762",
        updated=dt.date(2023, 8, 2),
    )
    assert cite([paper]) == (
        "@misc{vaswani2023attentionneed,\n"
        "      title={Attention Is All You Need},\n"
        "      author={Ashish Vaswani and Noam Shazeer},\n"
        "      year={2023},\n"
        "      eprint={1706.03762},\n"
        "      archivePrefix={arXiv},\n"
        "      eprinttype={arxiv},\n"
        "      primaryClass={cs.CL},\n"
        "      url={https://arxiv.org/abs/1706.03762},\n"
        "}\n"
    )


def test_a_conference_paper_names_its_proceedings() -> None:
    (entry,) = parse(cite([make_conference_paper()]))
    assert entry.entry_type == "inproceedings"
    assert entry["booktitle"].startswith("Proceedings of the 58th Annual Meeting")
    assert (entry["year"], entry["doi"]) == ("2020", "10.18653/v1/2020.acl-main.1")
    assert "eprint" not in entry


def test_a_journal_reference_gives_journal_volume_and_pages() -> None:
    (entry,) = parse(cite([make_journal_paper()]))
    assert entry.entry_type == "article"
    assert [entry[name] for name in ("journal", "volume", "pages", "year")] == [
        "Phys.Rev.",
        "D54",
        "1234--1240",
        "1996",
    ]
    assert entry["eprinttype"] == "arxiv"


@pytest.mark.parametrize(
    ("author", "first", "von", "last", "jr"),
    [
        ("Ada Lovelace", ["Ada"], [], ["Lovelace"], []),
        ("Ludwig van der Vaart", ["Ludwig"], ["van", "der"], ["Vaart"], []),
        ("Luc Van Gool", ["Luc"], [], ["Van", "Gool"], []),
        ("Guy L. Steele Jr.", ["Guy", "L."], [], ["Steele"], ["Jr."]),
        ("Jeong hwan Jeon", ["Jeong"], ["hwan"], ["Jeon"], []),
        ("ATLAS Collaboration", [], [], ["{ATLAS Collaboration}"], []),
        ("张三", [], [], ["张三"], []),
    ],
)
def test_a_bibtex_reader_finds_the_same_family_name(
    author: str, first: list[str], von: list[str], last: list[str], jr: list[str]
) -> None:
    value = fields_of(cite([make_paper(authors=[author])]))["author"]
    (name,) = (
        middlewares.names.parse_single_name_into_parts(n) for n in middlewares.names.split_multiple_persons_names(value)
    )
    assert (name.first, name.von, name.last, name.jr) == (first, von, last, jr)


def test_an_author_called_and_does_not_become_two() -> None:
    value = fields_of(cite([make_paper(authors=["Smith and Sons", "Ada Lovelace"])]))["author"]
    assert len(middlewares.names.split_multiple_persons_names(value)) == 2


def test_many_papers_come_in_order_with_keys_of_their_own() -> None:
    entries = parse(cite([make_paper(), make_paper(), make_conference_paper()]))
    assert len({entry.key for entry in entries}) == 3
    assert entries[1].key == entries[0].key + "a"
    assert entries[2].entry_type == "inproceedings"


def test_no_papers_make_an_empty_file() -> None:
    assert cite([]) == ""


def test_missing_parts_leave_no_empty_fields() -> None:
    bare = make_paper(authors=[], year=None, submitted=None, updated=None, arxiv_id="", page_url="", categories=[])
    assert fields_of(cite([bare])).keys() == {"title"}


@given(
    st.text(alphabet="abB {}$\\%&_~^#@,=\"'\n1é字", max_size=40),
    st.lists(st.text(alphabet="abB {}\\&,. é字", max_size=12), max_size=3),
)
def test_whatever_stands_in_a_record_the_file_parses(title: str, authors: list[str]) -> None:
    entries = parse(cite([make_paper(title=f"T{title}", authors=authors), make_conference_paper()]))
    assert [entry.entry_type for entry in entries] == ["misc", "inproceedings"]


def test_a_list_with_a_name_that_must_be_inverted_is_inverted_as_a_whole() -> None:
    value = fields_of(cite([make_paper(authors=["Luc Van Gool", "Ada Lovelace", "ATLAS Collaboration"])]))["author"]
    assert value == "Van Gool, Luc and Lovelace, Ada and {ATLAS Collaboration}"


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("Jane Doe [MIT]", "author={Jane Doe {[}MIT{]}}"),
        (r"Roe \[ x \]", r"author={Roe \( x \)}"),
        ("Jane $$y$$", "author={Jane $y$}"),
    ],
)
def test_no_bracket_of_a_name_ends_the_label_that_styles_make_of_it(name: str, tex: str) -> None:
    assert tex in cite([make_paper(authors=[name])])
