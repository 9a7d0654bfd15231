from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coolpapers.papers.sources.acl_xml import AclXmlSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = AclXmlSource()
FILES = DATA / "acl_xml"


def test_it_reads_papers_with_their_markup() -> None:
    first, retracted = records_of(read_file(SOURCE, FILES / "2020.acl.xml"))
    assert (first.key, first.ident) == ("acl:2020.acl-main.9001", "2020.acl-main.9001")
    assert first.title == "Learning BERT in $O(n^2)$ and less"
    assert first.abstract == "We use bold claims where $a < b$ & more."
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
