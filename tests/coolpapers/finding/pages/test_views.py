"""Pages of searching."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import feedparser
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from coolpapers.papers.models import Paper, PaperSource
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2603.00001", title="Graph neural networks", day=MONDAY, categories=["cs.LG", "cs.CL"])
    make_paper(arxiv_id="2603.00002", title="Trees and graphs", day=WEDNESDAY, authors=["Geoffrey Hinton"])
    make_paper(arxiv_id="2603.00003", title="Non-invasive sensing", day=TUESDAY, abstract="Sensing of graphs, say.")
    paper = make_venue_paper("2020.acl-main.1", source="acl", venue="ACL", year=2020, title="An anthology of parsing")
    PaperSource.objects.filter(paper=paper).update(page_url="https://aclanthology.org/2020.acl-main.1/")
    index_papers()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/search?q=neural", ["Graph neural networks"]),
        ("/search?query=neural", ["Graph neural networks"]),
        ("/search/?q=neural", ["Graph neural networks"]),
        ("/arxiv/search?query=neural", ["Graph neural networks"]),
        ("/venue/search?q=neural", ["Graph neural networks"]),
        ("/search?q=non+invasive", ["Non-invasive sensing"]),
        ("/search?q=au:Hinton", ["Trees and graphs"]),
        ("/search?q=graphs&sort=newest", ["Trees and graphs", "Non-invasive sensing", "Graph neural networks"]),
        ("/search?q=graphs&sort=oldest", ["Graph neural networks", "Non-invasive sensing", "Trees and graphs"]),
        ("/search?q=graphs&sort=oldest&show=1&skip=1", ["Non-invasive sensing"]),
        ("/search?q=graphs&category=cs.LG", ["Graph neural networks"]),
        ("/search?category=cs.LG", ["Graph neural networks"]),
        ("/search?venue=ACL+2020", ["An anthology of parsing"]),
        ("/search?year=2020", ["An anthology of parsing"]),
        ("/search?q=graphs&from=2026-03-03&to=2026-03-03", ["Non-invasive sensing"]),
        ("/search?q=anthology", ["An anthology of parsing"]),
    ],
)
def test_search_addresses(client: Client, address: str, shown: list[str]) -> None:
    assert titles(get(client, address)) == shown


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("pasted", "place"),
    [
        ("2603.00001", "/arxiv/2603.00001"),
        ("arXiv:2603.00001v2", "/arxiv/2603.00001"),
        ("https://arxiv.org/abs/2603.00001", "/arxiv/2603.00001"),
        ("https://aclanthology.org/2020.acl-main.1/", "/venue/2020.acl-main.1@ACL"),
        ("2603.00001, 2603.00002", "/arxiv/2603.00001,2603.00002"),
        ("2603.00001 2020.acl-main.1", "/venue/2603.00001@arXiv,2020.acl-main.1@ACL"),
    ],
)
def test_pasted_identifiers_lead_to_their_papers(client: Client, pasted: str, place: str) -> None:
    response = client.get("/search", {"q": pasted})
    assert (response.status_code, response.headers["Location"]) == (302, place)
    assert client.get(place).status_code == 200


@pytest.mark.usefixtures("library")
def test_an_identifier_that_we_lack_is_said(client: Client) -> None:
    assert "“2603.99999” is not in this library." in get(client, "/search?q=2603.99999")


@pytest.mark.usefixtures("library")
def test_relaxation_and_corrections_are_announced(client: Client) -> None:
    html = get(client, "/search?q=graph+zebra")
    assert "No paper contains all of these words" in html
    assert len(titles(html)) > 0
    assert "Did you mean" in get(client, "/search?q=nueral")


@pytest.mark.usefixtures("library")
def test_a_query_that_does_not_parse_is_searched_as_words(client: Client) -> None:
    html = get(client, '/search?q="neural+networks')
    assert titles(html) == ["Graph neural networks"]
    assert 'class="notes"' in html


@pytest.mark.usefixtures("library")
def test_words_found_are_marked_and_text_stays_escaped(client: Client, index_papers: Callable[[], None]) -> None:
    make_paper(title="<script>alert(1)</script> zebra", abstract="A zebra & <b>")
    index_papers()
    html = get(client, "/search?q=zebra")
    assert "<mark>zebra</mark>" in html
    assert "<script>alert" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.usefixtures("library")
def test_facets_show_counts_and_can_be_taken_back(client: Client) -> None:
    html = get(client, "/search?q=graphs&sort=newest&skip=0")
    assert 'href="?q=graphs&amp;sort=newest&amp;category=cs.LG"' in html
    chosen = get(client, "/search?q=graphs&category=cs.LG")
    assert re.search(r'class="remove" href="\?q=graphs"', chosen)


# PRODUCT.md 9, cases 7 and 8.
def test_paging_keeps_sort_and_filters_over_all_hits(client: Client, index_papers: Callable[[], None]) -> None:
    days = [MONDAY, TUESDAY, WEDNESDAY]
    for number in range(60):
        make_paper(title=f"Zebra {number:02}", day=days[number % 3], categories=["cs.CL"])
    make_paper(title="Zebra elsewhere", categories=["cs.AI"])
    index_papers()
    shown: list[str] = []
    address: str | None = "/search?q=zebra&sort=oldest&category=cs.CL"
    while address:
        html = get(client, address)
        shown += titles(html)
        following = re.search(r'<a rel="next" href="([^"]+)">Next', html)
        address = following[1].replace("&amp;", "&") if following else None
    assert len(shown) == len(set(shown)) == 60
    assert {title[-2:] for title in shown[:20]} == {f"{number:02}" for number in range(0, 60, 3)}


def test_htmx_gets_the_next_cards_only(client: Client, index_papers: Callable[[], None]) -> None:
    for _ in range(30):
        make_paper(title="Zebra")
    index_papers()
    more = re.search(r'more-trigger" hx-get="([^"]+)"', get(client, "/search?q=zebra"))
    assert more is not None
    fragment = get(client, more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert (len(titles(fragment)), "<html" in fragment) == (5, False)


@pytest.mark.usefixtures("library")
def test_past_the_end_the_page_leads_back(client: Client) -> None:
    for skip in ("1000000000000", "9" * 30):
        assert "this page is past its end" in get(client, f"/search?q=graphs&skip={skip}")
    html = get(client, "/search?q=graphs&skip=1000000000000")
    assert "this page is past its end" in html


@pytest.mark.usefixtures("library")
def test_a_search_takes_at_most_twelve_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        get(client, "/search?q=graphs")


@pytest.mark.usefixtures("library")
def test_a_paper_deleted_since_it_was_indexed_is_left_out(client: Client) -> None:
    Paper.objects.get(arxiv_id="2603.00002").delete()
    assert titles(get(client, "/search?q=graphs&sort=newest")) == ["Non-invasive sensing", "Graph neural networks"]


def test_an_empty_search_explains_the_language(client: Client) -> None:
    assert "How to search" in get(client, "/search")
    assert "How to search" in get(client, "/search?q=")


@pytest.mark.usefixtures("own_index")
@pytest.mark.parametrize("address", ["/search?q=graphs", "/search/feed?q=graphs"])
def test_a_missing_index_is_503_with_the_command_that_mends_it(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert b"manage.py update_index" in response.content


# PRODUCT.md 9, case 2.
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("text", ["-", '"', "(", "a", "C++ & <b>{}[]()^~*?", "AND", "NOT", "ti:", "*", "(" * 10_000])
def test_odd_queries_get_a_page(client: Client, text: str) -> None:
    assert client.get("/search", {"q": text}).status_code == 200


@pytest.mark.usefixtures("library")
def test_ten_thousand_terms_get_a_page_that_says_so(client: Client) -> None:
    html = get(client, "/search?q=" + "+".join(f"word{number}" for number in range(10_000)))
    assert 'class="notes"' in html


@pytest.mark.usefixtures("library")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=80)
@given(st.binary(max_size=60))
def test_any_bytes_get_a_page(client: Client, data: bytes) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in data)
    for address in (
        f"/search?q={encoded}",
        f"/search?q=x&category={encoded}&year={encoded}",
        f"/search/suggest?q={encoded}",
    ):
        assert client.get(address).status_code in (200, 302)


@pytest.mark.usefixtures("library")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=80)
@given(st.text(max_size=80))
def test_any_text_gets_a_page(client: Client, text: str) -> None:
    assert client.get("/search", {"q": text}).status_code in (200, 302)


# ---- feed, suggestions, description -----------------------------------------------------------------------


# PRODUCT.md 9, case 25.
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["/search/feed?q=graphs", "/arxiv/search/feed?query=graphs&format=rss"])
def test_the_feed_of_a_search_parses_strictly_and_is_newest_first(client: Client, address: str) -> None:
    response = client.get(address)
    etree.fromstring(response.content)
    feed = feedparser.parse(response.content)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [
        "Trees and graphs",
        "Non-invasive sensing",
        "Graph neural networks",
    ]
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("text", ['"', "(", "<&>\x00\x0b", "]]>"])
def test_the_feed_of_an_odd_search_parses(client: Client, text: str) -> None:
    feed = feedparser.parse(client.get("/search/feed", {"q": text}).content)
    assert not feed.bozo


@pytest.mark.usefixtures("library")
def test_results_announce_their_feed(client: Client) -> None:
    html = get(client, "/search?q=graphs&skip=0&category=cs.LG")
    assert 'type="application/atom+xml" title="This search" href="/search/feed?q=graphs&amp;category=cs.LG"' in html
    address = "/search/feed?q=graphs&amp;category=cs.LG&amp;format=rss"
    assert f'type="application/rss+xml" title="This search (RSS)" href="{address}"' in html


@pytest.mark.usefixtures("library")
def test_a_feed_waits_for_a_paper_with_all_words(client: Client) -> None:
    assert feedparser.parse(client.get("/search/feed?q=graph+zebra").content).entries == []
    assert "papers that contain some" in get(client, "/search?q=graph+zebra")


@pytest.mark.usefixtures("library")
def test_suggestions_are_in_opensearch_form(client: Client) -> None:
    response = client.get("/search/suggest?q=graph+neu")
    assert response.headers["Content-Type"] == "application/x-suggestions+json"
    text, texts, words, paths = json.loads(response.content)
    assert text == "graph neu"
    assert len(texts) == len(words) == len(paths) > 0
    assert "/arxiv/2603.00001" in paths


OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
# OpenSearch 1.1 draft 6: how often an element may stand in a description.
OCCURS = {
    "ShortName": (1, 1), "Description": (1, 1), "Url": (1, 99), "Contact": (0, 1), "Tags": (0, 1), "LongName": (0, 1),
    "Image": (0, 99), "Query": (0, 99), "Developer": (0, 1), "Attribution": (0, 1), "SyndicationRight": (0, 1),
    "AdultContent": (0, 1), "Language": (0, 99), "InputEncoding": (0, 99), "OutputEncoding": (0, 99),
}  # fmt: skip


def test_browsers_learn_to_search_here(client: Client, settings: Any) -> None:
    settings.SITE_NAME = "Papers of the <Institute> & friends"
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"] == "application/opensearchdescription+xml"
    root = etree.fromstring(response.content)
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    names = [element.tag.removeprefix(OPENSEARCH) for element in root]
    for name, (least, most) in OCCURS.items():
        assert least <= names.count(name) <= most, name
    assert set(names) <= set(OCCURS)
    assert 0 < len(root.findtext(f"{OPENSEARCH}ShortName") or "") <= 16
    assert 0 < len(root.findtext(f"{OPENSEARCH}Description") or "") <= 1024


@pytest.mark.usefixtures("library")
def test_every_address_of_the_description_works_with_and_without_its_optional_parts(client: Client) -> None:
    root = etree.fromstring(client.get("/opensearch.xml").content)
    kinds = {}
    for url in root.findall(f"{OPENSEARCH}Url"):
        template = url.get("template") or ""
        kinds[url.get("type")] = template
        assert template.startswith("http://testserver/")
        bare = re.sub(r"\{\w+\?\}", "", template).replace("{searchTerms}", "graphs")
        full = template.replace("{searchTerms}", "graphs").replace("{startIndex?}", url.get("indexOffset", "1"))
        for address in (bare, full.replace("{count?}", "1")):
            assert "{" not in address
            response = client.get(address.removeprefix("http://testserver"))
            assert response.status_code == 200
            assert response.headers["Content-Type"].split(";")[0] == url.get("type")
    assert set(kinds) == {
        "text/html",
        "application/x-suggestions+json",
        "application/atom+xml",
        "application/rss+xml",
        "application/opensearchdescription+xml",
    }


def test_the_description_is_announced_on_every_page(client: Client) -> None:
    assert 'rel="search"' in get(client, "/")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("density", "n_marked"), [("list", 1), ("compact", 2), ("full", 2)])
def test_each_density_marks_the_words_that_it_shows(client: Client, density: str, n_marked: int) -> None:
    html = get(client, f"/search?q=sensing&density={density}")
    assert len(re.findall("<mark>(?:S|s)ensing</mark>", html)) >= n_marked
    assert ("<mark>Sensing</mark> of graphs" in html) is (density != "list")
