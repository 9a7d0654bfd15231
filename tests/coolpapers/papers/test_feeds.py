from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
from django.test import Client
from lxml import etree

from coolpapers.papers.feeds import MIN_ENTRIES
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    etree.fromstring(response.content)  # well-formed, without feedparser's leniency
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.bozo_exception
    return feed


@pytest.mark.parametrize(("format_", "version"), [("", "atom10"), ("?format=rss", "rss20")])
@pytest.mark.parametrize(
    "address", ["/arxiv/cs.CL/feed", "/arxiv/cs.CL,cs.AI/feed", "/venue/ICLR.2025/feed", "/venue/ICLR/feed"]
)
def test_every_list_has_a_feed_that_parses(client: Client, address: str, format_: str, version: str) -> None:
    make_paper(title="A <b>bold</b> & $x<y$ title", abstract="1 < 2 & 3 > 2", authors=["Zoë Ü", "李雷"])
    make_venue_paper("a", title="A <b>bold</b> & $x<y$ title")
    feed = read(client, address + format_)
    assert feed.version == version
    assert [entry.title for entry in feed.entries] == ["A <b>bold</b> & $x<y$ title"]


def test_an_empty_list_has_a_valid_feed_that_stays_the_same(client: Client) -> None:
    first = client.get("/arxiv/cs.CL/feed")
    assert first.headers["ETag"] == client.get("/arxiv/cs.CL/feed").headers["ETag"]
    assert read(client, "/arxiv/cs.CL/feed").entries == []
    assert read(client, "/arxiv/cs.CL/feed?format=rss").entries == []


def test_entries_say_what_a_reader_needs(client: Client) -> None:
    make_paper(arxiv_id="2603.00001", abstract="We show $a < b$.", authors=["Ada Lovelace", "Alan Turing"])
    (entry,) = read(client, "/arxiv/cs.CL/feed").entries
    assert entry.link == "http://testserver/arxiv/2603.00001"
    assert entry.id == "tag:testserver,2000:arxiv:2603.00001"
    assert [author.name for author in entry.authors] == ["Ada Lovelace", "Alan Turing"]
    assert entry.summary == "We show $a &lt; b$."  # as HTML, which the feed says it is
    assert entry.summary_detail.type == "text/html"
    assert [tag.term for tag in entry.tags] == ["cs.CL"]
    assert entry.published == "2026-03-02T00:00:00+00:00"


# PRODUCT.md 9, case 16: readers notify by id.
def test_a_replacement_keeps_its_id_and_is_there_once(client: Client) -> None:
    paper = make_paper(categories=["cs.CL", "cs.AI"])
    before = read(client, "/arxiv/cs.CL,cs.AI/feed").entries
    Paper.objects.filter(pk=paper.pk).update(title="New version", updated=date(2026, 4, 1))
    after = read(client, "/arxiv/cs.CL,cs.AI/feed").entries
    assert [entry.id for entry in before] == [entry.id for entry in after]
    assert [(entry.title, entry.published) for entry in after] == [("New version", before[0].published)]
    assert after[0].updated == "2026-04-01T00:00:00+00:00"


def test_control_characters_do_not_break_a_feed(client: Client) -> None:
    make_paper(title="Bell \x07 and \x0c feed", abstract="\x01 \ufffe", authors=["A\x00B"])
    (entry,) = read(client, "/arxiv/cs.CL/feed").entries
    assert entry.title == "Bell � and � feed"
    assert len(read(client, "/arxiv/cs.CL/feed?format=rss").entries) == 1


def test_a_busy_day_is_whole(client: Client) -> None:
    for number in range(MIN_ENTRIES + 20):
        make_paper(day=TUESDAY, title=f"T{number}")
    make_paper(day=MONDAY)
    assert len(read(client, "/arxiv/cs.CL/feed").entries) == MIN_ENTRIES + 20


def test_a_quiet_list_reaches_back(client: Client) -> None:
    for number in range(5):
        make_paper(day=MONDAY - timedelta(days=number))
    assert len(read(client, "/arxiv/cs.CL/feed").entries) == 5
    assert len(read(client, "/arxiv/cs.CL/feed?date=2026-03-01").entries) == 1
    assert len(read(client, "/arxiv/cs.CL/feed?from=2026-02-28&to=2026-03-01").entries) == 2


def test_an_unchanged_feed_is_304(client: Client) -> None:
    make_paper()
    first = client.get("/arxiv/cs.CL/feed")
    again = client.get("/arxiv/cs.CL/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    by_date = client.get("/arxiv/cs.CL/feed", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert by_date.status_code == 304
    make_paper(categories=["cs.AI"])
    elsewhere = client.get("/arxiv/cs.CL/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert elsewhere.status_code == 304
    make_paper()
    changed = client.get("/arxiv/cs.CL/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_track_has_its_feed(client: Client) -> None:
    make_venue_paper("a", track="Oral")
    make_venue_paper("b", track="Poster")
    feed = read(client, "/venue/ICLR.2025/feed?group=Oral")
    assert len(feed.entries) == 1
    assert feed.feed.title == "ICLR 2025 Oral"
    assert feed.feed.link == "http://testserver/venue/ICLR.2025?group=Oral"


@pytest.mark.parametrize("address", ["/arxiv/cs.XX/feed", "/venue/Nowhere/feed", "/arxiv/2603.00001/feed"])
def test_no_list_no_feed(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_feed_takes_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(40):
        make_paper()
    with django_assert_max_num_queries(12):
        read(client, "/arxiv/cs.CL/feed")
