"""The formats as a whole: every one writes every kind of paper."""

from __future__ import annotations

import gzip
import json

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
