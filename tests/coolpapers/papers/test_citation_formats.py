"""The formats as a whole: every one writes every kind of paper."""

from __future__ import annotations

import gzip
import json
from typing import Any

import bibtexparser
import pytest

from coolpapers.papers.citations import FORMATS, UnknownFormat, cite
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper
from tests.shared_data import SHARED


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_every_kind_of_paper(name: str) -> None:
    bare = make_paper(
        authors=[], title="", abstract="", year=None, submitted=None, updated=None, arxiv_id="", page_url=""
    )
    text = cite([make_paper(), make_conference_paper(), make_journal_paper(), bare], name)
    assert text.count("Shift-Invariant Attention") == 3
    assert text.endswith("\n")


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UnknownFormat, match="bibtex, ris, csl, endnote, zotero, markdown, text, abstract"):
        cite([], "word")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout")
def test_real_papers_make_a_file_that_parses_whole() -> None:
    with gzip.open(SHARED / "papers_small.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    papers = [
        Paper(
            key=row["id"], title=row["title"], authors=row.get("authors", []), year=row["year"], doi=row.get("doi", "")
        )
        for row in records
    ]
    library = bibtexparser.parse_string(cite(papers))
    assert not library.failed_blocks
    assert len(library.entries) == len(records)


def test_what_a_record_says_of_volume_pages_editors_and_publisher_is_cited() -> None:
    paper = make_conference_paper(
        volume="12", issue="3", pages="10-20", publisher="Open Press", editors=["Emmy Noether", "Ludwig van der Vaart"]
    )
    bibtex = cite([paper], "bibtex")
    for line in ("volume={12}", "number={3}", "pages={10--20}", "publisher={Open Press}"):
        assert line in bibtex
    assert "editor={Emmy Noether and Ludwig van der Vaart}" in bibtex
    (item,) = json.loads(cite([paper], "csl"))
    assert (item["volume"], item["issue"], item["page"], item["publisher"]) == ("12", "3", "10-20", "Open Press")
    assert item["editor"][1] == {"family": "van der Vaart", "given": "Ludwig"}
    ris = cite([paper], "ris")
    assert all(line in ris for line in ("VL  - 12", "SP  - 10", "EP  - 20", "PB  - Open Press", "A2  - Noether, Emmy"))
    endnote = cite([paper], "endnote")
    assert all(line in endnote for line in ("%V 12", "%P 10-20", "%I Open Press", "%E Noether, Emmy"))
    zotero = cite([paper], "zotero")
    assert all(part in zotero for part in ("<foaf:name>Open Press</foaf:name>", "<bib:editors>", "10-20"))


def test_the_kind_that_a_record_names_decides() -> None:
    paper = make_conference_paper(venue="XYZ", venue_text="XYZ", kind="journal")
    assert cite([paper], "bibtex").startswith("@article{")


@pytest.mark.parametrize(
    ("kind", "bibtex", "ris", "csl", "endnote", "zotero"),
    [
        ("book", "@book{", "BOOK", "book", "Book", "book"),
        ("proceedings", "@proceedings{", "BOOK", "book", "Edited Book", "book"),
        ("chapter", "@incollection{", "CHAP", "chapter", "Book Section", "bookSection"),
        ("thesis", "@phdthesis{", "THES", "thesis", "Thesis", "thesis"),
        ("report", "@techreport{", "RPRT", "report", "Report", "report"),
        ("software", "@software{", "COMP", "software", "Computer Program", "computerProgram"),
        ("dataset", "@dataset{", "DATA", "dataset", "Dataset", "dataset"),
        ("webpage", "@online{", "ELEC", "webpage", "Web Page", "webpage"),
    ],
)
def test_every_kind_has_its_type_in_every_format(
    kind: str, bibtex: str, ris: str, csl: str, endnote: str, zotero: str
) -> None:
    paper = make_paper(kind=kind, arxiv_id="", page_url="", pdf_url="", venue="Odd-Books", venue_text="Odd Books")
    assert cite([paper], "bibtex").startswith(bibtex)
    assert cite([paper], "ris").startswith(f"TY  - {ris}\r\n")
    assert json.loads(cite([paper], "csl"))[0]["type"] == csl
    assert cite([paper], "endnote").startswith(f"%0 {endnote}\n")
    assert f"<z:itemType>{zotero}</z:itemType>" in cite([paper], "zotero")


def test_schools_institutions_and_numbers_of_reports_stand_where_each_format_has_them() -> None:
    fields: dict[str, Any] = {"arxiv_id": "", "page_url": "", "publisher": "Example University"}
    fields["report_numbers"] = ["TR-1"]
    report, thesis = make_paper(kind="report", **fields), make_paper(kind="thesis", **fields)
    assert "institution={Example University}" in cite([report], "bibtex")
    assert "number={TR-1}" in cite([report], "bibtex")
    assert "school={Example University}" in cite([thesis], "bibtex")
    assert "SN  - TR-1" in cite([report], "ris")
    assert json.loads(cite([report], "csl"))[0]["number"] == "TR-1"
