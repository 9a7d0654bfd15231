"""What arXiv's Atom must hold whatever a paper lacks; the whole form is tested in test_arxiv.py."""

from __future__ import annotations

from datetime import date

import feedparser
import pytest
from django.test import RequestFactory
from lxml import etree

from coolpapers.api.arxiv.feed import QueryFeed, write_error, write_feed
from coolpapers.api.errors import BadParameter, BadQuery
from coolpapers.papers.lookup.selectors import papers_by_pks
from tests.coolpapers.papers.library import make_paper, make_venue_paper

NAMES = {"a": "http://www.w3.org/2005/Atom", "x": "http://arxiv.org/schemas/atom"}


@pytest.mark.django_db
def test_an_entry_of_a_minimal_paper_has_the_elements_that_atom_requires(rf: RequestFactory) -> None:
    bare = make_venue_paper("a", authors=[], year=1066, abstract="")
    full = make_paper(day=date(7, 1, 2))
    feed = QueryFeed("t", 2, 0, 10, papers_by_pks([bare.pk, full.pk]))
    root = etree.fromstring(write_feed(rf.get("/api/query"), feed))
    for entry in root.findall("a:entry", NAMES):
        for name in ("id", "title", "updated", "published", "author/a:name", "summary"):
            assert entry.find(f"a:{name}", NAMES) is not None, name
    stamps = [element.text for element in root.findall("a:entry/a:published", NAMES)]
    assert stamps == ["1066-01-01T00:00:00Z", "0007-01-02T00:00:00Z"]


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (BadParameter("start must be non-negative", where="start"), "start must be non-negative"),
        (BadQuery("No end.", where="q", position=6, cure="End it."), "No end at position 7 of q. End it."),
        (BadParameter("bad \x00 \ufffe", where="q"), "bad \ufffd \ufffd"),
    ],
)
def test_an_error_is_an_entry(rf: RequestFactory, error: BadParameter, summary: str) -> None:
    content = write_error(rf.get("/api/query?x=%00"), error)
    feed = feedparser.parse(content)
    assert not feed.bozo
    (entry,) = feed.entries
    assert (entry.title, entry.summary, entry.author) == ("Error", summary, "arXiv api core")
