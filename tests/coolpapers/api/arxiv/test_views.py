"""Programs written for arXiv's API, with another base address: the ``arxiv`` package and feedparser themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import arxiv
import feedparser
import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from coolpapers.papers.harvesting.arxiv_query import query_arxiv
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.models import Paper, PaperVersion
from coolpapers.papers.records.record import Record
from tests.coolpapers.papers.harvesting.oai_server import Clock
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def fill() -> None:
    """Twelve papers about graphs, one a day, the fourth in two versions and with all that arXiv says of a paper."""
    for number in range(1, 13):
        make_paper(
            arxiv_id=f"2603.{number:05}",
            title=f"Graph {number}: $a<b$ & more",
            authors=["Ada Lovelace", f"Zoë Ü{number}"],
            day=date(2026, 3, number),
            categories=["cs.LG", "cs.CL"] if number % 2 else ["math.CO"],
            comment="12 pages" if number == 4 else "",
            journal_ref="J. Graphs 4 (2026)" if number == 4 else "",
            doi="10.1000/graph.4" if number == 4 else "",
        )
    fourth = Paper.objects.get(arxiv_id="2603.00004")
    fourth.updated = date(2026, 5, 1)
    fourth.save()
    for number, day in ((1, date(2026, 3, 4)), (2, date(2026, 5, 1))):
        PaperVersion.objects.create(paper=fourth, number=number, date=day)
    make_paper(arxiv_id="hep-th/9901001", title="Strings", day=date(1999, 1, 2), categories=["hep-th"])


@pytest.fixture
def graphs(index_papers: Callable[[], None], settings: Any) -> None:
    settings.API_RATE = 0
    fill()
    index_papers()


# ---- the arxiv package ---------------------------------------------------------------------------------


@pytest.fixture
def package(server_url: str, graphs: None) -> Iterator[arxiv.Client]:
    """The package's client with nothing changed but the base address (and no pause between its questions)."""
    client = arxiv.Client(page_size=5, delay_seconds=0, num_retries=0)
    client.query_url_format = f"{server_url}/api/query?{{}}"
    yield client
    client._session.close()


def test_the_arxiv_package_reads_a_paper_with_everything(package: arxiv.Client) -> None:
    (found,) = package.results(arxiv.Search(id_list=["2603.00004"]))
    assert found.entry_id == "http://arxiv.org/abs/2603.00004v2"
    assert found.get_short_id() == "2603.00004v2"
    assert found.title == "Graph 4: $a<b$ & more"
    assert [str(author) for author in found.authors] == ["Ada Lovelace", "Zoë Ü4"]
    assert found.summary == "We parse text with a network."
    assert (found.comment, found.journal_ref, found.doi) == ("12 pages", "J. Graphs 4 (2026)", "10.1000/graph.4")
    assert (found.primary_category, found.categories) == ("math.CO", ["math.CO"])
    assert found.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert found.updated == datetime(2026, 5, 1, tzinfo=UTC)
    assert found.pdf_url == "https://arxiv.org/pdf/2603.00004"


def test_the_arxiv_package_pages_to_the_end(package: arxiv.Client) -> None:
    search = arxiv.Search("ti:graph", max_results=None, sort_by=arxiv.SortCriterion.SubmittedDate)
    found = [one.get_short_id() for one in package.results(search)]
    assert found == [f"2603.{number:05}v{2 if number == 4 else 1}" for number in range(12, 0, -1)]
    search.sort_order = arxiv.SortOrder.Ascending
    assert [one.get_short_id() for one in package.results(search)] == found[::-1]
    assert [one.get_short_id() for one in package.results(search, offset=7)] == found[::-1][7:]


def test_the_arxiv_package_sorts_and_searches(package: arxiv.Client) -> None:
    updated = arxiv.Search("cat:math.CO", max_results=2, sort_by=arxiv.SortCriterion.LastUpdatedDate)
    assert [one.get_short_id() for one in package.results(updated)] == ["2603.00004v2", "2603.00012v1"]
    by_author = arxiv.Search("au:lovelace AND submittedDate:[202603020000 TO 202603032359]")
    assert {one.get_short_id() for one in package.results(by_author)} == {"2603.00002v1", "2603.00003v1"}
    without = arxiv.Search("all:graph ANDNOT cat:math.CO", max_results=100)
    assert len(list(package.results(without))) == 6


def test_the_arxiv_package_with_ids(package: arxiv.Client) -> None:
    ids = ["hep-th/9901001", "2603.00002v1", "2603.99999", "2603.00001"]
    assert [one.get_short_id() for one in package.results(arxiv.Search(id_list=ids))] == [
        "hep-th/9901001v1",
        "2603.00002v1",
        "2603.00001v1",
    ]
    both = arxiv.Search("ti:graph", id_list=ids)
    assert {one.get_short_id() for one in package.results(both)} == {"2603.00002v1", "2603.00001v1"}
    many = arxiv.Search(id_list=[f"2603.{number:05}" for number in range(1, 13)])
    assert len(list(package.results(many))) == 12


def test_the_arxiv_package_finds_nothing(package: arxiv.Client) -> None:
    assert list(package.results(arxiv.Search("ti:zebra"))) == []
    assert list(package.results(arxiv.Search("ti:graph AND ti:zebra"))) == []  # never papers with some of the words
    assert list(package.results(arxiv.Search(id_list=["2603.99999"]))) == []


