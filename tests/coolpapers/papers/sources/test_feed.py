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


def read_item(content: str, *, before: str = "", encoding: str = "utf-8") -> Record:
    """The paper of a feed with one item."""
    feed = f"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item>{content}</item></channel></rss>"
    (paper,) = FeedPaperSource().read(io.BytesIO((before + feed).encode(encoding)), name="x")
    assert isinstance(paper, Record)
    return paper


ITEM = "<title>On feeds</title><link>https://journal.example.org/1</link>"


@pytest.mark.parametrize(
    ("description", "abstract"),
    [
        ("A&nbsp;b &mdash; c &eacute;", "A b — c é"),
        ("R&D, A & B, a&b;", "R&D, A & B, a&b;"),
        ("&lt;p&gt;Fish &amp;amp; chips&lt;/p&gt;", "Fish & chips"),
        ("one\x0btwo&#11;three&#xFFFF;", "onetwothree"),
        ("<![CDATA[<p>A & B &nbsp; c</p>]]>", "A & B c"),
    ],
)
def test_text_that_a_template_forgot_to_escape_is_read(description: str, abstract: str) -> None:
    assert read_item(f"{ITEM}<description>{description}</description>").abstract == abstract


@pytest.mark.parametrize(
    ("before", "encoding"),
    [
        ("\n  <?xml version='1.0'?>", "utf-8"),
        ("\ufeff<?xml version='1.0' encoding='utf-8'?>", "utf-8"),
        ("<?xml version='1.0' encoding='utf-8'?>", "cp1252"),  # declared wrongly
        ("<?xml version='1.0' encoding='windows-1252'?>", "cp1252"),
        ("<?xml version='1.0' encoding='utf-16'?>", "utf-16"),
        ("<?xml version='1.0'?><!DOCTYPE rss PUBLIC '-//Netscape' 'http://my.netscape.com/rss.dtd'>", "utf-8"),
    ],
)
def test_a_feed_is_read_whatever_its_declaration(before: str, encoding: str) -> None:
    paper = read_item(f"{ITEM}<dc:creator>André Exämple</dc:creator>", before=before, encoding=encoding)
    assert paper.authors == ("André Exämple",)


@pytest.mark.parametrize(
    ("creators", "authors"),
    [
        (
            "<dc:creator>Ada Example, Bo van der Sample and Cy Third</dc:creator>",
            "Ada Example|Bo van der Sample|Cy Third",
        ),
        ("<dc:creator>Example, Jean-Pierre and Sample, Bo</dc:creator>", "Jean-Pierre Example|Bo Sample"),
        ("<dc:creator>Example, Ada, Sample, Bo</dc:creator>", "Ada Example|Bo Sample"),
        ("<dc:creator>Example, Ada; Sample, Bo</dc:creator>", "Ada Example|Bo Sample"),
        ("<author>ada@example.org (Ada Example)</author>", "Ada Example"),
        ("<author>ada@example.org</author>", ""),
    ],
)
def test_authors_are_told_apart(creators: str, authors: str) -> None:
    assert "|".join(read_item(ITEM + creators).authors) == authors


def test_entities_of_the_feed_itself_are_refused() -> None:
    data = b"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><item>&x;</item></channel></rss>"
    with pytest.raises(SourceFormatError, match="document type"):
        list(FeedPaperSource().read(io.BytesIO(data), name="x"))


@pytest.mark.parametrize("data", [b"", b"<html/>", b"<rss><channel>", b"not xml"])
def test_what_is_no_feed_is_an_error(data: bytes) -> None:
    with pytest.raises(SourceFormatError):
        list(FeedPaperSource().read(io.BytesIO(data), name="x"))
