from __future__ import annotations

from datetime import date

import pytest
from lxml import etree

from coolpapers.api.oai.formats.arxiv import write_arxiv
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.arxiv.oai import read_record
from tests.coolpapers.papers.library import make_paper

_FRAME = "<record><header><identifier>oai:x.y:1</identifier></header><metadata>{}</metadata></record>"


def read_back(paper: Paper) -> Record:
    element = etree.fromstring(_FRAME.format(etree.tostring(write_arxiv(paper)).decode()))
    item = read_record(element, name="test")
    assert isinstance(item, Record)
    return item


@pytest.mark.django_db
def test_our_harvester_reads_it_back() -> None:
    paper = make_paper(
        authors=["Ludwig van der Vaart", "Ada Lovelace", "Gabriel García Márquez"],
        sort_names=["García Márquez, Gabriel"],
        title="On $x < y$ & more",
        comment="9 pages",
        journal_ref="J. Sets 1, 2",
        report_numbers=["CERN-1", "CERN-2"],
        updated=date(2026, 4, 1),
        doi="10.1000/abc",
    )
    record = read_back(paper)
    assert record.authors == ("Ludwig van der Vaart", "Ada Lovelace", "Gabriel García Márquez")
    assert record.sort_names == ("García Márquez, Gabriel",)
    assert (record.title, record.comment, record.doi) == (paper.title, paper.comment, paper.doi)
    assert (record.submitted, record.updated) == (paper.submitted, paper.updated)
    assert record.report_numbers == ("CERN-1", "CERN-2")