def test_the_arxiv_package_gets_the_error_of_a_bad_query(package: arxiv.Client) -> None:
    with pytest.raises(arxiv.HTTPError) as caught:
        list(package.results(arxiv.Search('ti:"graph')))
    assert caught.value.status == 400


def test_our_own_reader_of_arxivs_api_reads_us(server_url: str, graphs: None) -> None:
    ids = ["2603.00004", "hep-th/9901001", "2603.99999"]
    with PoliteClient(timing=Clock().timing) as client:
        items = list(query_arxiv(ids, client=client, url=f"{server_url}/api/query"))
    records = [item for item in items if isinstance(item, Record)]
    assert [record.title for record in records] == ["Graph 4: $a<b$ & more", "Strings"]
    assert len(items) == 3


# ---- feedparser and the form -----------------------------------------------------------------------------


def parse(client: Client, parameters: dict[str, str], *, status: int = 200) -> Any:
    response = client.get("/api/query", parameters)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    etree.fromstring(response.content)
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.bozo_exception
    return feed


def test_feedparser_reads_counts_and_arxivs_elements(client: Client, graphs: None) -> None:
    feed = parse(client, {"search_query": "cat:math.CO", "start": "2", "max_results": "3", "sortBy": "submittedDate"})
    counts = feed.feed.opensearch_totalresults, feed.feed.opensearch_startindex, feed.feed.opensearch_itemsperpage
    assert counts == ("6", "2", "3")
    assert [entry.title for entry in feed.entries] == [f"Graph {number}: $a<b$ & more" for number in (8, 6, 4)]
    entry = feed.entries[2]
    assert entry.arxiv_primary_category["term"] == "math.CO"
    assert (entry.arxiv_comment, entry.arxiv_journal_ref, entry.arxiv_doi) == (
        "12 pages",
        "J. Graphs 4 (2026)",
        "10.1000/graph.4",
    )
    assert entry.link == "http://testserver/arxiv/2603.00004"
    assert [one.rel for one in entry.links] == ["alternate", "related", "related"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"id_list": "1234.1234567"}, "incorrect id format for 1234.1234567"),
        ({"search_query": "ti:graph", "start": "-1"}, "start must be non-negative"),
        ({"search_query": "ti:graph", "start": "many"}, "start must be an integer"),
        ({"search_query": "ti:graph", "start": "1000000000000"}, "start must be at most 300000"),
        ({"search_query": "ti:graph", "max_results": "2001"}, "max_results must be at most 2000"),
        ({"search_query": "ti:graph", "sortBy": "stars"}, "sortBy must be in"),
        ({"search_query": "ti:graph", "sortOrder": "up"}, "sortOrder must be in"),
        ({"id_list": ",".join(["2603.00001"] * 10_000)}, "at most 2000 ids"),
        ({"search_query": 'ti:"graph'}, "at position 4 of search_query"),
    ],
)
def test_errors_have_arxivs_form(client: Client, graphs: None, parameters: dict[str, str], words: str) -> None:
    feed = parse(client, parameters, status=400)
    (entry,) = feed.entries
    assert entry.title == "Error"
    assert words in entry.summary
    assert entry.id.startswith("http://arxiv.org/api/errors#")


def test_plus_signs_and_defaults_as_in_arxivs_manual(client: Client, graphs: None) -> None:
    response = client.get("/api/query?search_query=au:lovelace+AND+ti:graph")
    feed = feedparser.parse(response.content)
    assert (len(feed.entries), feed.feed.opensearch_totalresults) == (10, "12")
    assert feedparser.parse(client.get("/api/query").content).feed.opensearch_totalresults == "0"
    none = feedparser.parse(client.get("/api/query?search_query=ti:graph&max_results=0").content)
    assert (len(none.entries), none.feed.opensearch_totalresults) == (0, "12")


def test_long_lists_of_ids_come_by_post_without_a_form_token(graphs: None) -> None:
    client = Client(enforce_csrf_checks=True)
    ids = ",".join(f"2603.{number:05}" for number in range(1, 2001))
    response = client.post("/api/query", {"id_list": ids, "max_results": "2000"})
    assert len(feedparser.parse(response.content).entries) == 12
    assert client.delete("/api/query").status_code == 405


def test_papers_of_a_venue_and_characters_that_xml_cannot_hold(
    client: Client, index_papers: Callable[[], None], settings: Any
) -> None:
    settings.API_RATE = 0
    make_venue_paper("a", title="Bell \x07 trees", authors=[], year=None, announced=None)
    make_paper(title="Old trees", day=None, authors=["A\x00B"])
    index_papers()
    feed = parse(client, {"search_query": "ti:trees"})
    assert {entry.title for entry in feed.entries} == {"Bell \ufffd trees", "Old trees"}
    assert {entry.id for entry in feed.entries} >= {"http://testserver/venue/a@OpenReview"}


def test_without_an_index_and_too_often(client: Client, own_index: object, settings: Any) -> None:
    settings.API_RATE = 1
    assert parse(client, {"search_query": "ti:graph"}, status=503).entries[0].title == "Error"
    response = client.get("/api/query", {"search_query": "ti:graph"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    values=st.dictionaries(
        st.sampled_from(["search_query", "id_list", "start", "max_results", "sortBy", "sortOrder"]),
        st.text(max_size=30),
        max_size=4,
    )
)
def test_any_text_is_answered_with_a_feed(client: Client, graphs: None, values: dict[str, str]) -> None:
    response = client.get("/api/query", values)
    assert response.status_code in (200, 400)
    etree.fromstring(response.content)
