from __future__ import annotations

import io
from datetime import date

import pytest

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.records.record import Record, Refusal
from coolpapers.papers.sources.feed import FeedPaperSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_file

FEEDS = DATA / "feed"


def test_arxivs_feed() -> None:
    (paper,) = read_file(FeedPaperSource(), FEEDS / "arxiv.rss")
    assert isinstance(paper, Record)
    assert (paper.key, paper.title) == ("arxiv:2603.01234", "Counting citations of $k$-uniform graphs")
    assert paper.abstract == "We count citations. They are many."
    assert paper.authors == ("Ada Example", "Bo van der Sample")
    assert (paper.categories, paper.submitted) == (("cs.DL", "cs.IR"), date(2026, 3, 4))


def test_a_journals_feed() -> None:
    (paper,) = read_file(FeedPaperSource(), FEEDS / "journal.rdf")  # the table of contents is no paper
    assert isinstance(paper, Record)
    assert (paper.doi, paper.venue_text, paper.volume, paper.pages) == (
        "10.1000/s1-026-1",
        "Journal of Examples",
        "12",
        "7-19",
    )
    assert paper.authors == ("Ada Example", "Cy Third")
    assert "an abstract" in paper.abstract
    assert "<" not in paper.abstract


def test_an_atom_feed() -> None:
    report, nothing = read_file(FeedPaperSource(), FEEDS / "blog.atom")
    assert isinstance(report, Record)
    assert (report.title, report.page_url, report.authors) == (
        "Report on reports",
        "https://reports.example.org/7",
        ("Dee Fourth",),
    )
    assert report.abstract == "About reports."
    assert isinstance(nothing, Refusal)


@pytest.mark.parametrize("name", ["arxiv.rss", "journal.rdf", "blog.atom"])
def test_feeds_are_recognised(name: str) -> None:
    assert recognise(FEEDS / name, (FEEDS / name).read_bytes()) == "feed"


@pytest.mark.parametrize("data", [b"", b"<html/>", b"<rss><channel>", b"not xml"])
def test_what_is_no_feed_is_an_error(data: bytes) -> None:
    with pytest.raises(SourceFormatError):
        list(FeedPaperSource().read(io.BytesIO(data), name="x"))
