from __future__ import annotations

import pytest
from lxml import etree

from coolpapers.api.oai.formats.dublin_core import write_dublin_core
from tests.coolpapers.papers.library import make_paper


@pytest.mark.django_db
def test_it_writes_what_arxiv_writes() -> None:
    paper = make_paper(
        arxiv_id="2603.00001", authors=["Ludwig van der Vaart", "Sammy Davis, Jr."], comment="9 pages", doi="10.1/x"
    )
    element = write_dublin_core(paper, page_url="https://papers.example.org/arxiv/2603.00001")
    texts = [(etree.QName(child).localname, child.text) for child in element]
    assert [text for name, text in texts if name == "creator"] == ["van der Vaart, Ludwig", "Davis, Sammy, Jr."]
    assert [text for name, text in texts if name == "description"] == [paper.abstract, "Comment: 9 pages"]
    assert [text for name, text in texts if name == "identifier"] == [
        "https://arxiv.org/abs/2603.00001",
        "https://papers.example.org/arxiv/2603.00001",
        "doi:10.1/x",
    ]
    assert [text for name, text in texts if name == "date"] == ["2026-03-02"]
