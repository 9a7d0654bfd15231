from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from coolpapers.papers.errors import UnknownFormat
from coolpapers.papers.sources.registry import paper_sources, recognise
from tests.coolpapers.papers.make import DATA

FILES = {
    "jsonl/papers.jsonl": "jsonl",
    "arxiv_json/snapshot.jsonl": "arxiv-json",
    "arxiv_oai/arxiv.xml": "arxiv-oai",
    "arxiv_oai/dublin_core.xml": "arxiv-oai",
    "arxiv_atom/feed.xml": "arxiv-atom",
    "acl_xml/2020.acl.xml": "acl-xml",
    "conference_json/iclr2025.json": "conference-json",
    "conference_json/notes.json": "conference-json",
    "bibtex/library.bib": "bibtex",
}


@pytest.mark.parametrize(("name", "alias"), FILES.items())
def test_every_format_is_recognised_plain_and_compressed(name: str, alias: str) -> None:
    data = (DATA / name).read_bytes()
    assert recognise(Path(name), data) == alias
    assert recognise(Path(name + ".gz"), gzip.compress(data)) == alias


def test_exactly_one_source_recognises_each_format() -> None:
    for name in FILES:
        head = (DATA / name).read_bytes()
        assert len([a for a in paper_sources if paper_sources[a].recognises(head, path=Path(name))]) == 1


def test_an_unknown_file_says_what_to_do() -> None:
    with pytest.raises(UnknownFormat, match=r"notes\.txt: no source recognises this file; name its form with --source"):
        recognise(Path("notes.txt"), b"dear diary")
    with pytest.raises(UnknownFormat):
        recognise(Path("damaged.gz"), b"\x1f\x8bxxxx")
