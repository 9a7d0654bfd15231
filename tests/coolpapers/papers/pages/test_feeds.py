from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import feedparser
import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree, html

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.feeds import MIN_ENTRIES
from coolpapers.papers.sources.jsonl import JsonLinesSource
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper
from tests.xpath import strings

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


def test_entries_say_what_a_reader_needs(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://papers.example:8443/sub"
    make_paper(arxiv_id="2603.00001", abstract="We show $a < b$.", authors=["Ada Lovelace", "Alan Turing"])
    (entry,) = read(client, "/arxiv/cs.CL/feed").entries
    assert entry.link == "http://testserver/arxiv/2603.00001"
    assert entry.id == "tag:papers.example,2000:arxiv:2603.00001"
    assert [author.name for author in entry.authors] == ["Ada Lovelace", "Alan Turing"]
    assert entry.summary == "We show $a &lt; b$."  # as HTML, which the feed says it is
    assert entry.summary_detail.type == "text/html"
    assert [tag.term for tag in entry.tags] == ["cs.CL"]
    assert entry.published == "2026-03-02T00:00:00+00:00"


# PRODUCT.md 9, case 16: readers notify by id, and some by date.
@pytest.mark.parametrize("format_", ["", "&format=rss"])
def test_a_replacement_changes_the_text_and_notifies_nobody(client: Client, format_: str) -> None:
    record = {"id": "arxiv:2603.00001", "title": "First", "authors": ["Ada"], "categories": ["cs.CL", "cs.AI"]}
    import_lines([{**record, "date": "2026-03-02"}])
    address = f"/arxiv/cs.CL,cs.AI/feed?x=1{format_}"
    (before,) = read(client, address).entries
    import_lines([{**record, "title": "Second", "announced": "2026-04-01", "updated": "2026-04-01"}])
    (after,) = read(client, address).entries
    assert (before.title, after.title) == ("First", "Second")
    assert (before.id, before.published) == (after.id, after.published)
    assert dict(before).get("updated") == dict(after).get("updated")


@pytest.mark.parametrize("format_", ["", "?format=rss"])
def test_a_work_met_again_elsewhere_stays_one_entry(client: Client, format_: str) -> None:
    work = {"title": "Trees of graphs", "authors": ["Ada Lovelace"], "doi": "10.1000/abc", "categories": ["cs.CL"]}
    import_lines([{**work, "id": "arxiv:2603.00001", "date": "2026-03-02"}])
    (before,) = read(client, f"/arxiv/cs.CL/feed{format_}").entries
    import_lines([{**work, "id": "acl:2026.acl-main.1", "date": "2026-07-02", "venue": "ACL 2026"}])
    (after,) = read(client, f"/arxiv/cs.CL/feed{format_}").entries
    assert (before.id, before.published) == (after.id, after.published)


def import_lines(records: list[dict[str, object]]) -> None:
    stream = BytesIO("\n".join(map(json.dumps, records)).encode())
    report = upsert_records(JsonLinesSource().read(stream, name="test"))
    assert report.added + report.changed == len(records)


def test_ids_are_uris_and_do_not_move_with_the_address_of_the_site(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    odd = make_venue_paper("a")
    Paper.objects.filter(pk=odd.pk).update(key='file:Müller "draft" <1>.pdf')
    ids = set()
    for host in ("testserver", "papers.example:8443", "[::1]:8000"):
        response = client.get("/venue/ICLR.2025/feed", headers={"Host": host})
        (entry,) = feedparser.parse(response.content).entries
        ids.add(entry.id)
    assert ids == {"tag:localhost,2000:file:M%C3%BCller%20%22draft%22%20%3C1%3E.pdf"}


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


@pytest.mark.parametrize("address", ["/arxiv/cs.CL/feed", "/venue/ICLR.2025/feed?format=rss"])
def test_who_has_a_feed_is_told_so_without_reading_it(
    client: Client, address: str, django_assert_num_queries: Any
) -> None:
    make_paper()
    make_venue_paper("a")
    first = client.get(address)
    with django_assert_num_queries(1):  # whether the library is still the same
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (304, first.headers["ETag"])
    assert client.get(address).content == first.content
    assert client.get(address, headers={"If-None-Match": '"other"'}).content == first.content
    other_language = client.get(address, headers={"If-None-Match": '"other"', "Accept-Language": "zh-hans"})
    assert other_language.status_code == 200
    make_paper()
    make_venue_paper("b")
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("/", "/arxiv/all/feed"),
        ("/arxiv/cs.CL", "/arxiv/cs.CL/feed"),
        ("/arxiv/cs.CL?date=2026-03-02", "/arxiv/cs.CL/feed"),
        ("/venue/ICLR.2025?group=Oral", "/venue/ICLR.2025/feed?group=Oral"),
    ],
)
def test_pages_announce_both_forms_of_their_feed(client: Client, address: str, feed: str) -> None:
    make_paper()
    make_venue_paper("a", track="Oral")
    page = html.fromstring(client.get(address).content)
    joint = "&" if "?" in feed else "?"
    for media_type, wanted in (("atom", feed), ("rss", f"{feed}{joint}format=rss")):
        (found,) = strings(page, f"//link[@rel='alternate'][@type='application/{media_type}+xml']/@href")
        assert found == wanted
        assert client.get(found).headers["Content-Type"] == f"application/{media_type}+xml; charset=utf-8"


def test_every_atom_entry_has_an_author_and_the_dates_that_atom_wants(client: Client) -> None:
    make_paper(authors=[])
    make_venue_paper("a", authors=[], announced=None)
    names = {"a": "http://www.w3.org/2005/Atom"}
    for address in ("/arxiv/cs.CL/feed", "/venue/ICLR.2025/feed"):
        root = etree.fromstring(client.get(address).content)
        assert root.find("a:author/a:name", names) is not None
        for name in ("id", "title", "updated"):
            assert root.find(f"a:{name}", names) is not None
            assert all(entry.find(f"a:{name}", names) is not None for entry in root.findall("a:entry", names))


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(title=st.text(min_size=1, max_size=40), author=st.text(min_size=1, max_size=20))
def test_any_text_makes_a_feed_that_strict_readers_take(client: Client, title: str, author: str) -> None:
    Paper.objects.all().delete()
    storable = [text.encode("utf-8", "replace").decode().replace("\0", "\1") for text in (title, author)]
    make_paper(title=storable[0], abstract=storable[0], authors=[storable[1]])
    for format_ in ("", "?format=rss"):
        assert len(read(client, f"/arxiv/cs.CL/feed{format_}").entries) == 1


@pytest.mark.parametrize("address", ["/arxiv/cs.CL/feed", "/venue/ICLR.2025/feed", "/search/feed?q=au:nobody"])
def test_who_asks_too_often_is_told_when_to_come_back(client: Client, settings: Any, address: str) -> None:
    make_paper(day=MONDAY)
    make_venue_paper("a")
    settings.FEED_RATE = 1
    client.get(address)
    response = client.get(address)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert client.get(address.split("/feed")[0]).status_code != 429  # pages have no such limit
